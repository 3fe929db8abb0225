# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import AcmeCommon


@tagged("post_install", "-at_install")
class TestFirstSteps(AcmeCommon):
    """Odoo's onboarding of hierarchies: by company, for managers, and what empty screens say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "first-steps",
            groups="account.group_account_manager,base.group_partner_manager",
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )
        cls.onboarding = cls.env["onboarding.onboarding"].with_user(cls.manager)
        cls.steps = cls.env["onboarding.onboarding.step"].with_user(cls.manager)
        cls.all_branches = cls.env["res.partner"].search([("billing_parent_id", "!=", False)])
        cls.all_branches.billing_parent_access = "none"
        cls.other = cls.env["res.company"].create({"name": "No Steps Taken"})

    def _get_states(self, onboarding=None):
        """Return the states of the panel's steps in order."""
        panel = (self.onboarding if onboarding is None else onboarding).get_first_steps()
        return [step["state"] for step in panel["steps"]]

    def test_taken_steps_are_done(self):
        """What the company has already is done: its journal and its hierarchy."""
        states = self._get_states()
        self.assertEqual(states, ["just_done", "just_done", "not_done", "not_done"])
        self.assertEqual(self._get_states(), ["done", "done", "not_done", "not_done"])

    def test_all_steps_taken(self):
        """Consent and a settlement complete it: it says so once, and is gone after that."""
        self.north.billing_parent_access = "view"
        invoice = self._invoice(self.north, 100, due="2026-01-10")
        items = self._payment(self.hq, 100).move_id | invoice
        self._receivable_lines(items).reconcile()
        self.assertTrue(self.onboarding.get_first_steps()["done"])
        self.assertFalse(self.onboarding.get_first_steps())

    def test_each_company_closes_its_own(self):
        """Closed in one company, it is open in the other, where nothing was done yet."""
        self.onboarding.action_close_panel_first_steps()
        self.assertFalse(self.onboarding.get_first_steps())
        self.manager.company_ids |= self.other
        elsewhere = self.onboarding.with_company(self.other)
        self.all_branches.company_id = self.env.company
        self.assertEqual(self._get_states(elsewhere), ["not_done"] * 4)

    def test_only_managers(self):
        """Who can't take the steps sees no panel, and closes nothing."""
        user = new_test_user(self.env, "first-steps-user", groups="account.group_account_invoice")
        onboarding = self.env["onboarding.onboarding"].with_user(user)
        self.assertFalse(onboarding.get_first_steps())
        onboarding.action_close_panel_first_steps()
        self.assertTrue(self.onboarding.get_first_steps())

    def test_where_the_steps_lead(self):
        """Each step opens its screen; a company without a journal gets one."""
        company = self.env.company
        company.customer_settlement_journal_id = False
        opened = self.steps.action_open_step_settlement_journal()
        self.assertEqual(opened["res_id"], company.customer_settlement_journal_id.id)
        for method, model in (
            ("action_open_step_first_family", "customer.hierarchy.family"),
            ("action_open_step_consent", "res.partner"),
            ("action_open_step_first_settlement", "customer.to.settle"),
        ):
            self.assertEqual(getattr(self.steps, method)()["res_model"], model)

    def test_consent_looked_at_is_decided(self):
        """Who looks at consent and lets head offices see nothing has decided, too."""
        self.steps.action_open_step_consent()
        self.assertEqual(self._get_states()[2], "just_done")

    def test_closed_is_cheap(self):
        """A closed panel looks for nothing."""
        self.onboarding.action_close_panel_first_steps()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            self.onboarding.get_first_steps()

    def test_empty_hierarchies_lead_to_families(self):
        """The empty list of hierarchies says how many families were found, and leads to them."""
        for city in ("Lyon", "Metz"):
            self._create_customer(f"Soylent {city}", vat="BE0477472701", city=city)
        families = self.env["customer.hierarchy.family"]
        families.action_search()
        count = families.search_count([])
        self.assertGreater(count, 0)
        action = self.env.ref("customer_org.action_billing_hierarchy_all")
        text = action.read(["help", "context", "res_model"])[0]["help"]
        self.assertIn(f"{count} families found", text)
        target = self.env.ref("customer_org.action_customer_hierarchy_family")
        self.assertIn(f"/odoo/action-{target.id}", text)

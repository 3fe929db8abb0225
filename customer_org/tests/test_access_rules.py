# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import SettlementCommon

MUTED = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")

# Models of ours that show nothing of one company or user; docs/security.rst says the same.
WITHOUT_RULE = {
    "customer.group": "Shared by all companies, as pricelists without a company: its terms are per "
    "company and go by core's rules; its name is no secret to internal users.",
    "customer.deduction.reason": "A list of words, the same in all companies.",
    "customer.hierarchy.family": "A query over the suggestions that the user may see, by their "
    "rules.",
}


@tagged("post_install", "-at_install")
class TestAccessRules(SettlementCommon):
    """Every model of ours keeps companies and owners apart, those that will be added, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls._create_company(name="Other Company")
        cls.other = new_test_user(
            cls.env,
            "other",
            "account.group_account_manager,base.group_partner_manager",
            company_id=cls.other_company.id,
            company_ids=cls.other_company.ids,
        )
        cls.colleague = new_test_user(
            cls.env,
            "colleague",
            "account.group_account_manager,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def get_models(self):
        """Yield our models that have records."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._original_module.startswith("customer_org") and not model._abstract:
                yield model

    def get_rules(self, model):
        """Return the domains, as they are written, of the rules for everybody."""
        rules = self.env["ir.rule"].sudo()
        domain = [("model_id.model", "=", model._name), ("groups", "=", False)]
        return " ".join(rules.search([*domain, ("perm_read", "=", True)]).mapped("domain_force"))

    def test_owner_rules(self):
        """Transient records of ours are for who made them."""
        missing = [
            model._name
            for model in self.get_models()
            if model._transient and "create_uid" not in self.get_rules(model)
        ]
        self.assertFalse(
            missing,
            "Odoo has no owner rule for transient models: add one for each of these to "
            "security/owner_rules.xml, [('create_uid', '=', user.id)] without groups",
        )

    def test_company_rules(self):
        """Other records of ours are for users of their company."""
        missing = [
            model._name
            for model in self.get_models()
            if not model._transient
            and model._name not in WITHOUT_RULE
            and "company_id" not in self.get_rules(model)
        ]
        self.assertFalse(
            missing,
            "Add a rule without groups on the company for each of these to security/, or the "
            "reason why there is none to WITHOUT_RULE here and to docs/security.rst",
        )

    def test_transient_models_have_no_reader_besides(self):
        """No rule of a group widens what the owner's rule keeps."""
        for model in self.get_models():
            if model._transient:
                domain = self.env(user=self.colleague)["ir.rule"]._compute_domain(
                    model._name, "read"
                )
                self.assertIn("create_uid", str(domain), model._name)

    @mute_logger(*MUTED)
    def test_wizards_of_others(self):
        """Nobody reads, changes or posts what a colleague is about to settle."""
        self._payment(self.hq, 100.0)
        action = self.hq.action_settle_branches()
        wizard = self.env["customer.settlement.wizard"].browse(action["res_id"])
        others = wizard.with_user(self.colleague)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            others.read(["payer_id"])
        with self.assertRaises(AccessError):
            others.action_post()
        with self.assertRaises(AccessError):
            wizard.debt_ids.with_user(self.colleague).write({"amount": 1.0})
        statement = self.env["customer.statement.wizard"].create({"partner_ids": self.hq.ids})
        with self.assertRaises(AccessError):
            statement.with_user(self.colleague).read(["partner_ids"])

    @mute_logger(*MUTED)
    def test_private_hierarchy(self):
        """The structure of another company's private customers is not told, nor their names."""
        (self.hq | self.branches).company_id = self.company
        links = self.env["customer.hierarchy.link"]
        domain = [("ancestor_id", "=", self.hq.id)]
        self.assertEqual(links.with_user(self.colleague).search_count(domain), 5)
        self.assertFalse(links.with_user(self.other).search(domain))
        link = links.search(domain, limit=1)
        with self.assertRaises(AccessError):
            link.with_user(self.other).read(["descendant_id"])
        self.assertFalse(
            self.env["res.partner"]
            .with_user(self.other)
            .search([("billing_ancestor_link_ids.ancestor_id", "=", self.hq.id)])
        )

    @mute_logger(*MUTED)
    def test_shared_head_office_of_private_branches(self):
        """A head office that everybody sees has no branches for who may see none of them."""
        self.branches.company_id = self.company
        hq = self.hq.with_user(self.other)
        self.assertFalse(hq.billing_branch_count)
        self.assertFalse(hq.billing_child_ids)

    @mute_logger(*MUTED)
    def test_updates_of_groups(self):
        """Who was put into a group in another company is not told."""
        group = self.env["customer.group"].create({"name": "Gold"})
        self.north.company_id = self.company
        values = {"kind": "membership", "group_id": group.id}
        update = self.env["customer.group.update"]._start(values, self.north)
        self.assertTrue(update.line_ids)
        for records in (update, update.line_ids):
            with self.assertRaises(AccessError):
                records.with_user(self.other).read(["display_name"])

    @mute_logger(*MUTED)
    def test_statement_of_another_company(self):
        """A company's id in a statement wizard tells nobody outside who owes there."""
        wizards = self.env["customer.statement.wizard"].with_user(self.other)
        values = {"partner_ids": self.hq.ids, "include_branches": True, "only": "open"}
        with self.assertRaises(AccessError):
            wizards.create({**values, "company_id": self.company.id})
        wizard = wizards.create(values)
        wizard.company_id = self.company
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.action_view()

    @mute_logger(*MUTED)
    def test_settling_for_an_unreadable_payer(self):
        """The settlement wizard names no payer that the user may not read."""
        (self.hq | self.branches).company_id = self.company
        with self.assertRaises(AccessError):
            self.env["customer.settlement.wizard"].with_user(self.other).create(
                {"payer_id": self.hq.id}
            )
        with self.assertRaises(AccessError):
            self.env["customer.settlement.wizard"].with_user(self.colleague).create(
                {"payer_id": self.hq.id, "company_id": self.other_company.id}
            )

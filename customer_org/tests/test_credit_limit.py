# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import AcmeCommon


class CreditLimitCommon(AcmeCommon):
    """Acme HQ shares a limit of 50,000 with its branches; 43,000 of it are owed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.hq.write({"billing_share_credit_limit": True, "credit_limit": 50000})
        cls._invoice(cls.hq, 5000, due="2026-01-05")
        cls._invoice(cls.north, 20000, due="2026-01-10")
        cls.south.credit_limit = 30000
        cls._invoice(cls.south, 18000, due="2026-01-15")

    def _draft(self, partner, amount, **values):
        return partner.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-20",
                "invoice_line_ids": [
                    Command.create({"name": "Service", "price_unit": amount, "tax_ids": []})
                ],
                **values,
            }
        )

    def _get_warning(self, partner, amount):
        self.env.invalidate_all()
        return self._draft(partner, amount).partner_credit_warning

    def _assert_warning(self, partner, amount, *parts):
        warning = self._get_warning(partner, amount).replace("\N{NO-BREAK SPACE}", "")
        for part in parts:
            self.assertIn(part, warning)

    def _user(self, *groups):
        return new_test_user(self.env, f"credit {len(groups)} {groups[0]}", groups=",".join(groups))


@tagged("post_install", "-at_install")
class TestCreditLimit(CreditLimitCommon):
    """A head office's limit covers the branches, on top of core's own warning."""

    def test_scenario_17_on_an_invoice(self):
        self._assert_warning(self.south, 8000, "Acme HQ", "$50,000.00", "$51,000.00", "$1,000.00")
        self.assertNotIn("Acme S ", self._get_warning(self.south, 8000), "its own limit holds")

    def test_up_to_the_limit_nobody_is_warned(self):
        self.assertEqual(self._get_warning(self.south, 7000), "")

    def test_own_limit_still_warns(self):
        self.south.credit_limit = 20000
        warning = self._get_warning(self.south, 7000)
        self.assertIn("Acme S has reached its credit limit", warning)
        self.assertNotIn("Acme HQ", warning)
        both = self._get_warning(self.south, 8000)
        self.assertIn("Acme S has reached its credit limit", both)
        self.assertIn("Acme HQ", both)

    def test_head_office_is_warned_once(self):
        """Its limit is the shared one: one message, of the larger sum."""
        warning = self._get_warning(self.hq, 60000)
        self.assertNotIn("has reached its credit limit", warning)
        self._assert_warning(self.hq, 60000, "$103,000.00", "$53,000.00")

    def test_net_of_open_credits(self):
        """What the head office has paid and nobody has used makes room."""
        refund = self._draft(self.east, 1000, move_type="out_refund")
        refund.action_post()
        self.assertEqual(self._get_warning(self.south, 8000), "")

    def test_nearest_shared_limit_above_zero(self):
        below = self._create_customer("Acme S1", self.south)
        self._assert_warning(below, 8000, "Acme HQ", "$1,000.00")
        # Zero is no limit: the next above counts.
        self.south.write({"billing_share_credit_limit": True, "credit_limit": 0})
        self._assert_warning(below, 8000, "Acme HQ", "$1,000.00")
        self.south.credit_limit = 25000
        warning = self._get_warning(below, 8000)
        self.assertIn("Acme S ", warning)
        self.assertNotIn("Acme HQ", warning)

    def test_archived_branches_count(self):
        self.north.active = False
        self._assert_warning(self.south, 8000, "$51,000.00")

    def test_shared_by_nobody(self):
        self.hq.billing_share_credit_limit = False
        self.assertEqual(self._get_warning(self.south, 8000), "")

    def test_other_company_has_its_own_limit(self):
        other = self.setup_other_company()["company"]
        other.account_use_credit_limit = True
        here = self._draft(self.south, 80000)
        there = self._draft(self.south.with_company(other), 80000)
        self.assertEqual(there.company_id, other)
        self.assertIn("Acme HQ", here.partner_credit_warning)
        self.assertFalse(there.partner_credit_warning)
        self.hq.with_company(other).credit_limit = 79000
        there.invalidate_recordset()
        self.assertIn("1,000.00", there.partner_credit_warning)

    def test_ordinary_customer_costs_no_query(self):
        ordinary = self._create_customer("Ordinary")
        draft = self._draft(ordinary, 10)
        self.env.flush_all()
        self.env.invalidate_all()
        build = self.env["account.move"]._build_credit_warning_message
        build(draft, 10.0)  # Warm.
        with self.assertQueryCount(0):
            build(draft, 10.0)

    # Block

    def test_block(self):
        user = self._user("account.group_account_invoice")
        draft = self._draft(self.south, 8000)
        draft.with_user(user).action_post()
        self.assertEqual(draft.state, "posted", "a warning only")
        draft.button_draft()
        self.company.credit_limit_block = True
        self.env.invalidate_all()
        with self.assert_refused(UserError, "Acme HQ.*\n(.|\n)*administrator"):
            draft.with_user(user).action_post()
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.message_ids.filtered(lambda m: "credit limit" in (m.body or "")))

    def test_block_several_at_once(self):
        """Each alone would pass; together they do not."""
        self.company.credit_limit_block = True
        user = self._user("account.group_account_invoice")
        drafts = self._draft(self.south, 4000) | self._draft(self.north, 4000)
        with self.assert_refused(UserError, "Acme HQ"):
            drafts.with_user(user).action_post()
        self.assertEqual(set(drafts.mapped("state")), {"draft"})
        (drafts[0] | self._draft(self.north, 3000)).with_user(user).action_post()

    def test_block_overridden_and_logged(self):
        self.company.credit_limit_block = True
        manager = self._user("account.group_account_manager")
        draft = self._draft(self.south, 8000)
        draft.with_user(manager).action_post()
        self.assertEqual(draft.state, "posted")
        notes = draft.message_ids.filtered(lambda m: "beyond the credit limit" in (m.body or ""))
        self.assertEqual(notes.author_id, manager.partner_id)
        self.assertIn("Acme HQ", notes.body)

    def test_block_leaves_others_alone(self):
        self.company.credit_limit_block = True
        user = self._user("account.group_account_invoice")
        within = self._draft(self.south, 7000)
        within.with_user(user).action_post()
        refund = self._draft(self.south, 80000, move_type="out_refund")
        refund.with_user(user).action_post()
        notes = (within | refund).message_ids.mapped("body")
        self.assertFalse([note for note in notes if "credit limit" in (note or "")])
        self.company.account_use_credit_limit = False
        self._draft(self.north, 800000).with_user(user).action_post()

    def test_block_counts_credit_notes_posted_together(self):
        self.company.credit_limit_block = True
        user = self._user("account.group_account_invoice")
        drafts = self._draft(self.south, 8000) | self._draft(
            self.north, 1000, move_type="out_refund"
        )
        drafts.with_user(user).action_post()
        self.assertEqual(set(drafts.mapped("state")), {"posted"})

    def test_block_of_what_posts_itself(self):
        """Nobody has decided to exceed the limit: the draft stays, and says why."""
        self.company.credit_limit_block = True
        draft = self._draft(self.south, 8000, auto_post="at_date", date="2026-01-20")
        quiet = mute_logger("odoo.addons.base.models.ir_cron")  # "processed no record"
        with self.enter_registry_test_mode(), quiet:
            self.env.ref("account.ir_cron_auto_post_draft_entry").method_direct_trigger()
        self.assertEqual(draft.state, "draft")
        notes = draft.message_ids.filtered(lambda m: "Acme HQ" in (m.body or ""))
        self.assertTrue(notes)

    def test_limits_that_block_are_guarded(self):
        user = self._user("account.group_account_invoice", "base.group_partner_manager")
        self.south.with_user(user).credit_limit = 31000
        self.company.credit_limit_block = True
        self.south.with_user(user).credit_limit = 31000
        with self.assert_refused(AccessError, "while they block"):
            self.south.with_user(user).credit_limit = 10**9
        with self.assert_refused(AccessError, "while they block"):
            self.env["res.partner"].with_user(user).create({"name": "New", "credit_limit": 10**9})
        self.env["res.partner"].with_user(user).create({"name": "New"})
        manager = self._user("account.group_account_manager", "base.group_partner_manager")
        self.south.with_user(manager).credit_limit = 32000
        notes = self.south.message_ids.filtered(lambda m: "Credit limit" in (m.body or ""))
        self.assertEqual(notes.author_id, manager.partner_id)
        self.assertIn("31,000.00", notes.body)
        self.assertIn("32,000.00", notes.body)

    def test_items_of_contacts_count(self):
        """Money that came in under a contact's name makes room, and is in the total due."""
        jane = self.env["res.partner"].create({"name": "Jane", "parent_id": self.hq.id})
        due = self.hq.billing_total_due
        self._payment(jane, 1000)
        self.env.invalidate_all()
        self.assertEqual(self.hq.billing_total_due, due - 1000)
        self.assertEqual(self._get_warning(self.south, 8000), "")
        action = self.hq.action_open_billing_due()
        items = self.env["account.move.line"].search(action["domain"])
        self.assertEqual(sum(items.mapped("amount_residual")), due - 1000)

    def test_only_managers_share_a_limit(self):
        user = self._user("account.group_account_invoice", "base.group_partner_manager")
        with self.assertRaisesRegex(Exception, "Only invoicing administrators"):
            self.hq.with_user(user).billing_share_credit_limit = False

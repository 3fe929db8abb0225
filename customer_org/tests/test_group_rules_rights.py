# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .group_common import GroupCommon

RULE = "[('ref', '=', 'R1')]"


@tagged("post_install", "-at_install")
class TestGroupRulesRights(GroupCommon):
    """A membership rule finds what its writer may see, whoever applies it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company()["company"]
        cls.writer = cls._create_user(
            "rule writer", "account.group_account_manager,base.group_partner_manager"
        )
        cls.visible = cls._create_customer("Visible", ref="R1")
        cls.hidden = cls._create_customer("Hidden", ref="R1", company_id=cls.other_company.id)
        cls.env.user.company_ids |= cls.other_company

    def _write_rule(self, rule=RULE, user=None):
        self.resellers.with_user(user or self.writer).rule_domain = rule
        self.env.invalidate_all()

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_customer_group_rules").method_direct_trigger()
        self.env.invalidate_all()

    def _activities(self):
        return self.resellers.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("customer_org.mail_activity_rule_suspended")
            )
        )

    def test_cron(self):
        self._write_rule()
        self.assertEqual(self.resellers.rule_user_id, self.writer)
        self._run_cron()
        self.assertEqual(self.resellers.member_ids, self.visible)

    def test_button_and_preview_of_somebody_else(self):
        """Who may see more applies the rule of who may see less."""
        self._write_rule()
        group = self.resellers.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        self.assertIn("Join: 1", group.rule_preview)
        self.assertNotIn("Hidden", group.rule_preview)
        group.action_apply_rule()
        self.assertEqual(group.member_ids, self.visible)

    def test_preview_names_only_whom_the_reader_may_see(self):
        self._write_rule(user=self.env.user)
        preview = self.resellers.with_user(self.writer).rule_preview
        self.assertIn("Join: 2", preview)
        self.assertIn("Visible", preview)
        self.assertNotIn("Hidden", preview)

    def test_documents_of_another_company(self):
        """The rule asks for invoices: those of a company that its writer can't see don't count."""
        there = self.env["account.move"].with_company(self.other_company)
        invoice = there.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.ordinary.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create({"name": "Secret", "price_unit": 9000, "tax_ids": []})
                ],
            }
        )
        self.assertEqual(invoice.company_id, self.other_company)
        self._write_rule("[('invoice_ids.amount_untaxed', '>', 8000)]")
        self._run_cron()
        self.assertFalse(self.resellers.member_ids)

    def test_who_writes_as_whom(self):
        """No client says as whom; who saves the same rule again has not written it."""
        self._write_rule()
        for record in (self.resellers, self.env["customer.group"]):
            with self.assert_refused(AccessError, "as the user who wrote it"):
                vals = {"name": "X", "rule_domain": RULE, "rule_user_id": self.env.uid}
                record.write(vals) if record else record.create(vals)
        self.resellers.rule_domain = RULE
        self.assertEqual(self.resellers.rule_user_id, self.writer)
        self.resellers.rule_domain = "[('ref', '=', 'R2')]"
        self.assertEqual(self.resellers.rule_user_id, self.env.user)
        self.resellers.rule_domain = False
        self.assertFalse(self.resellers.rule_user_id)
        group = (
            self.env["customer.group"]
            .with_user(self.writer)
            .with_context(default_rule_user_id=self.env.uid)
            .create({"name": "Y", "rule_domain": RULE})
        )
        self.assertEqual(group.rule_user_id, self.writer)
        self.assertEqual(group.sudo().copy({"name": "Z"}).rule_user_id, self.writer)

    def test_writer_is_archived(self):
        """Suspended at once, with one activity; members stay, and nobody joins or leaves."""
        self._write_rule()
        self._run_cron()
        self.writer.active = False
        activity = self._activities()
        self.assertRegex(str(activity.note), "rule writer.*, who wrote it, is archived")
        self.visible.ref = False
        self.member.ref = "R1"
        self._run_cron()
        self.assertEqual(self.resellers.member_ids, self.visible)
        self.assertEqual(self._activities(), activity, "once")
        self.assertIn("is archived", self.resellers.rule_suspension)
        with self.assert_refused(UserError, "is suspended.*is archived"):
            self.resellers.action_apply_rule()

    def test_other_rules_leave_its_members_alone(self):
        self._write_rule()
        self._run_cron()
        self._create_group("First", sequence=1).rule_domain = RULE
        self.writer.active = False
        self._run_cron()
        self.assertEqual(self.visible.customer_group_id, self.resellers)

    def test_taken_over(self):
        self._write_rule()
        self.writer.active = False
        self.resellers.action_take_over_rule()
        self.assertFalse(self.resellers.rule_suspension)
        self.assertFalse(self._activities())
        self.assertEqual(self.resellers.rule_user_id, self.env.user)
        clerk = new_test_user(self.env, "rule clerk", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.resellers.with_user(clerk).action_take_over_rule()

    def test_writer_who_lost_the_right(self):
        self._write_rule()
        self.writer.group_ids = self.env.ref("base.group_user")
        self._run_cron()
        self.assertIn("may not change groups any more", str(self._activities().note))
        self.assertFalse(self.resellers.member_ids)

    def test_one_broken_rule_does_not_stop_the_others(self):
        self._write_rule("[('vat', '=', 'X')]")
        self.env.cr.execute(
            "UPDATE customer_group SET rule_domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", self.resellers.id],
        )
        self.env.invalidate_all()
        other = self._create_group("Other")
        other.rule_domain = RULE
        self._run_cron()
        self.assertIn(self.visible, other.member_ids)
        self.assertIn("can't be read", str(self._activities().note))

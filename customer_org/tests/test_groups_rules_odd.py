# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .group_common import GroupCommon

RULE = "[('ref', '=', 'R1')]"


@tagged("post_install", "-at_install")
class TestGroupsRulesOdd(GroupCommon):
    """Membership rules that make no sense, that are applied twice, and whose writer is gone."""

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_customer_group_rules").method_direct_trigger()
        self.env.invalidate_all()

    def _create_writer(self, login, groups="account.group_account_manager", **values):
        return new_test_user(
            self.env,
            login,
            f"{groups},base.group_partner_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            **values,
        )

    def test_what_only_the_database_refuses(self):
        """A rule that the database can't compare, or nobody can read, is refused in words."""
        for rule in ("[('credit', '>', None)]", "-" * 5000 + "1", "[('ref', '=', {1: 2})]"):
            with self.subTest(rule[:30]):
                with self.assert_refused(ValidationError, "can't be read"):
                    self.resellers.rule_domain = rule
                draft = self.resellers.new({"rule_domain": rule}, origin=self.resellers)
                self.assertIn("can't be read", draft.rule_preview)

    def test_broken_by_the_database_later(self):
        """Such a rule of an older release stops neither the cron nor the other groups."""
        self.member.ref = "R1"
        self.env.cr.execute(
            "UPDATE customer_group SET rule_domain = %s, rule_user_id = %s WHERE id = %s",
            ["[('credit', '>', None)]", self.env.uid, self.resellers.id],
        )
        self.env.invalidate_all()
        self._create_group("Other", rule_domain=RULE)
        self._run_cron()
        self.assertEqual(self.member.customer_group_id.name, "Other")
        self.assertEqual(len(self.resellers.activity_ids), 1)
        self._run_cron()
        self.assertEqual(len(self.resellers.activity_ids), 1, "told once")

    def test_applied_twice(self):
        """The second time nobody moves: nothing is written, and nothing said in the chatter."""
        self.member.ref = self.ordinary.ref = "R1"
        self.resellers.rule_domain = RULE
        self.resellers.action_apply_rule()
        self.env.flush_all()
        members = self.member | self.ordinary
        written = members.mapped("write_date")
        self.env["mail.message"].search([]).flush_recordset()
        count = self.env["mail.message"].search_count([])
        self.resellers.action_apply_rule()
        self._run_cron()
        self.assertEqual(members.mapped("write_date"), written)
        self.assertEqual(self.env["mail.message"].search_count([]), count)
        self.assertEqual(self.resellers.member_ids, members)
        self.assertIn("Join: 0", self.resellers.rule_preview)

    def test_writer_is_deleted(self):
        """Without its writer a rule is suspended, and members stay until somebody takes it over."""
        writer = self._create_writer("short-lived")
        self.member.ref = "R1"
        self.resellers.with_user(writer).rule_domain = RULE
        self.resellers.action_apply_rule()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_group SET rule_user_id = NULL WHERE id = %s", [self.resellers.id]
        )
        self.env.invalidate_all()
        self.member.ref, self.ordinary.ref = False, "R1"
        self._run_cron()
        self.assertEqual(self.resellers.member_ids, self.member)
        with self.assert_refused(UserError, "is suspended: Nobody is known to have written it"):
            self.resellers.action_apply_rule()
        self.assertIn("Nobody is known", self.resellers.rule_preview)
        self.resellers.action_take_over_rule()
        self.resellers.action_apply_rule()
        self.assertEqual(self.resellers.member_ids, self.ordinary)

    def test_writer_archived_and_back(self):
        """A writer who comes back is obeyed again, without another hand."""
        writer = self._create_writer("on leave")
        self.member.ref = "R1"
        self.resellers.with_user(writer).rule_domain = RULE
        writer.active = False
        self._run_cron()
        self.assertFalse(self.resellers.member_ids)
        writer.active = True
        self._run_cron()
        self.assertEqual(self.resellers.member_ids, self.member)

    def test_two_rules_of_one_writer(self):
        """Who is archived suspends all of its rules, each with an activity of its own."""
        writer = self._create_writer("busy")
        gold = self._create_group("Gold")
        for group in self.resellers | gold:
            group.with_user(writer).rule_domain = RULE
        writer.active = False
        for group in self.resellers | gold:
            self.assertEqual(len(group.activity_ids), 1)
            self.assertNotEqual(group.activity_ids.user_id, writer)
            self.assertIn("is archived", group.rule_suspension)

    def test_rule_is_taken_away(self):
        """Without a rule who was there by it leaves, who was put there by hand stays."""
        self.member.ref = "R1"
        self.ordinary.customer_group_id = self.resellers
        self.resellers.rule_domain = RULE
        self.resellers.action_apply_rule()
        self.assertEqual(self.resellers.member_ids, self.member | self.ordinary)
        self.resellers.rule_domain = False
        self._run_cron()
        self.assertEqual(self.resellers.member_ids, self.ordinary)

    def test_archived_members_stay(self):
        """A customer that is archived is found by no rule, and keeps its group all the same."""
        self.member.ref = "R1"
        self.resellers.rule_domain = RULE
        self.resellers.action_apply_rule()
        self.member.active = False
        self._run_cron()
        self.assertEqual(self.member.customer_group_id, self.resellers)
        self.assertTrue(self.member.customer_group_by_rule)

    def test_customers_that_the_writer_may_not_change(self):
        """Who is only visible to the rule's writer is not put into the group."""
        writer = self._create_writer("reader")
        self.member.ref = self.ordinary.ref = "R1"
        self.env.flush_all()
        self.env["ir.rule"].create(
            {
                "name": "Member is read only",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.member.id})]",
                "perm_read": False,
            }
        )
        self.resellers.with_user(writer).rule_domain = RULE
        self.resellers.action_apply_rule()
        self.assertEqual(self.resellers.member_ids, self.ordinary)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_typed_by_an_employee(self):
        """An employee's form does not search what he types; nor does he write or apply a rule."""
        clerk = new_test_user(self.env, "rule clerk", "base.group_user")
        self._invoice(self.member, 9000.0, due="2026-01-31")
        self.resellers.rule_domain = RULE
        group = self.resellers.with_user(clerk)
        values = {"rule_domain": "[('invoice_ids.amount_total', '>', 8000)]"}
        for act in (
            lambda: group.onchange(
                values, ["rule_domain"], {"rule_domain": {}, "rule_preview": {}}
            ),
            lambda: group.write(values),
            lambda: group.create({"name": "X", **values}),
            group.action_apply_rule,
            group.action_take_over_rule,
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertEqual(self.resellers.rule_domain, RULE)

    def test_companies_of_the_writer(self):
        """A rule by company is evaluated in the writer's own company first, whoever applies it."""
        other = self._create_company(name="Other")
        writer = self._create_writer("both companies")
        writer.company_ids |= other
        self.member.credit_limit = 777.0
        self.ordinary.with_company(other).credit_limit = 777.0
        self.resellers.with_user(writer).rule_domain = "[('credit_limit', '=', 777.0)]"
        self.env.user.company_ids |= other
        self.resellers.with_company(other).action_apply_rule()
        self.assertEqual(self.resellers.member_ids, self.member)

    def test_a_rule_never_takes_mere_contacts(self):
        """Contacts take the terms of their customer, and can't be members."""
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.member.id, "ref": "R1"}
        )
        filed = self._create_customer("Filed", parent_id=self.member.id, ref="R1")
        self.resellers.rule_domain = RULE
        self.resellers.action_apply_rule()
        self.assertEqual(self.resellers.member_ids, filed)
        self.assertFalse(contact.customer_group_id)

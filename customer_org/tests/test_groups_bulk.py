# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import file_open

from odoo.addons.customer_org.models.groups import customer_group_update

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroupsBulk(GroupCommon):
    """Many customers at once: by wizard with undo, by rule, by import."""

    def _wizard(self, partners, **values):
        return (
            self.env["customer.group.update.wizard"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create(values)
        )

    def _update(self, wizard):
        return self.env["customer.group.update"].browse(wizard.action_apply()["res_id"])

    def test_set_group_and_undo(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.member.id})
        self.member.customer_group_id = self.resellers
        self.hq.customer_group_id = gold
        partners = self.member | self.ordinary | self.hq | contact
        wizard = self._wizard(partners, group_id=gold.id)
        self.assertIn("contact", wizard.preview)
        self.assertIn("Was in Resellers", wizard.preview)
        update = self._update(wizard)
        self.assertEqual((update.change_count, update.keep_count, update.skip_count), (2, 1, 1))
        self.assertEqual(gold.member_ids, self.member | self.ordinary | self.hq)
        self.assertEqual(update.state, "done")
        line = update.line_ids.filtered(lambda line: line.partner_id == self.ordinary)
        self.assertEqual((line.before_text, line.after_text, line.reason), ("none", "Gold", False))
        update.action_undo()
        self.assertEqual(self.member.customer_group_id, self.resellers)
        self.assertFalse(self.ordinary.customer_group_id)
        self.assertEqual(gold.member_ids, self.hq)
        with self.assert_refused(UserError, "only once"):
            update.action_undo()

    def test_add_members(self):
        """From the group's form: who is in it is kept, a contact refused, all in the preview."""
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.member.id})
        self.hq.customer_group_id = self.resellers
        action = self.resellers.action_add_members()
        form = Form(self.env["customer.group.update.wizard"].with_context(**action["context"]))
        for partner in self.member | self.ordinary | self.hq | contact:
            form.partner_ids.add(partner)
        self.assertIn("contact", form.preview)
        update = self._update(form.save())
        self.assertEqual((update.change_count, update.keep_count, update.skip_count), (2, 1, 1))
        self.assertEqual(self.resellers.member_ids, self.member | self.ordinary | self.hq)
        update.action_undo()
        self.assertEqual(self.resellers.member_ids, self.hq)

    def test_customers_that_the_user_may_not_edit(self):
        """Neither changed nor undone by who may not edit them, nor told to who may not see them."""
        other = self.env["res.company"].create({"name": "Other"})
        biller = self._create_user(
            "bulk biller", "account.group_account_invoice,base.group_partner_manager"
        )
        hidden = self._create_customer("Hidden", company_id=other.id)
        readonly = self.env["ir.rule"].create(
            {
                "name": "Members are read only",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ordinary.id})]",
                "perm_read": False,
            }
        )
        partners = self.member | self.ordinary | hidden
        values = {"kind": "membership", "group_id": self.resellers.id}
        updates = self.env["customer.group.update"].with_user(biller)
        update = updates._start(values, partners.with_user(biller))
        self.assertEqual(self.resellers.member_ids, self.member)
        self.assertEqual(update.line_ids.partner_id, self.member | self.ordinary)
        self.assertIn("may not edit", "".join(filter(None, update.line_ids.mapped("reason"))))
        readonly.active = False
        update = updates._start(values, partners.with_user(biller))
        readonly.active = True
        update.action_undo()
        self.assertEqual(self.ordinary.customer_group_id, self.resellers)

    def test_undo_leaves_later_changes_alone(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        update = self._update(self._wizard(self.member | self.ordinary, group_id=gold.id))
        self.member.customer_group_id = self.resellers
        update.action_undo()
        self.assertEqual(self.member.customer_group_id, self.resellers)
        self.assertFalse(self.ordinary.customer_group_id)
        line = update.line_ids.filtered(lambda line: line.partner_id == self.member)
        self.assertIn("Changed since", line.reason)

    def test_take_out_of_the_group(self):
        self.member.customer_group_id = self.resellers
        with self.assert_refused(UserError, "Choose a customer group"):
            self._wizard(self.member | self.ordinary).action_apply()
        wizard = self._wizard(self.member | self.ordinary, remove=True)
        self.assertEqual(wizard.partner_count, 2)
        update = self._update(wizard)
        self.assertFalse(self.member.customer_group_id)
        line = update.line_ids.filtered(lambda line: line.partner_id == self.member)
        self.assertEqual((line.before_text, line.after_text), ("Resellers", "none"))

    def test_wizard_needs_a_group_or_remove(self):
        form = Form(
            self.env["customer.group.update.wizard"].with_context(
                active_model="res.partner", active_ids=self.member.ids
            )
        )
        self.assertFalse(form.preview)
        with self.assertRaisesRegex(AssertionError, "group_id is a required field"):
            form.save()
        form.remove = True
        self.assertIn("Kept", form.preview)
        form.save()

    def test_name_of_an_update(self):
        partners = self.member | self.ordinary
        names = [
            self._update(self._wizard(partners, **values)).display_name
            for values in (
                {"group_id": self.resellers.id},
                {"kind": "terms", "group_id": self.resellers.id},
                {"remove": True},
            )
        ]
        self.assertEqual(
            [name.partition(", ")[0] for name in names],
            ["Set group Resellers", "Copy terms of Resellers", "Remove from groups"],
        )
        self.assertRegex(names[0], r", \d+ \w+ \d{4}$")

    def test_copy_terms_to_members(self):
        self.resellers.application = "manual"
        (self.member | self.ordinary | self.hq).customer_group_id = self.resellers
        self.ordinary.property_payment_term_id = self.days_30
        self.hq.write(
            {
                "property_payment_term_id": self.days_30.id,
                "specific_property_product_pricelist": self.own_pricelist.id,
            }
        )
        action = self.resellers.action_apply_to_members()
        form = Form(self.env["customer.group.update.wizard"].with_context(**action["context"]))
        self.assertIn("Has own terms", form.preview)
        self.assertIn("Keeps its own payment terms", form.preview)
        update = self._update(form.save())
        self.assertEqual((update.change_count, update.keep_count), (2, 1))
        self.assertEqual(self._own(self.member), (self.group_pricelist, self.days_45))
        self.assertEqual(self._own(self.ordinary), (self.group_pricelist, self.days_30))
        self.assertEqual(self._own(self.hq), (self.own_pricelist, self.days_30))
        line = update.line_ids.filtered(lambda line: line.partner_id == self.member)
        self.assertEqual(line.before_text, "none, none")
        self.assertFalse(line.reason)
        after = f"{self.group_pricelist.display_name}, 45 days"
        self.assertEqual(line.after_text, after)
        update.action_undo()
        self.assertFalse(any(self._own(self.member)))
        self.assertEqual(self._own(self.ordinary)[1], self.days_30)
        self.assertFalse(self._own(self.ordinary)[0])

    def test_copy_terms_to_very_many_members(self):
        """So many members are not listed: all are meant, unless some are chosen."""
        self.resellers.application = "manual"
        members = self.member | self.ordinary | self.hq
        members.customer_group_id = self.resellers
        for chosen in (members, self.hq):
            with self.subTest(len(chosen)), self.taken_back():
                with patch.object(customer_group_update, "BATCH_SIZE", 2):
                    action = self.resellers.action_apply_to_members()
                wizards = self.env["customer.group.update.wizard"]
                form = Form(wizards.with_context(**action["context"]))
                self.assertEqual((form.partner_count, len(form.partner_ids)), (3, 0))
                if chosen != members:
                    form.all_members = False
                    self.assertEqual(form.partner_count, 0)
                    form.partner_ids.add(chosen)
                self.assertIn(f'<th class="text-end">{len(chosen)}</th>', form.preview)
                self._update(form.save())
                self.assertEqual(
                    members.filtered(lambda partner: self._own(partner)[1] == self.days_45), chosen
                )

    def test_undo_gives_back_the_companys_terms(self):
        """Own terms that were never set follow the company's again; set to none, they stay none."""
        field = "property_payment_term_id"
        self.resellers.application = "manual"
        self.env["ir.default"].set("res.partner", field, self.days_30.id)
        (self.member | self.ordinary | self.hq).customer_group_id = self.resellers
        self.ordinary[field] = False
        update = self._update(
            self._wizard(
                self.member | self.ordinary,
                kind="terms",
                group_id=self.resellers.id,
                copy_pricelist=False,
            )
        )
        self.assertEqual((self.member | self.ordinary).mapped(field), self.days_45)
        self.assertEqual(update.line_ids.mapped("before_text"), ["30 days", "none"])
        update.action_undo()
        self.assertEqual(self.member[field], self.days_30)
        self.assertFalse(self.ordinary[field])
        self.env["ir.default"].set("res.partner", field, self.days_60.id)
        self.assertEqual(self.member[field], self.days_60, "follows the company")

    def test_undo_where_the_group_gives_the_companys_terms(self):
        field = "property_payment_term_id"
        self.env["ir.default"].set("res.partner", field, self.days_45.id)
        self.member.customer_group_id = self.resellers
        self.member[field] = False
        update = self._update(self._wizard(self.member, kind="terms", group_id=self.resellers.id))
        self.assertEqual(self.member[field], self.days_45)
        update.action_undo()
        self.assertFalse(self.member[field])

    def test_copy_terms_over_own_ones(self):
        self.hq.customer_group_id = self.resellers
        self.hq.property_payment_term_id = self.days_30
        wizard = self._wizard(
            self.hq, kind="terms", group_id=self.resellers.id, overwrite=True, copy_pricelist=False
        )
        update = self._update(wizard)
        self.assertEqual(self._own(self.hq), (self.env["product.pricelist"], self.days_45))
        update.action_undo()
        self.assertEqual(self._own(self.hq)[1], self.days_30)

    def _own(self, partner):
        return partner.specific_property_product_pricelist, partner.property_payment_term_id

    def test_many_customers_by_cron(self):
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(10)])
        with patch.object(customer_group_update, "BATCH_SIZE", 4):
            update = self._update(self._wizard(partners, group_id=self.resellers.id))
            self.assertEqual(update.state, "running")
            self.assertEqual(update.progress, 40)
            with self.enter_registry_test_mode():
                self.env.ref("customer_org.cron_customer_group_update").method_direct_trigger()
        update.invalidate_recordset()
        self.assertEqual((update.state, update.progress), ("done", 100))
        self.assertEqual(self.resellers.member_ids, partners)

    def test_who_may_update(self):
        clerk = new_test_user(self.env, "clerk", "base.group_user,base.group_partner_manager")
        values = {"kind": "membership", "group_id": self.resellers.id}
        with self.assert_refused(AccessError, "Only invoicing users"):
            self.env["customer.group.update"].with_user(clerk)._start(values, self.member)
        biller = new_test_user(
            self.env, "biller", "account.group_account_invoice,base.group_partner_manager"
        )
        wizard = self._wizard(self.member, group_id=self.resellers.id).with_user(biller)
        update = self._update(wizard).with_user(biller)
        self.assertEqual(self.member.customer_group_id, self.resellers)
        update.action_undo()
        self.assertFalse(self.member.customer_group_id)

    # Rules

    def test_rule_joins_and_leaves(self):
        by_hand = self._create_customer("By hand", ref="R1")
        by_hand.customer_group_id = self._create_group("Direct", sequence=99)
        self.member.ref = self.ordinary.ref = "R1"
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.member.id, "ref": "R1"}
        )
        self.hq.customer_group_id = self.resellers
        self.resellers.rule_domain = "[('ref', '=', 'R1')]"
        self.assertIn("Join: 2", self.resellers.rule_preview)
        self.resellers.action_apply_rule()
        self.assertEqual(self.resellers.member_ids, self.member | self.ordinary | self.hq)
        self.assertFalse(contact.customer_group_id)
        self.assertTrue(self.member.customer_group_by_rule)
        self.member.ref = False
        self.resellers.invalidate_recordset(["rule_preview"])
        self.assertIn("Leave: 1", self.resellers.rule_preview)
        self.resellers.action_apply_rule()
        self.assertEqual(self.resellers.member_ids, self.ordinary | self.hq, "by hand stays")
        self.assertEqual(by_hand.customer_group_id.name, "Direct")

    def test_conflicts_go_by_sequence_and_are_shown(self):
        direct = self._create_group("Direct", sequence=20, rule_domain="[('ref', 'like', 'R')]")
        self.resellers.write({"sequence": 10, "rule_domain": "[('ref', '=', 'R1')]"})
        self.member.ref, self.ordinary.ref = "R1", "R2"
        self.assertIn("Meet the rule of Resellers too, which comes first: 1", direct.rule_preview)
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_customer_group_rules").method_direct_trigger()
        self.assertEqual(self.member.customer_group_id, self.resellers)
        self.assertEqual(self.ordinary.customer_group_id, direct)
        self.resellers.rule_domain = False
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_customer_group_rules").method_direct_trigger()
        self.assertEqual(self.member.customer_group_id, direct, "moves in one step")

    def test_moved_by_hand_is_by_hand(self):
        self.member.ref = "R1"
        self.resellers.rule_domain = "[('ref', '=', 'R1')]"
        self.resellers.action_apply_rule()
        direct = self._create_group("Direct")
        self.member.customer_group_id = direct
        self.resellers.action_apply_rule()
        self.assertEqual(self.member.customer_group_id, direct)

    def test_broken_rule_is_refused(self):
        for rule in (
            "[('no_such_field', '=', 1)]",
            "nonsense(",
            "None",
            "[('id', '=', 'a')]",
            "[('id', 'in', ['a'])]",
            "[('create_date', '>', 'a')]",
            "[('color', '>', 'a')]",
            "[('name', '>', 1), '|']",
        ):
            with self.subTest(rule):
                with self.assertNoLogs("odoo.sql_db"):
                    with self.assert_refused(ValidationError, "can't be read"):
                        self.resellers.rule_domain = rule
                    draft = self.resellers.new({"rule_domain": rule}, origin=self.resellers)
                    self.assertIn("can't be read", draft.rule_preview)
                self.assertFalse(self.env["res.partner"].search([("id", "=", 0)]), "still sound")

    def test_rule_without_conditions_is_no_rule(self):
        self.resellers.rule_domain = "[]"
        self.assertFalse(self.resellers.rule_domain)
        with self.assert_refused(UserError, "has no membership rule"):
            self.resellers.action_apply_rule()

    # Import

    def test_import_of_groups_and_members(self):
        header = ["name", "parent_id", "application", "pricelist_id", "discount"]
        result = self.env["customer.group"].load(
            header,
            [
                ["Enterprise", "", "Always: the group's terms win", "Resellers -20 %", ""],
                ["Gold", "Enterprise", "automatic", "", "10"],
            ],
        )
        self.assertFalse(result["messages"])
        gold = self.env["customer.group"].browse(result["ids"][1])
        self.assertEqual(gold.parent_id.pricelist_id, self.group_pricelist)
        result = self.env["res.partner"].load(
            ["name", "is_company", "customer_group_id"], [["Alpha", "1", "Gold"]]
        )
        self.assertFalse(result["messages"])
        alpha = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(alpha.customer_group_id, gold)
        self.assertEqual(alpha.property_product_pricelist, self.group_pricelist)

    def _import_template(self, model, extension):
        """Import our template as it comes, as a user does who only clicks; return the records."""
        (template,) = (
            path
            for template in self.env[model].get_import_templates()
            if (path := template["template"]).startswith("/customer_org/")
            and path.endswith(extension)
        )
        with file_open(template.lstrip("/"), "rb") as file:
            content = file.read()
        wizard = self.env["base_import.import"].create(
            {"res_model": model, "file": content, "file_name": template}
        )
        options = {"quoting": '"', "has_headers": True}
        preview = wizard.parse_preview(options)
        self.assertNotIn("error", preview)
        header = [preview["headers"][index] for index in sorted(preview["matches"])]
        self.assertEqual(header, preview["headers"], "a column without a field")
        result = wizard.execute_import(header, header, {**preview["options"], **options})
        self.assertFalse(result["messages"])
        return self.env[model].browse(result["ids"])

    def test_templates(self):
        for extension in ("csv", "xlsx"):
            with self.subTest(extension), self.taken_back():
                groups = self._import_template("customer.group", extension)
                enterprise, gold, direct = groups
                self.assertEqual(gold.parent_id, enterprise)
                self.assertEqual(groups.mapped("discount"), [0, 10, 2.5])
                self.assertTrue(enterprise.payment_term_id)
                members = self._import_template("res.partner", extension)
                self.assertEqual(members.customer_group_id, gold | direct)

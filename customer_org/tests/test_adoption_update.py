# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.adoption import customer_hierarchy_update
from .common_adoption import AdoptionCommon


@tagged("post_install", "-at_install")
class TestHierarchyUpdate(AdoptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.updates = cls.env["customer.hierarchy.update"]
        cls.globex = cls._create_customer("Globex")
        cls.initech = cls._create_customer("Initech")

    def _classify(self, wanted):
        """Return ``{customer: (result, reason)}``; ``wanted`` maps customers to parents."""
        values = {customer: {"billing_parent_id": parent.id} for customer, parent in wanted.items()}
        return {row[0]: row[1:] for row in self.updates._classify(values)}

    def test_refusals(self):
        """Each customer that can't be changed has its reason, before anything is written."""
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.hq.id})
        archived = self._create_customer("Old", active=False)
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self._create_customer("Foreign", company_id=other.id)
        found = self._classify({contact: self.globex, self.globex: contact})
        self.assertIn("its company Acme HQ is the customer", found[contact][1])
        self.assertIn("no customer of its own", found[self.globex][1])
        found = self._classify({self.globex: archived, self.initech: foreign})
        self.assertEqual(found[self.globex], ("skip", "Old is archived"))
        self.assertEqual(found[self.initech], ("skip", "Foreign is a customer of Other only"))
        found = self._classify({self.north: self.hq, self.south: self.globex})
        self.assertEqual(found[self.north], ("keep", "Already so"))
        self.assertEqual(found[self.south], ("change", "Was billed under Acme HQ"))

    def test_cycles_of_all_together(self):
        """Cycles are seen over all changes, and over the hierarchy that is there."""
        found = self._classify({self.globex: self.initech, self.initech: self.globex})
        self.assertEqual({result for result, _reason in found.values()}, {"skip"})
        self.assertEqual(self._classify({self.hq: self.north})[self.hq][0], "skip")
        found = self._classify({self.hq: self.north, self.north: self.globex})
        self.assertEqual({result for result, _reason in found.values()}, {"change"})

    def test_turned_around(self):
        """A hierarchy is turned around in one update, and back by undo, with its consent."""
        self.north.billing_parent_access = "pay"
        wanted = {
            self.hq: {"billing_parent_id": self.north.id},
            self.north: {"billing_parent_id": self.globex.id},
        }
        update = self.updates._start("parent", wanted)
        self.assertEqual(self.hq.billing_root_id, self.globex)
        self.assertEqual(self.north.billing_parent_access, "none")
        update.action_undo()
        self.assertEqual(self.north.billing_parent_id, self.hq)
        self.assertEqual(self.north.billing_parent_access, "pay")
        self.assertEqual(self.south.billing_root_id, self.hq)
        with self.assert_refused(UserError, "only once"):
            update.action_undo()

    def test_undo_leaves_what_changed_since(self):
        """Undo gives back what nobody changed since, and says what it left alone."""
        wanted = {
            customer: {"billing_parent_id": self.hq.id} for customer in (self.globex, self.initech)
        }
        update = self.updates._start("branches", wanted, self.hq)
        self.globex.billing_parent_id = self.north
        update.action_undo()
        self.assertEqual(self.globex.billing_parent_id, self.north)
        self.assertFalse(self.initech.billing_parent_id)
        line = update.line_ids.filtered(lambda line: line.partner_id == self.globex)
        self.assertEqual(line.reason, "Changed since, so not undone")

    def test_undo_where_the_parent_is_gone(self):
        """What can't be given back is told, and the rest is undone."""
        old = self._create_customer("Old")
        self.globex.billing_parent_id = old
        wanted = {
            customer: {"billing_parent_id": self.hq.id} for customer in (self.globex, self.initech)
        }
        update = self.updates._start("parent", wanted)
        old.unlink()
        update.action_undo()
        self.assertEqual(self.globex.billing_parent_id, self.hq)
        self.assertFalse(self.initech.billing_parent_id)
        line = update.line_ids.filtered(lambda line: line.partner_id == self.globex)
        self.assertIn("does not exist any more", line.reason)
        self.assertIn("deleted since", line.before_text)

    def test_many_go_on_by_cron(self):
        """More than a batch go on by cron; meanwhile it can't be undone."""
        wanted = {
            customer: {"billing_parent_id": self.hq.id} for customer in (self.globex, self.initech)
        }
        with (
            patch.object(customer_hierarchy_update, "BATCH_SIZE", 1),
            self.enter_registry_test_mode(),
        ):
            update = self.updates._start("branches", wanted, self.hq)
            self.assertEqual((update.state, update.progress), ("running", 50.0))
            with self.assertRaises(UserError):
                update.action_undo()
            self.env.ref("customer_org.cron_customer_hierarchy_update").method_direct_trigger()
        self.assertEqual(update.state, "done")
        self.assertEqual(self.initech.billing_parent_id, self.hq)

    def test_chatter(self):
        """The update tells in its chatter what it did, and that it was undone."""
        update = self.updates._start("parent", {self.globex: {"billing_parent_id": self.hq.id}})
        self.assertIn("Done: 1 changed, 0 kept, 0 refused", update.message_ids[0].body)
        update.action_undo()
        self.assertIn("Undone", update.message_ids[0].body)

    def test_wizard_on_the_list(self):
        """*Set billing parent…* counts before, and opens the record it made."""
        customers = self.globex | self.initech | self.north
        context = {"active_model": "res.partner", "active_ids": customers.ids}
        wizard = self.env["customer.hierarchy.update.wizard"].with_context(**context)
        with Form(wizard) as form:
            form.parent_id = self.hq
            self.assertRegex(form.preview, r"Changed.*>2<.*Kept.*>1<.*Already so.*Refused.*>0<")
        action = form.record.action_apply()
        self.assertEqual(self.globex.billing_parent_id, self.hq)
        self.assertEqual(self.updates.browse(action["res_id"]).change_count, 2)

    def test_wizard_removes(self):
        """Customers stand on their own again only where that was said."""
        wizards = self.env["customer.hierarchy.update.wizard"]
        wizard = wizards.create({"partner_ids": self.north.ids})
        with self.assert_refused(UserError, "Choose a billing parent"):
            wizard.action_apply()
        wizard.remove = True
        wizard.action_apply()
        self.assertFalse(self.north.billing_parent_id)

    def test_add_branches(self):
        """*Add branches* takes existing customers and new names."""
        wizards = self.env["customer.hierarchy.update.wizard"].with_context(
            active_model="res.partner",
            active_id=self.hq.id,
            active_ids=self.hq.ids,
            default_kind="branches",
        )
        with Form(wizards) as form:
            form.partner_ids.add(self.globex)
            form.new_names = "Acme Oslo\n\n Acme Rome \nAcme Oslo"
            self.assertRegex(form.preview, r"New customers.*>2<.*Changed.*>1<")
        form.record.action_apply()
        self.assertEqual(self.globex.billing_parent_id, self.hq)
        new = self.hq.billing_child_ids.filtered(lambda branch: branch.name == "Acme Rome")
        self.assertTrue(new.is_company)
        self.assertEqual(len(self.hq.billing_child_ids), 7)

    def test_another_parent(self):
        """A suggestion is accepted under another parent than the proposed one."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        wizard = self.env["customer.hierarchy.update.wizard"].create(
            {
                "kind": "suggestions",
                "suggestion_ids": [Command.set(suggestion.ids)],
                "parent_id": self.hq.id,
            }
        )
        wizard.action_apply()
        self.assertEqual(lyon.billing_parent_id, self.hq)
        self.assertEqual(suggestion.state, "accepted")

    def test_many_suggestions(self):
        """Many are accepted at once; those that do not hold any more are counted with reasons."""
        lyon, globex = self._create_french()
        nantes = self._create_customer("Globex Nantes", company_registry="12345678200036")
        suggestions = self._find(lyon, globex, nantes)
        self.assertEqual(len(suggestions), 2)
        nantes.billing_parent_id = self.hq
        wizard = self.env["customer.hierarchy.update.wizard"].with_context(
            active_model=suggestions._name, active_ids=suggestions.ids, default_kind="suggestions"
        )
        form = Form(wizard)
        self.assertRegex(form.preview, "Refused.*>1<.*billed under Acme HQ already")
        form.save().action_apply()
        self.assertEqual(lyon.billing_parent_id, globex)
        self.assertEqual(nantes.billing_parent_id, self.hq)

    def test_rights(self):
        """Invoicing users see updates of their companies; only managers make them."""
        update = self.updates._start("parent", {self.globex: {"billing_parent_id": self.hq.id}})
        clerk = new_test_user(self.env, "clerk", groups="account.group_account_invoice")
        self.assertIn("billed under Acme HQ", update.with_user(clerk).line_ids.after_text)
        other = self.env["res.company"].create({"name": "Other"})
        elsewhere = new_test_user(
            self.env,
            "elsewhere",
            groups="account.group_account_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.updates.with_user(elsewhere).search([("id", "=", update.id)]))
        lines = self.env["customer.hierarchy.update.line"].with_user(elsewhere)
        self.assertFalse(lines.search([("update_id", "=", update.id)]))
        with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
            with self.assertRaises(AccessError):
                update.with_user(elsewhere).action_undo()
            with self.assertRaises(AccessError):
                self.env["customer.hierarchy.update.wizard"].with_user(clerk).create({})
            with self.assertRaises(AccessError):
                update.line_ids.with_user(clerk).write({"reason": "x"})

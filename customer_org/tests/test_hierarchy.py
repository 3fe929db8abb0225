# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.hierarchy.res_partner_totals import TOTALS
from .common import AcmeCommon


class ClosureCommon(AcmeCommon):
    """A check of the closure table."""

    def assert_closure(self):
        """Compare the closure table with a walk over the billing parents in Python."""
        expected = {}
        partners = self.env["res.partner"].with_context(active_test=False).search([])
        for partner in partners:
            view = pay = True
            ancestor, depth = partner, 0
            while ancestor.billing_parent_id:
                if not depth:
                    expected[partner.id, partner.id] = (0, True, True)
                view &= ancestor.billing_parent_access in ("view", "pay")
                pay &= ancestor.billing_parent_access == "pay"
                ancestor, depth = ancestor.billing_parent_id, depth + 1
                expected[ancestor.id, partner.id] = (depth, view, pay)
                expected[ancestor.id, ancestor.id] = (0, True, True)
            self.assertEqual(partner.commercial_partner_id.billing_root_id, partner.billing_root_id)
            if partner.commercial_partner_id == partner:
                self.assertEqual(partner.billing_root_id, ancestor, partner.name)
        links = self.env["customer.hierarchy.link"].search([])
        self.assertEqual(
            {
                (link.ancestor_id.id, link.descendant_id.id): (
                    link.depth,
                    link.can_view,
                    link.can_pay,
                )
                for link in links
            },
            expected,
        )


@tagged("post_install", "-at_install")
class TestHierarchy(ClosureCommon):
    """The closure table says at any time what the billing parents say."""

    def test_create(self):
        """Branches, a branch below a branch, and contacts get their root at once."""
        depot = self._create_customer("Depot", self.north)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": depot.id})
        self.assertEqual(depot.billing_root_id, self.hq)
        self.assertEqual(contact.billing_root_id, self.hq)
        self.assertEqual(self.hq.billing_branch_count, 5)
        self.assert_closure()

    def test_ordinary_customer_has_no_row(self):
        """A customer in no hierarchy is its own root and has no row in the closure table."""
        customer = self._create_customer("Solo")
        self.assertEqual(customer.billing_root_id, customer)
        self.assertFalse(customer.billing_ancestor_link_ids)
        self.assertFalse(customer.billing_branch_count)

    def test_create_with_branches(self):
        """A head office created with its branches in one call."""
        self.env["res.partner"].create(
            {
                "name": "Group",
                "is_company": True,
                "billing_child_ids": [
                    Command.link(self.hq.id),
                    Command.create({"name": "New branch", "is_company": True}),
                ],
            }
        )
        self.assertEqual(self.north.billing_root_id.name, "Group")
        self.assert_closure()

    def test_reparent_subtree(self):
        """A branch takes its own branches along when it moves."""
        depot = self._create_customer("Depot", self.north)
        other = self._create_customer("Other HQ")
        self.north.billing_parent_id = other
        self.assertEqual((self.north | depot).billing_root_id, other)
        self.assert_closure()
        self.north.billing_parent_id = False
        self.assertEqual(depot.billing_root_id, self.north)
        self.assertFalse(other.billing_ancestor_link_ids)
        self.assert_closure()
        depot.billing_parent_id = False
        self.assertFalse((self.north | depot).billing_ancestor_link_ids)
        self.assert_closure()

    def test_reparent_several_at_once(self):
        """One write that moves customers of one hierarchy below each other's neighbours."""
        depot = self._create_customer("Depot", self.north)
        locker = self._create_customer("Locker", depot)
        other = self._create_customer("Other HQ")
        (self.north | locker | self.south).billing_parent_id = other
        self.assert_closure()
        (self.hq | self.north).billing_parent_id = self._create_customer("Holding")
        self.assert_closure()

    def test_import(self):
        """An import of 1,000 customers in one call refreshes the closure table once."""
        vals_list = [
            {"name": f"Imported {i}", "is_company": True, "billing_parent_id": self.hq.id}
            for i in range(1000)
        ]
        writes = []
        links = type(self.env["customer.hierarchy.link"])
        refresh = links._refresh
        self.patch(links, "_refresh", lambda link, cs: (writes.append(len(cs)), refresh(link, cs)))
        self.env["res.partner"].create(vals_list)
        self.assertEqual([size for size in writes if size], [1000])
        self.assertEqual(self.hq.billing_branch_count, 1004)
        self.assert_closure()

    def test_import_load(self):
        """Odoo's own importer builds several levels from one file."""
        result = self.env["res.partner"].load(
            ["id", "name", "is_company", "billing_parent_id/id", "billing_parent_access"],
            [
                ["imp_hq", "Import HQ", "1", "", ""],
                ["imp_n", "Import N", "1", "imp_hq", "view"],
                ["imp_nn", "Import NN", "1", "imp_n", "pay"],
            ],
        )
        self.assertFalse(result["messages"])
        self.assert_closure()

    def test_consent_chain(self):
        """A grandparent needs the consent of every step on the way."""
        depot = self._create_customer("Depot", self.north, billing_parent_access="pay")
        self.assertFalse(self._link(self.hq, depot).can_view)
        self.north.billing_parent_access = "view"
        self.assertTrue(self._link(self.hq, depot).can_view)
        self.assertFalse(self._link(self.hq, depot).can_pay)
        self.north.billing_parent_access = "pay"
        self.assertTrue(self._link(self.hq, depot).can_pay)
        self.assert_closure()

    def _link(self, ancestor, descendant):
        return self.env["customer.hierarchy.link"].search(
            [("ancestor_id", "=", ancestor.id), ("descendant_id", "=", descendant.id)]
        )

    def test_consent_ends_with_a_new_parent(self):
        """Consent is given to one parent: the next one starts with nothing."""
        self.north.billing_parent_access = "pay"
        self.north.billing_parent_id = self.south
        self.assertEqual(self.north.billing_parent_access, "none")
        self.north.write({"billing_parent_id": self.hq.id, "billing_parent_access": "view"})
        self.assertEqual(self.north.billing_parent_access, "view")
        self.north.write({"billing_parent_id": self.hq.id, "name": "Acme North"})
        self.assertEqual(self.north.billing_parent_access, "view")
        self.assert_closure()

    def test_changes_are_tracked(self):
        """Hierarchy and consent changes are in the customer's chatter."""
        north = self.north.with_context(tracking_disable=False, mail_notrack=False)
        self.cr.flush()
        before = north.message_ids
        north.write({"billing_parent_access": "view"})
        self.cr.flush()
        north.write({"billing_parent_id": self.south.id})
        self.cr.flush()
        values = (north.message_ids - before).sudo().tracking_value_ids
        self.assertEqual(
            sorted(values.field_id.mapped("name")), ["billing_parent_access", "billing_parent_id"]
        )

    def test_refuse_cycle(self):
        """Neither itself nor one of its branches, at any depth, can be the billing parent."""
        depot = self._create_customer("Depot", self.north)
        for parent in (self.hq, self.north, depot):
            with self.assert_refused(ValidationError, "under itself or under one of its own"):
                self.hq.billing_parent_id = parent

    def test_refuse_contact(self):
        """A contact has no billing parent, no branches, and a branch can't become a contact."""
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.north.id})
        with self.assert_refused(ValidationError, "Ann is a contact of Acme N|is a contact of"):
            contact.billing_parent_id = self.hq
        with self.assert_refused(ValidationError, "is a contact of"):
            self.south.billing_parent_id = contact
        with self.assert_refused(ValidationError, "is a contact of"):
            self.south.write({"parent_id": self.north.id, "is_company": False})

    def test_refuse_other_company(self):
        """The billing parent must be known wherever the branch is."""
        other_company = self.company_data_2 = self._create_company(name="Other company")
        self.hq.company_id = False
        self.north.company_id = other_company
        with self.assert_refused(ValidationError, "is a customer of"):
            self.south.billing_parent_id = self.north
        with self.assert_refused(ValidationError, "is a customer of"):
            self.hq.company_id = self.company
        self.south.write({"company_id": other_company.id, "billing_parent_id": self.north.id})
        self.assert_closure()

    def test_archive(self):
        """A head office with branches or open credit stays; a branch that owes may go."""
        with self.assert_refused(ValidationError, "customers are billed under it: Acme N"):
            self.hq.active = False
        self._create_open_invoices()
        self._payment(self.hq, 100.0)
        self.branches.active = False
        self.assertEqual(self.hq.billing_branch_count, 4)
        self.assertEqual(self.hq.billing_total_due, 8650.0)
        self.assert_closure()
        with self.assert_refused(ValidationError, "still has an open credit"):
            self.hq.active = False

    def test_archive_all(self):
        """A whole hierarchy can be archived in one go."""
        (self.hq | self.branches).active = False
        self.assertFalse(self.hq.active)

    def test_archived_head_office_gets_no_branch(self):
        """Neither by a new billing parent nor by restoring a branch alone."""
        old = self._create_customer("Old HQ")
        old.active = False
        with self.assert_refused(ValidationError, "Old HQ, which is archived"):
            self.north.billing_parent_id = old
        with self.assert_refused(ValidationError, "Old HQ, which is archived"):
            self._create_customer("New Branch", old)
        closed = self._create_customer("Closed", old, active=False)
        with self.assert_refused(ValidationError, "Restore Old HQ as well"):
            closed.active = True
        (old | closed).active = True
        self.assertEqual(closed.billing_root_id, old)

    def test_unlink(self):
        """A head office can't be deleted before its branches, but together with them."""
        with self.assert_refused(UserError, "can't be deleted"):
            self.hq.unlink()
        self.branches[1:].unlink()
        self.assert_closure()
        (self.hq | self.north).unlink()
        self.assert_closure()
        self.assertFalse(self.env["customer.hierarchy.link"].search([]))

    def test_rights(self):
        """Invoicing managers change the hierarchy, other users read it."""
        clerk = new_test_user(
            self.env, "clerk", "account.group_account_invoice,base.group_partner_manager"
        )
        for vals in (
            {"billing_parent_id": False},
            {"billing_parent_access": "view"},
            {"billing_share_credit_limit": True},
        ):
            with self.assert_refused(AccessError, "Only invoicing administrators"):
                self.north.with_user(clerk).write(vals)
        with self.assert_refused(AccessError, "Only invoicing administrators"):
            self.env["res.partner"].with_user(clerk).create(
                {"name": "X", "billing_parent_id": self.hq.id}
            )
        self.env["res.partner"].with_user(clerk).create(
            {"name": "X", "billing_parent_id": False, "billing_parent_access": "none"}
        )
        self.north.with_user(clerk).write({"name": "North", "billing_parent_id": self.hq.id})
        manager = new_test_user(
            self.env, "boss", "account.group_account_manager,base.group_partner_manager"
        )
        self.north.with_user(manager).billing_parent_id = self.south
        self.assert_closure()

    def test_rights_by_default(self):
        """Nor do other users set them by default, be it the context's or their own."""
        clerk = new_test_user(
            self.env, "clerk", "account.group_account_invoice,base.group_partner_manager"
        )
        partners = self.env["res.partner"].with_user(clerk)
        for fname, value in (
            ("billing_parent_id", self.hq.id),
            ("billing_parent_access", "pay"),
            ("billing_auto_settle", True),
            ("billing_share_credit_limit", True),
            ("statement_monthly", True),
        ):
            with self.assert_refused(AccessError, "Only invoicing administrators"):
                partners.with_context(**{f"default_{fname}": value}).create({"name": "X"})
        self.env["ir.default"].set("res.partner", "billing_auto_settle", True, user_id=clerk.id)
        with self.assert_refused(AccessError, "Only invoicing administrators"):
            partners.create({"name": "X"})
        partners.create({"name": "X", "billing_auto_settle": False})

    def test_copy(self):
        """A copy starts outside of the hierarchy, without consent and settings."""
        settings = {
            "billing_parent_access": "pay",
            "billing_auto_settle": True,
            "billing_share_credit_limit": True,
            "statement_monthly": True,
            "billing_mail_to": "both",
        }
        self.north.write(settings)
        clerk = new_test_user(
            self.env, "clerk", "account.group_account_invoice,base.group_partner_manager"
        )
        for user in (self.env.user, clerk):
            copy = self.north.with_user(user).copy()
            self.assertFalse(copy.billing_parent_id)
            self.assertEqual(copy.billing_root_id, copy)
            self.assertEqual(
                copy.read(list(settings))[0],
                {
                    "id": copy.id,
                    "billing_parent_access": "none",
                    "billing_auto_settle": False,
                    "billing_share_credit_limit": False,
                    "statement_monthly": False,
                    "billing_mail_to": "itself",
                },
            )
        self.assert_closure()

    def test_root_is_not_set_by_hand(self):
        """Who is at the top follows from the billing parents; not even managers write it."""
        manager = new_test_user(
            self.env, "boss", "account.group_account_manager,base.group_partner_manager"
        )
        root = {"billing_root_id": self.south.id}
        with self.assert_refused(AccessError, "follows from the billing parents"):
            self.north.with_user(manager).write(root)
        partners = self.env["res.partner"].with_user(manager)
        with self.assert_refused(AccessError, "follows from the billing parents"):
            partners.create({"name": "X", **root})
        with self.assert_refused(AccessError, "follows from the billing parents"):
            partners.with_context(default_billing_root_id=self.south.id).create({"name": "X"})


@tagged("post_install", "-at_install")
class TestMerge(ClosureCommon):
    """Merging customers keeps the hierarchy whole."""

    def merge(self, destination, *sources):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (destination.union(*sources)).ids, destination
        )
        self.assert_closure()

    def test_merge_duplicates(self):
        """Two records of one branch: the kept one keeps its parent and gets the branches."""
        double = self._create_customer("Acme N double")
        depot = self._create_customer("Depot", double, billing_parent_access="pay")
        self.north.billing_parent_access = "view"
        self.merge(self.north, double)
        self.assertEqual(depot.billing_parent_id, self.north)
        self.assertEqual(depot.billing_parent_access, "pay")
        self.assertEqual(self.north.billing_parent_id, self.hq)
        self.assertEqual(self.north.billing_parent_access, "view")

    def test_merge_into_outsider(self):
        """The kept record had no parent: it takes the other's, with its consent."""
        double = self._create_customer("Acme N double")
        self.north.billing_parent_access = "pay"
        self.merge(double, self.north)
        self.assertEqual(double.billing_parent_id, self.hq)
        self.assertEqual(double.billing_parent_access, "pay")

    def test_merge_branch_with_head_office(self):
        """Merging a branch and its head office leaves no customer under itself."""
        self.merge(self.hq, self.north)
        self.assertFalse(self.hq.billing_parent_id)
        self.assertEqual(self.south.billing_parent_id, self.hq)
        self.merge(self.south, self.hq)
        self.assertFalse(self.south.billing_parent_id)
        self.assertEqual(self.east.billing_parent_id, self.south)

    def test_merge_grandchild(self):
        """Merging a head office with a customer two levels down makes no cycle."""
        depot = self._create_customer("Depot", self.north)
        self.merge(self.hq, depot)
        self.assertFalse(self.hq.billing_parent_id)
        self.assertEqual(self.north.billing_parent_id, self.hq)


@tagged("post_install", "-at_install")
class TestTotals(AcmeCommon):
    """Consolidated due and overdue tie to the ledger and cost one query."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_open_invoices()

    def test_totals(self):
        """Due counts all descendants, credits, and archived branches."""
        self._invoice(self.south, 1000.0, due="2099-01-01")
        self.assertEqual(self.hq.billing_total_due, 9750.0)
        self.assertEqual(self.hq.billing_total_overdue, 8750.0)
        self.assertEqual(self.south.billing_total_due, 3500.0)
        self._payment(self.hq, 10000.0)
        self.env.invalidate_all()
        self.assertEqual(self.hq.billing_total_due, -250.0)
        self.assertEqual(self.hq.billing_total_overdue, 8750.0, "before credits")
        self.assertEqual(self.hq.billing_total_credit, 10000.0)
        self.assertEqual(self.south.billing_total_due, self.south.credit)

    def test_one_query_for_a_list(self):
        """A list of customers costs one query, whatever its length and the depth."""
        chain = self.north
        for level in range(8):
            chain |= self._create_customer(f"Level {level}", chain[-1:])
        partners = self.hq | self.branches | chain
        self.env.invalidate_all()
        partners.mapped("billing_total_due")
        for records in (partners, self.north):
            records.invalidate_recordset(TOTALS)
            with self.assertQueryCount(1):
                records.mapped("billing_total_due")

    def test_company(self):
        """Items of another company are not counted."""
        other = self._create_company(name="Other company")
        self.assertEqual(self.hq.with_company(other).billing_total_due, 0.0)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalRules(PortalCommon):
    """Who reads which invoices and lines: what was consented to, nothing else, and at once."""

    def _visible(self, user, model="account.move", domain=()):
        records = self.env[model].with_user(user).search(list(domain))
        return records.sudo()

    def test_scenario_18_search(self):
        """HQ's user reads the invoices of N and S: 5,500 in total."""
        visible = self._visible(self.users["hq"])
        self.assertEqual(visible, self.invoice_n | self.invoice_s)
        self.assertEqual(sum(visible.mapped("amount_residual")), 5500.0)
        lines = self._visible(self.users["hq"], "account.move.line")
        self.assertEqual(lines, (self.invoice_n | self.invoice_s).line_ids)

    def test_read_refused(self):
        """An invoice without consent, and its lines, can't be read by id either."""
        for record in (self.invoice_w, self.invoice_w.line_ids[0]):
            with self.assertRaises(AccessError):
                record.with_user(self.users["hq"]).read(["name"])

    def test_read_only(self):
        """The consent is to read: no write, no creation, no deletion."""
        invoice = self.invoice_n.with_user(self.users["hq"])
        self.assertTrue(invoice.has_access("read"))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(invoice.has_access(operation), operation)

    def test_nothing_upwards_or_sideways(self):
        """A branch's user sees its own invoices: nothing of the head office or its siblings."""
        self._invoice(self.hq, 100.0, due="2026-01-31")
        self.assertEqual(self._visible(self.users["north"]), self.invoice_n)
        self.assertFalse(self._visible(self.users["stranger"]))

    def test_chain(self):
        """A grandparent needs every step on the way; the one between sees its own branch."""
        depot = self._create_customer("Depot", self.south, billing_parent_access="view")
        invoice = self._invoice(depot, 100.0, due="2026-01-31")
        south_user = self._create_portal_user("south", self.south)
        self.assertIn(invoice, self._visible(self.users["hq"]))
        self.south.billing_parent_access = "none"
        self.assertNotIn(invoice, self._visible(self.users["hq"]))
        self.assertIn(invoice, self._visible(south_user))
        self.south.billing_parent_access = "view"
        depot.billing_parent_access = "none"
        self.assertNotIn(invoice, self._visible(self.users["hq"]))
        self.assertNotIn(invoice, self._visible(south_user))

    def test_fresh_with_warm_caches(self):
        """Consent, its withdrawal and a new parent work although the rule's domain is cached."""
        user = self.users["hq"]
        other_user = self._create_portal_user("other", self._create_customer("Other HQ"))
        other = other_user.commercial_partner_id
        for access, expected in (("none", False), ("view", True), ("none", False), ("pay", True)):
            self.west.billing_parent_access = access
            self.assertEqual(self.invoice_w in self._visible(user), expected, access)
        self.assertFalse(self._visible(other_user))
        self.west.billing_parent_id = other
        self.assertNotIn(self.invoice_w, self._visible(user))
        self.assertFalse(self._visible(other_user), "A new parent starts without consent")
        self.west.billing_parent_access = "view"
        self.assertEqual(self._visible(other_user), self.invoice_w)
        self.west.billing_parent_id = False
        self.assertFalse(self._visible(other_user))

    def test_archived_branch(self):
        """The invoices of an archived branch stay visible, as the consent stays."""
        self.north.active = False
        self.assertIn(self.invoice_n, self._visible(self.users["hq"]))

    def test_only_posted_customer_documents(self):
        """Drafts, cancelled documents, bills and journal entries of branches stay closed."""
        draft = self.invoice_n.copy({"invoice_date": "2026-01-01"})
        cancelled = self.invoice_n.copy({"invoice_date": "2026-01-01"})
        cancelled.button_cancel()
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.north.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 1, "tax_ids": []})],
            }
        )
        bill.action_post()
        payment = self._payment(self.north, 10.0)
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.north.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 1, "tax_ids": []})],
            }
        )
        refund.action_post()
        closed = draft | cancelled | bill | payment.move_id
        visible = self._visible(self.users["hq"])
        self.assertFalse(visible & closed)
        self.assertIn(refund, visible)
        self.assertFalse(self._visible(self.users["hq"], "account.move.line") & closed.line_ids)

    def test_other_company(self):
        """Invoices of a company that the user isn't of stay closed, as in core."""
        other = self.setup_other_company()["company"]
        invoice = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.north.id,
                    "invoice_date": "2026-01-01",
                    "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 1, "tax_ids": []})],
                }
            )
        )
        invoice.action_post()
        self.assertNotIn(invoice, self._visible(self.users["hq"]))
        self.users["hq"].company_ids |= other
        self.assertIn(invoice, self._visible(self.users["hq"]))

    def test_contact_data_stays_closed(self):
        """The name comes with the invoice; the branch's contact data can't be read or probed."""
        user = self.users["hq"]
        self.north.write({"email": "north@acme.example", "phone": "+1 555 0100"})
        invoice = self.invoice_n.with_user(user)
        self.assertEqual(invoice.read(["partner_id"])[0]["partner_id"][1], "Acme N")
        with self.assertRaises(AccessError):
            self.north.with_user(user).read(["email"])
        Move = self.env["account.move"].with_user(user)
        for domain in (
            [("partner_id.email", "like", "north")],
            [("commercial_partner_id.phone", "like", "555")],
        ):
            self.assertNotIn(self.invoice_n, Move.search(domain).sudo())
        for path in ("partner_id.email", "commercial_partner_id.phone"):
            try:
                groups = Move._read_group([], [path], ["__count"])
            except AccessError:
                continue
            self.assertFalse(any(value for value, _count in groups), path)

    def test_hierarchy_stays_closed(self):
        """Portal users can't read the closure table or hierarchy fields of the branches."""
        user = self.users["hq"]
        with self.assertRaises(AccessError):
            self.env["customer.hierarchy.link"].with_user(user).search([])
        for domain in (
            [("commercial_partner_id.billing_parent_id", "!=", False)],
            [("commercial_partner_id.billing_ancestor_link_ids.depth", ">", 0)],
        ):
            try:
                found = self.env["account.move"].with_user(user).search(domain)
            except AccessError:
                continue
            self.assertFalse(found)

    def test_ordinary_user_pays_one_look_up(self):
        """A customer in no hierarchy: not one query more for the rules, one look-up for tokens."""
        user = self.users["stranger"]
        self._invoice(self.stranger, 10.0, due="2026-01-31")

        def count():
            self.env["account.move"].with_user(user).search([])
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["account.move"].with_user(user).search([]).mapped("amount_residual")
            return self.cr.sql_log_count - before

        count()
        ours = count()
        self.env.cr.cache.clear()
        self.assertEqual(count(), ours + 1)
        self.env.ref("customer_org.account_move_rule_portal_billing_ancestor").active = False
        count()
        self.assertEqual(count(), ours)

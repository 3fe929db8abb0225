# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalToursDesktop(PortalCommon):
    """What portal users click, on a large screen."""

    def test_head_office(self):
        """A head office's user finds its branches, chooses invoices and comes to the pay form."""
        self.start_tour("/my", "customer_org_portal_head_office", login="hq")

    def test_wire(self):
        """Portal: a transfer is announced; its bank line pays; the portal says thank you."""
        self.south.billing_parent_access = "pay"
        self.start_tour("/my/organization", "customer_org_portal_wire", login="hq")
        remittance = self.env["customer.remittance"].search([("partner_id", "=", self.hq.id)])
        self.assertEqual((remittance.kind, remittance.state), ("wire", "waiting"))
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_ref": f"SEPA {remittance.communication} THANK YOU",
                "amount": 5500.0,
            }
        )
        self.assertEqual(remittance.state, "settled")
        invoices = self.invoice_n | self.invoice_s
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.start_tour("/my/organization", "customer_org_portal_wire_paid", login="hq")

    def test_branch(self):
        """A branch's user withdraws the consent to pay."""
        self.company.portal_branch_consent = True
        self.start_tour("/my", "customer_org_portal_branch", login="north")
        self.assertEqual(self.north.billing_parent_access, "view")


@tagged("post_install", "-at_install")
class TestPortalToursPhone(TestPortalToursDesktop):
    """With a thumb, on the way."""

    # Odoo's runner leaves out what a class inherits, unless it is told so.
    allow_inherited_tests_method = True
    browser_size = "390x844"
    touch_enabled = True

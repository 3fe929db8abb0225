# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestNames(SettlementCommon):
    """A printed document names others to who may know them: by who receives it."""

    def render(self, report, record):
        """Return the words of a document as an accountant prints it."""
        content, _type = self.env["ir.actions.report"]._render_qweb_html(report, record.ids)
        return " ".join(content.decode().split())

    def print_invoice(self, invoice):
        return self.render("account.account_invoices", invoice)

    def print_receipt(self, payment):
        return self.render("account.action_report_payment_receipt", payment)

    def test_invoice_of_a_branch(self):
        """N's invoice does not name HQ, whoever prints it."""
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        text = self.print_invoice(self.invoice_n)
        self.assertIn("by your head office", text)
        self.assertNotIn("Acme HQ", text)

    def test_invoice_paid_by_a_sister(self):
        """Nor a sister whose credit an accountant used for it."""
        self.reconcile(self._payment(self.south, 3000.0), self.invoice_n)
        text = self.print_invoice(self.invoice_n)
        self.assertIn("by another customer", text)
        self.assertNotIn("Acme S", text)

    def test_invoice_after_moving(self):
        """A former head office is another customer."""
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.north.billing_parent_id = self._create_customer("New HQ")
        text = self.print_invoice(self.invoice_n)
        self.assertIn("by another customer", text)
        self.assertNotIn("Acme HQ", text)

    def test_invoice_paid_by_a_branch(self):
        """HQ reads the name of a branch that shows it its documents, no other's."""
        own = self._invoice(self.hq, 100.0, due="2026-01-05")
        self.reconcile(self._payment(self.north, 100.0), own)
        self.assertIn("by another customer", self.print_invoice(own))
        self.north.billing_parent_access = "view"
        self.assertIn("by Acme N", self.print_invoice(own))

    def test_widget_of_the_accountant(self):
        """On the accountant's screen the payer keeps its name."""
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        content = self.invoice_n.invoice_payments_widget["content"]
        self.assertEqual(content[0]["settlement_label"], "by Acme HQ")

    def test_receipt_of_the_payer(self):
        """HQ's receipt has the number and memo of its own payment, and not N's own payment."""
        own = self._payment(self.north, 1000.0, memo="N privately")
        self.reconcile(own, self.invoice_n)
        payment = self._payment(self.hq, 2000.0, memo="HQ pays for N")
        settlement = self.reconcile(payment, self.invoice_n)
        text = self.print_receipt(payment)
        self.assertIn(payment.move_id.name, text.partition(self.invoice_n.name)[2])
        self.assertIn("HQ pays for N", text.partition(self.invoice_n.name)[2])
        self.assertNotIn(settlement.move_id.name, text)
        self.assertNotIn(own.move_id.name, text)
        self.assertNotIn("N privately", text)
        self.assertIn("Other payments and credits", text)

    def test_receipt_of_a_branch(self):
        """N's receipt of its own payment tells nothing of HQ's."""
        own = self._payment(self.north, 1000.0, memo="N privately")
        self.reconcile(own, self.invoice_n)
        payment = self._payment(self.hq, 2000.0, memo="HQ pays for N")
        self.reconcile(payment, self.invoice_n)
        text = self.print_receipt(own)
        self.assertIn("N privately", text)
        self.assertNotIn("HQ pays for N", text)
        self.assertNotIn(payment.move_id.name, text)

    def test_printed_statement(self):
        """N's statement names HQ on the accountant's screen, and not on paper."""
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        report = self.env["report.customer_org.report_statement"]
        options = {"statement": {"date_from": "2026-01-01", "date_to": "2026-12-31"}}
        for report_type, label in (
            ("html", "Paid by Acme HQ"),
            ("pdf", "Paid by your head office"),
        ):
            values = report._get_report_values(
                self.north.ids, {**options, "report_type": report_type}
            )
            statement = values["statements"][0]
            labels = [
                row.reference
                for section in statement.sections
                for group in section.groups
                for row in group.rows
            ]
            self.assertIn(label, labels)

    def test_contact_tree(self):
        """The form warns where the contact tree shows what the consent does not."""
        self.assertFalse(self.north.is_shown_by_contact_tree)
        self.north.write({"parent_id": self.hq.id})
        self.assertTrue(self.north.is_shown_by_contact_tree)
        self.north.billing_parent_access = "view"
        self.assertFalse(self.north.is_shown_by_contact_tree)

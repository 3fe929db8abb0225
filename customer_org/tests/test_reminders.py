# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_statement_output import WizardCommon


@tagged("post_install", "-at_install")
class TestReminders(WizardCommon):
    """Statements to those with something overdue: not of what is announced or disputed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._create_customer("Stranger")
        cls._invoice(cls.stranger, 5.0, due="2026-01-20")

    def announce(self, *invoices, days=3):
        remittance = self.env["customer.remittance"].create(
            {
                "partner_id": self.hq.id,
                "kind": "wire",
                "date_expected": fields.Date.today() + timedelta(days=days),
                "line_ids": [
                    Command.create({"move_id": move.id, "amount": move.amount_residual})
                    for move in invoices
                ],
            }
        )
        remittance.action_match()
        remittance.action_confirm()
        return remittance

    def get_reminded(self, customers, **values):
        return self.open_wizard(customers, only="overdue", **values)._get_customers()

    def test_announced(self):
        """Whose overdue invoices are all announced is not reminded, until the grace has passed."""
        chosen = self.north | self.west
        self.assertEqual(self.get_reminded(chosen), chosen)
        remittance = self.announce(self.invoice_w)
        self.assertEqual(self.get_reminded(chosen), self.north)
        remittance.date_expected = fields.Date.today() - timedelta(days=4)
        self.assertEqual(self.get_reminded(chosen), chosen)

    def test_something_else_is_overdue(self):
        """What is not announced is reminded of, all the same."""
        self.announce(self.invoice_w)
        self._invoice(self.west, 10.0, due="2026-01-20")
        self.assertIn(self.west, self.get_reminded(self.north | self.west))

    def test_with_branches(self):
        """A head office is not reminded where all of its branches' invoices are announced."""
        self.announce(self.invoice_n, self.invoice_s, self.invoice_e)
        self.assertEqual(self.get_reminded(self.hq | self.stranger), self.hq | self.stranger)
        self.announce(self.invoice_w)
        self.assertEqual(self.get_reminded(self.hq | self.stranger), self.stranger)

    def test_disputed(self):
        """What is left of an invoice in dispute is not reminded of."""
        reason = self.env["customer.deduction.reason"].create({"name": "x", "action": "open"})
        remittance = self.announce(self.invoice_w)
        remittance.line_ids.write({"amount": 1400.0, "deduction": 100.0, "reason_id": reason.id})
        remittance.credit_line_ids = self._receivable_lines(self.payment.move_id)
        remittance.action_settle()
        self.assertEqual(self.invoice_w.amount_residual, 100.0)
        self.assertEqual(self.get_reminded(self.north | self.west), self.north)
        self.invoice_w.action_resolve_dispute()
        self.assertEqual(self.get_reminded(self.north | self.west), self.north | self.west)

    def test_in_due_as_ever(self):
        """What is announced counts in what is due, and its statement can be sent."""
        due = self.hq.billing_total_due
        self.announce(*self.invoices)
        self.env.invalidate_all()
        self.assertEqual(self.hq.billing_total_due, due)
        self.assertEqual(self.open_wizard(self.hq)._get_customers(), self.hq)

    def test_from_a_branch_company(self):
        """In a branch company the statement has what its company bills, and so has the reminder."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        user = new_test_user(
            self.env,
            "branch accountant",
            "account.group_account_invoice,base.group_partner_manager",
            company_id=branch.id,
            company_ids=branch.ids,
        )
        self.announce(self.invoice_w)
        chosen = (self.north | self.west).with_user(user).with_company(branch)
        self.assertEqual(self.get_reminded(chosen), self.north)
        self._invoice(self.west, 10.0, due="2026-01-20")
        self.assertEqual(self.get_reminded(chosen), self.north | self.west)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager

from odoo import fields
from odoo.fields import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class AcmeCommon(AccountTestInvoicingCommon):
    """Acme HQ with its branches N, S, E, W and their open invoices, as accountants tell it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.hq = cls._create_customer("Acme HQ")
        cls.north, cls.south, cls.east, cls.west = cls.branches = cls.env["res.partner"].union(
            *(cls._create_customer(name, cls.hq) for name in ("Acme N", "Acme S", "Acme E", "Acme W"))
        )

    @contextmanager
    def assert_refused(self, exception, message):
        """Expect an error that says ``message`` (a pattern), and take back what was done."""
        with self.assertRaises(exception) as catcher:
            yield
        self.assertRegex(str(catcher.exception), message)

    @classmethod
    def _create_customer(cls, name, parent=None, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "billing_parent_id": parent.id if parent else False,
                "property_account_receivable_id": cls.receivable.id,
                **values,
            }
        )

    @classmethod
    def _create_open_invoices(cls):
        """Post the four invoices of the fixture: 8,750 together."""
        cls.invoice_n = cls._invoice(cls.north, 3000.0, due="2026-01-10")
        cls.invoice_s = cls._invoice(cls.south, 2500.0, due="2026-01-15")
        cls.invoice_e = cls._invoice(cls.east, 1750.0, due="2026-01-20")
        cls.invoice_w = cls._invoice(cls.west, 1500.0, due="2026-01-31")
        cls.invoices = cls.invoice_n | cls.invoice_s | cls.invoice_e | cls.invoice_w

    @classmethod
    def _invoice(cls, partner, amount, due, date="2026-01-01", **values):
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": date,
                "invoice_payment_term_id": False,
                "invoice_date_due": due,
                "invoice_line_ids": [
                    Command.create({"name": "Service", "price_unit": amount, "tax_ids": []})
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _payment(cls, partner, amount, date="2026-01-31", **values):
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "amount": amount,
                "date": fields.Date.to_date(date),
                "journal_id": cls.company_data["default_journal_bank"].id,
                **values,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def _receivable_lines(cls, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

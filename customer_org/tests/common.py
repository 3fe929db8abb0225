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
            *(
                cls._create_customer(name, cls.hq)
                for name in ("Acme N", "Acme S", "Acme E", "Acme W")
            )
        )

    @contextmanager
    def assert_refused(self, exception, message):
        """Expect an error that says ``message`` (a pattern), and take back what was done."""
        with self.assertRaises(exception) as catcher:
            yield
        self.assertRegex(str(catcher.exception), message)

    @contextmanager
    def count_queries(self):
        """Yield a function that tells how many queries were made in the block."""
        start = self.env.cr.sql_log_count
        counts = []
        yield lambda: counts[0]
        counts.append(self.env.cr.sql_log_count - start)

    @contextmanager
    def taken_back(self):
        """Take back what the block does, so that many situations do not slow each other down."""
        with self.env.cr.savepoint() as savepoint:
            yield
            savepoint.rollback()

    @classmethod
    def _analyze(cls):
        """Tell PostgreSQL how much there is in this transaction.

        Core's look-up of an invoice's payments joins by OR: without statistics, as in a test that
        makes a thousand invoices, it takes minutes. How big a table is stays known after a test's
        rollback, so that each test has to tell.
        """
        cls.env.flush_all()
        cls.env.cr.execute(
            "ANALYZE account_move, account_move_line, account_payment, res_partner,"
            " account_partial_reconcile, account_account"
        )

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
    def _create_mail_contacts(cls):
        """Give HQ and N addresses, and HQ a contact that gets its invoices."""
        cls.hq.email = "hq@example.com"
        cls.north.email = "north@example.com"
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Payables",
                "parent_id": cls.hq.id,
                "type": "invoice",
                "email": "payables@example.com",
            }
        )

    @staticmethod
    def _get_values_of_addon(addon, records):
        """Return what is not empty of the fields that an addon adds to records, by field name."""
        return {
            name: record[name]
            for record in records
            for name, field in record._fields.items()
            if set(field._modules) == {addon} and record[name]
        }

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
    def _create_invoices(cls, customers, count, get_amount=lambda number: 10.0):
        """Post ``count`` invoices over the customers in turn, created and posted together."""
        quiet = {"tracking_disable": True, "mail_create_nolog": True, "mail_notrack": True}
        moves = (
            cls.env["account.move"]
            .with_context(**quiet)
            .create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": customers[number % len(customers)].id,
                        "invoice_date": "2026-01-01",
                        "invoice_payment_term_id": False,
                        "invoice_date_due": "2026-02-01",
                        "invoice_line_ids": [
                            Command.create(
                                {"name": "x", "price_unit": get_amount(number), "tax_ids": []}
                            )
                        ],
                    }
                    for number in range(count)
                ]
            )
        )
        cls._analyze()
        moves.action_post()
        return moves.with_env(cls.env)

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
    def _wire(cls, partner, amount, date="2026-01-20", **values):
        """Return a bank line whose counterpart is on the receivable account."""
        line = cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.company_data["default_journal_bank"].id,
                "date": date,
                "payment_ref": "Wire",
                "partner_id": partner.id,
                "amount": amount,
                **values,
            }
        )
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.account_id = cls.receivable
        return line

    @classmethod
    def _halves_term(cls, *days):
        """Return a payment term of two halves, due so many days after the invoice's date."""
        parts = [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": one}) for one in days
        ]
        return cls.env["account.payment.term"].create({"name": "Two halves", "line_ids": parts})

    @classmethod
    def _receivable_lines(cls, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


class SettlementCommon(AcmeCommon):
    """The open invoices of the branches, and the invariants of the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_open_invoices()
        cls.customers = cls.hq | cls.branches

    def reconcile(self, *documents):
        """Reconcile the open receivable items of these invoices and payments, and check."""
        lines = self.env["account.move.line"]
        for document in documents:
            moves = document.move_id if document._name == "account.payment" else document
            lines |= self._receivable_lines(moves).filtered(lambda line: not line.reconciled)
        lines.reconcile()
        self.assert_ledger()
        return self.last_settlement()

    def last_settlement(self):
        return self.env["customer.settlement"].search([], order="id desc", limit=1)

    def assert_ledger(self):
        """Check what holds after every step: see the scenarios.

        The balance of each customer's receivable = its open items; no leg of a settlement is open;
        the entries of settlements are balanced, so they change no total, only who owes it; what a
        settlement says is what its legs pay.
        """
        self.env.flush_all()
        lines = self.env["account.move.line"].search(
            [("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")]
        )
        currency = self.company.currency_id
        for partner, items in lines.grouped("partner_id").items():
            for account, account_items in items.grouped("account_id").items():
                balance = sum(account_items.mapped("balance"))
                residual = sum(account_items.mapped("amount_residual"))
                self.assertTrue(
                    currency.is_zero(balance - residual),
                    f"{partner.name} {account.code}: balance {balance}, open items {residual}",
                )
        legs = lines.filtered("move_id.customer_settlement_id")
        self.assertFalse(legs.filtered(lambda leg: not leg.reconciled), "stray leg")
        for move in legs.move_id:
            self.assertTrue(currency.is_zero(sum(move.line_ids.mapped("balance"))))
        for line in self.env["customer.settlement.line"].search([]):
            paid = sum(line._get_debt_partials().mapped("amount"))
            if line.debtor_leg_id.currency_id == currency:
                self.assertTrue(currency.is_zero(line.amount - paid), (line.amount, paid))
        for partial in self.env["account.partial.reconcile"].search([]):
            self.assertEqual(
                partial.debit_move_id.partner_id.commercial_partner_id,
                partial.credit_move_id.partner_id.commercial_partner_id,
                "a match goes across customers",
            )

    def assert_open(self, **amounts):
        """Compare the open receivable of customers, by name without *Acme*."""
        for customer in self.customers:
            name = customer.name.removeprefix("Acme ")
            if name in amounts:
                lines = self.env["account.move.line"].search(
                    [
                        ("partner_id", "=", customer.id),
                        ("account_type", "=", "asset_receivable"),
                        ("parent_state", "=", "posted"),
                    ]
                )
                residual = sum(lines.mapped("amount_residual"))
                self.assertAlmostEqual(residual, amounts.pop(name), 2, name)
        self.assertFalse(amounts, "unknown names")

    def assert_entry(self, move, *expected):
        """Compare an entry's items: (customer, account, balance)."""
        self.assertCountEqual(
            [
                (line.partner_id, line.account_id, line.company_currency_id.round(line.balance))
                for line in move.line_ids
            ],
            expected,
        )

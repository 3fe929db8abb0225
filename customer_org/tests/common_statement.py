# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields

from .common import SettlementCommon


class StatementCommon(SettlementCommon):
    """Statements, and how they tie to the ledger."""

    def statement(self, partner=None, date_to="2026-12-31", date_from=None, **options):
        """Return a statement and check that its figures tie to the ledger."""
        self.env.flush_all()
        statement = self.env["customer.statement"]._build(
            partner or self.hq,
            date_to=fields.Date.to_date(date_to),
            date_from=fields.Date.to_date(date_from),
            **options,
        )
        self.assert_ties(statement)
        return statement

    def assert_ties(self, statement):
        """Check the statement against the journal items, read by the ORM."""
        customer_ids = [customer.id for customer in statement.customers]
        lines = self.env["account.move.line"].search(
            [
                ("partner_id.commercial_partner_id", "in", customer_ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "child_of", statement.company.root_id.id),
                ("date", "<=", statement.date_to),
            ]
        )
        total = statement.total
        self.assert_same(statement, "closing", total, sum(lines.mapped("balance")))
        if statement.date_from:
            before = lines.filtered(lambda line: line.date < statement.date_from)
            self.assert_same(statement, "opening", total, sum(before.mapped("balance")))
        open_amounts = self.get_open_amounts(lines)
        sections = {section.currency: section for section in statement.sections}
        for currency, amount in open_amounts.items():
            if currency not in sections:
                self.assertTrue(currency.is_zero(amount), f"{currency.name} is missing")
        for currency, section in sections.items():
            self.assert_same(statement, "closing", section, open_amounts.get(currency, 0.0))
            rows = [row for group in section.groups for row in group.rows]
            if rows:
                self.assertTrue(currency.is_zero(rows[-1].running - section.closing))
            self.assert_zero(currency, section.debit - sum(row.debit for row in rows))
            self.assert_zero(currency, section.credit - sum(row.credit for row in rows))
            for group in section.groups:
                self.assert_group(group, lines, currency)
        for section in [total, *statement.sections]:
            currency = section.currency
            movements = section.debit - section.credit + section.exchange
            self.assert_zero(currency, section.opening + movements - section.closing)
            self.assert_zero(currency, sum(section.buckets) - section.closing)

    def assert_same(self, statement, fname, section, expected):
        actual = getattr(section, fname)
        self.assertTrue(
            section.currency.is_zero(actual - expected),
            f"{statement.partner.name} {statement.date_from} to {statement.date_to}: {fname} in "
            f"{section.currency.name} is {actual}, in the ledger {expected}",
        )

    def assert_zero(self, currency, amount):
        self.assertTrue(currency.is_zero(amount), amount)

    def assert_group(self, group, lines, currency):
        """Check the ageing of one customer: its open items by their dates."""
        own = lines.filtered(
            lambda line: line.partner_id.commercial_partner_id.id == group.customer.id
        )
        expected = self.get_open_amounts(own).get(currency, 0.0)
        self.assert_zero(currency, sum(group.buckets) - expected)

    @staticmethod
    def get_open_amounts(lines):
        """Return ``{currency: what is open of the items, matched among themselves}``."""
        amounts = {}
        for line in lines:
            amount = line.amount_currency
            for partial in line.matched_credit_ids:
                if partial.credit_move_id in lines:
                    amount -= partial.debit_amount_currency
            for partial in line.matched_debit_ids:
                if partial.debit_move_id in lines:
                    amount += partial.credit_amount_currency
            amounts[line.currency_id] = amounts.get(line.currency_id, 0.0) + amount
        return amounts

    def get_rows(self, statement, currency=None):
        """Return (customer, document, debit, credit, running balance) of the rows of a currency."""
        currency = currency or self.company.currency_id
        return [
            (group.customer.name, row.document, row.debit, row.credit, row.running)
            for section in statement.sections
            if section.currency == currency
            for group in section.groups
            for row in group.rows
        ]

    def get_section(self, statement, currency=None):
        currency = currency or self.company.currency_id
        return next(section for section in statement.sections if section.currency == currency)

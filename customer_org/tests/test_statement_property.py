# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import unittest

from odoo.tests import tagged

from .common_history import HistoryCommon, given
from .common_statement import StatementCommon

PERIODS = [
    (None, "2026-01-04"),
    (None, "2026-01-10"),
    ("2026-01-06", "2026-01-20"),
    ("2026-01-20", "2026-02-04"),
    ("2026-02-01", "2026-12-31"),
]


@tagged("post_install", "-at_install")
@unittest.skipUnless(given, "hypothesis is not installed")
class TestStatementProperty(HistoryCommon, StatementCommon):
    """After any history the statements of all customers tie to the ledger, on any date."""

    def test_random_histories(self):
        """Random forests, credits, debts, currencies, settlements and what undoes them."""
        self.run_histories(10, self.check_all)

    def check_all(self, customers):
        for customer in customers:
            self.check_statements(customer)

    def check_statements(self, customer):
        """Every presentation ties, and periods that follow each other join."""
        for date_from, date_to in PERIODS:
            period = self.statement(customer, date_to, date_from)
            items = self.statement(customer, date_to, presentation="open")
            self.statement(customer, date_to, date_from, branches=False)
            self.assertEqual(
                {
                    section.currency: section.closing
                    for section in period.sections
                    if section.closing
                },
                {
                    section.currency: section.closing
                    for section in items.sections
                    if section.closing
                },
            )
            self.assertEqual(period.total.buckets, items.total.buckets)
        first = self.statement(customer, "2026-01-20")
        second = self.statement(customer, "2026-12-31", "2026-01-21")
        self.assertEqual(
            {section.currency: section.closing for section in first.sections if section.closing},
            {section.currency: section.opening for section in second.sections if section.opening},
        )

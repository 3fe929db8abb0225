# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import unittest

from odoo.tests import tagged

from .common_history import HistoryCommon, given


@tagged("post_install", "-at_install")
@unittest.skipUnless(given, "hypothesis is not installed")
class TestSettlementProperty(HistoryCommon):
    """Whatever is done in whatever order, the invariants of the ledger hold after each step."""

    def test_random_histories(self):
        """Random forests, credits, debts, currencies and steps."""
        self.run_histories(25)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_oracle import play
from .test_oracle import OracleCommon


@tagged("post_install", "-at_install")
class TestOracleFound(OracleCommon):
    """Histories that once showed a difference, as short as they could be."""

    def test_credit_used_up_by_rounding(self):
        """Three yen are two cents: what is left of them after one debt has no value any more."""
        play(
            self,
            [
                ("entry", 0, 1, -3, 2, 0, 2, 100),
                ("invoice", 1, 0, 100000, 0, 1, 4, 0, False, False),
                ("invoice", 2, 0, 2, 2, 2, 4, 2, False, False),
                ("match", [0, 1, 2]),
            ],
        )

    def test_exchange_difference_goes_with_its_match(self):
        """The refund's difference is of its match with the yen, not of that with three cents.

        With that match goes the cash-basis tax that the difference took along.
        """
        play(
            self,
            [
                ("entry", 0, 3, 180997, 2, 0, 1, 100),
                ("invoice", 2, 4, 41840, 0, 1, 3, 2, True, True),
                ("entry", 4, 1, 3, 0, 2, 1, 100),
                ("match", [2, 4, 4, 0, 4]),
                ("unmatch_pair", 0, 2),
            ],
        )

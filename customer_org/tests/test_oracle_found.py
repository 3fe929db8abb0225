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

    def test_taxes_of_an_exchange_difference(self):
        """A credit note's difference takes a share of its cash-basis taxes along, in both ways.

        Part by part, to the end, and taken back.
        """
        for paying, receipt in ((3, 4), (0, 3)):
            with self.subTest(paying=paying), self.taken_back():
                customers = (0, 4) if paying == 3 else (4, 0)
                play(
                    self,
                    [
                        ("invoice", 0, customers[0], 100000, 0, 0, paying, 0, True, 0),
                        ("invoice", 1, customers[1], 100000, 2, 3, receipt, 0, False, 0),
                        ("match", [1, 0]),
                        ("invoice", 2, customers[1], 100000, 2, 1, receipt, 0, False, 0),
                        ("match", [2, 0]),
                        ("unmatch_pair", *((1, 0) if paying == 3 else (0, 1))),
                        ("match", [1, 0]),
                        ("unmatch", 0),
                    ],
                )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .test_oracle import OracleCommon

FURTHER_STEPS = {
    "redate_posted": 1.5,
    "change_amount": 1.5,
    "change_account": 1,
    "reverse": 1,
    "settle_on_screen": 3,
    "settle_automatically": 3,
}


@tagged("post_install", "-at_install")
class TestOracleMore(OracleCommon):
    """What accountants correct afterwards, and what settles by screen or by itself."""

    histories = 2
    further_steps = FURTHER_STEPS

    def test_walk(self):
        """Amounts, accounts and dates corrected, invoices reversed, settled on the screen."""
        self.walk()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestRemittanceDocument(SettlementCommon):
    """The remittance as a document: number, states, who may change what."""

    def create(self, **values):
        return self.env["customer.remittance"].create({"partner_id": self.hq.id, **values})

    def test_number(self):
        """Each has a number of its own sequence."""
        first, second = self.create(), self.create()
        self.assertRegex(first.name, r"^REM/\d{4}/\d{5}$")
        self.assertNotEqual(first.name, second.name)

    def test_state_is_not_typed(self):
        """Nobody makes a remittance settled but by settling it."""
        remittance = self.create()
        with self.assertRaises(AccessError):
            remittance.state = "settled"
        with self.assertRaises(AccessError):
            self.create(state="settled")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestRemittanceDocument(SettlementCommon):
    """The remittance as a document: number, states, who may change what."""

    def create_draft(self, **values):
        return self.env["customer.remittance"].create({"partner_id": self.hq.id, **values})

    def test_number(self):
        """Each has a number of its own sequence."""
        first, second = self.create_draft(), self.create_draft()
        self.assertRegex(first.name, r"^REM/\d{4}/\d{5}$")
        self.assertNotEqual(first.name, second.name)

    def test_state_is_not_typed(self):
        """Nobody makes a remittance settled but by settling it."""
        remittance = self.create_draft()
        with self.assertRaises(AccessError):
            remittance.state = "settled"
        with self.assertRaises(AccessError):
            self.create_draft(state="settled")

    def test_merged_payers(self):
        """Two payers that become one keep all their remittances, though references are equal."""
        first = self.create_draft(ref="A-1")
        second = self.create_draft(ref="A-1", partner_id=self._create_customer("Twin").id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard.sudo()._merge((self.hq | second.partner_id).ids, self.hq)
        self.env.invalidate_all()
        self.assertEqual((first | second).exists().partner_id, self.hq)
        self.assertEqual(len((first | second).exists()), 2)
        self.assertEqual(second.ref, f"A-1 ({second.name})")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_remittance_mail import RemittanceMailCommon


@tagged("post_install", "-at_install")
class TestRemittanceMail(RemittanceMailCommon):
    """A mail with a list makes a draft; what can't be read waits for a person."""

    def test_list_of_a_contact(self):
        """A contact of the head office: a draft with the documents found, nothing settled."""
        remittance = self.receive(self.content)
        self.assertEqual((remittance.partner_id, remittance.state), (self.hq, "draft"))
        self.assertEqual(remittance.company_id, self.company)
        self.assertEqual(remittance.line_ids.move_id, self.invoice_n)
        self.assertEqual(remittance.amount_announced, 3000.0)
        self.assertEqual(remittance.message_ids.attachment_ids.name, "list.csv")
        self.assertFalse(remittance.activity_ids)

    def test_unknown_sender(self):
        """Somebody unknown: no payer, no line, and an activity."""
        remittance = self.receive(self.content, sender="somebody@elsewhere.example.com")
        self.assertFalse(remittance.partner_id or remittance.line_ids)
        self.assertIn("unknown", str(remittance.activity_ids.note))
        self.assertTrue(remittance.message_ids.attachment_ids)

    def test_no_list(self):
        """An attachment that is none: the reason is in the activity."""
        remittance = self.receive("%PDF-1.4 etc")
        self.assertEqual(remittance.partner_id, self.hq)
        self.assertIn("PDF", str(remittance.activity_ids.note))

    def test_same_list_twice(self):
        """The same list again waits for a person, who is told which one has its number."""
        content = "Avis-Nr.;4711-26\n" + self.content
        first = self.receive(content)
        second = self.receive(content)
        self.assertNotEqual(first, second)
        self.assertFalse(second.line_ids)
        self.assertIn(first.name, str(second.activity_ids.note))

    def test_not_by_program(self):
        """The door of mails is no way around the buttons."""
        with self.assertRaises(AccessError):
            self.env["customer.remittance"].message_new({}, {"state": "settled"})

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_statement_mail import StatementMailCommon
from .test_statement_output import FEBRUARY

SUMMARY = "Statement not sent"


@tagged("post_install", "-at_install")
class TestStatementMailAgain(StatementMailCommon):
    """What failed is tried again, for who is to get it now, and until nobody wants it any more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hq.statement_monthly = True
        cls.north.write({"statement_monthly": True, "billing_mail_to": "both"})

    def get_delivery(self, partner):
        return self.env["customer.mail.delivery"].search([("partner_id", "=", partner.id)], limit=1)

    def fail(self, partner, *addresses, day="2026-03-02"):
        """Run the monthly cron; the server refuses these addresses. Return the delivery."""
        (self.hq | self.north - partner).statement_monthly = False
        partner.statement_monthly = True
        with freeze_time(day), self.refuse(*addresses):
            self.run_cron()
        delivery = self.get_delivery(partner)
        self.assertEqual(delivery.state, "failed")
        self.assertEqual(partner.activity_ids.mapped("summary"), [SUMMARY])
        return delivery

    def test_new_contact(self):
        """Who left is nobody to wait for: the new contact gets it, and the month is done."""
        delivery = self.fail(self.hq)
        self.contact.active = False
        bob = self.contact.copy({"name": "Bob", "email": "bob@example.com", "active": True})
        with freeze_time("2026-03-03"):
            self.assertEqual(self.run_cron().recipient_ids, bob)
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(delivery.recipient_ids.partner_id, bob)
        self.assertEqual(self.hq.statement_sent_until, date(2026, 2, 28))
        self.assertFalse(self.hq.activity_ids)

    def test_no_longer_for_the_head_office(self):
        """The branch has got it; the head office, which refused it, is not to get it any more."""
        delivery = self.fail(self.north, "payables@example.com")
        self.assertEqual(
            {one.partner_id: one.state for one in delivery.recipient_ids},
            {self.north: "sent", self.contact: "failed"},
        )
        self.north.billing_mail_to = "itself"
        with freeze_time("2026-03-03"):
            self.assertFalse(self.run_cron())
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(self.north.statement_sent_until, date(2026, 2, 28))
        self.assertFalse(self.north.activity_ids)

    def test_branch_moved(self):
        """The new billing parent gets what the former one refused."""
        delivery = self.fail(self.north, "payables@example.com")
        other = self._create_customer("New Head Office", email="new@example.com")
        self.north.billing_parent_id = other
        with freeze_time("2026-03-03"):
            self.assertEqual(self.run_cron().recipient_ids, other)
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(delivery.recipient_ids.partner_id, self.north | other)

    def test_nobody_wants_it_any_more(self):
        """A customer that takes monthly statements back gets no late one either."""
        for change in ({"statement_monthly": False}, {"active": False}):
            with self.subTest(change), self.taken_back():
                delivery = self.fail(self.south_with_mail())
                delivery.partner_id.write(change)
                with freeze_time("2026-03-03"):
                    self.assertFalse(self.run_cron())
                self.assertEqual(delivery.state, "cancelled")
                self.assertFalse(delivery.partner_id.activity_ids, "nothing is left to do")
                self.assertFalse(delivery.partner_id.statement_sent_until)
            self.env.invalidate_all()

    def south_with_mail(self):
        self.south.email = "south@example.com"
        return self.south

    def test_superseded(self):
        """When the next month is sent the one before is not tried any more, nor asked about."""
        delivery = self.fail(self.hq, day="2026-03-31")
        with freeze_time("2026-04-01"):
            self.assertEqual(len(self.run_cron()), 1)
        self.assertEqual(delivery.state, "cancelled")
        self.assertEqual(self.hq.statement_sent_until, date(2026, 3, 31))
        with freeze_time("2026-04-02"):
            self.assertFalse(self.run_cron())
        self.assertFalse(self.hq.activity_ids)

    def test_not_for_ever(self):
        """After a month of failures it is given up; the activity stays for the accountant."""
        self.hq.statement_monthly = self.north.statement_monthly = False
        with self.refuse():
            self.send(self.hq)
        delivery = self.get_delivery(self.hq)
        self.assertEqual(delivery.state, "failed")
        first = fields.Date.to_date(delivery.create_date)
        with freeze_time(first + timedelta(days=32)):
            self.assertFalse(self.run_cron())
        self.assertEqual(self.hq.activity_ids.summary, SUMMARY)

    def test_sent_again_by_hand(self):
        """The button serves who has not got it, at once; who only reads may not press it."""
        delivery = self.fail(self.north, "payables@example.com")
        auditor = new_test_user(self.env, "auditor", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            delivery.with_user(auditor).action_send_again()
        biller = new_test_user(self.env, "mail biller", "account.group_account_invoice")
        with self.mock_mail_gateway():
            delivery.with_user(biller).action_send_again()
            self.env["mail.mail"].sudo().browse(self._new_mails.ids).send()
        self.assertEqual(self._new_mails.recipient_ids, self.contact)
        self.assertEqual(delivery.state, "sent")
        with self.mock_mail_gateway():
            delivery.with_user(biller).action_send_again()
        self.assertFalse(self._new_mails, "sent is sent")

    def test_posting_by_who_only_reads(self):
        """An auditor writes notes on a mail to a customer, but mails nobody, by no parameter."""
        self.send(self.hq)
        delivery = self.get_delivery(self.hq)
        auditor = new_test_user(self.env, "posting auditor", "account.group_account_readonly")
        delivery = delivery.with_user(auditor).sudo(False)
        for recipients in (
            {"partner_ids": self.contact.ids},
            {"outgoing_email_to": "someone@example.com"},
        ):
            with self.mock_mail_gateway(), self.assertRaises(AccessError):
                delivery.message_post(body="Hello", **recipients)
            self.assertFalse(self._new_mails)
        delivery.message_post(body="Seen")
        self.assertIn("Seen", delivery.message_ids[0].body)

    def test_two_failures_one_activity(self):
        """Several statements of a customer fail: one activity, gone when the last one is sent."""
        self.fail(self.hq)
        with self.refuse():
            self.send(self.hq)
        self.assertEqual(self.hq.activity_ids.mapped("summary"), [SUMMARY])
        first, second = self.env["customer.mail.delivery"].search(
            [("partner_id", "=", self.hq.id)], order="id"
        )
        for delivery, summaries in ((second, [SUMMARY]), (first, [])):
            with self.mock_mail_gateway():
                delivery.action_send_again()
                self.env["mail.mail"].sudo().browse(self._new_mails.ids).send()
            self.assertEqual(self.hq.activity_ids.mapped("summary"), summaries)

    def test_same_reason_is_told_once(self):
        """A failure of the same kind every day is one note in the chatter, not thirty."""
        self.fail(self.hq)
        for day in ("2026-03-03", "2026-03-04"):
            with freeze_time(day), self.refuse():
                self.run_cron()
        notes = [note for note in self.get_notes(self.hq) if "was not sent" in note]
        self.assertEqual(len(notes), len(set(notes)))
        self.assertEqual(self.hq.activity_ids.mapped("summary"), [SUMMARY])

    def test_drafts_are_forgotten(self):
        """A composer that was closed leaves nothing for ever, what was sent stays."""
        self.send(self.hq)
        sent = self.get_delivery(self.hq)
        self.north._compose_statement(FEBRUARY)
        draft = self.get_delivery(self.north)
        self.assertEqual(draft.state, "draft")
        deliveries = self.env["customer.mail.delivery"].sudo()
        deliveries._gc_drafts()
        self.assertTrue(draft.exists())
        self.env.cr.execute(
            "UPDATE customer_mail_delivery SET create_date = create_date - interval '2 days'"
        )
        self.env.invalidate_all()
        deliveries._gc_drafts()
        self.assertFalse(draft.exists())
        self.assertTrue(sent.exists())

    def test_per_company(self):
        """Each company has its own last month, on one customer."""
        other = self._create_company(name="Other Company")
        self.fail(self.hq)
        with freeze_time("2026-03-03"):
            self.run_cron()
        self.assertEqual(self.hq.statement_sent_until, date(2026, 2, 28))
        self.assertFalse(self.hq.with_company(other).statement_sent_until)

    def test_who_asked_may_not_see_it_any_more(self):
        """Tried again with the rights of who asked: without them nothing is told, and no mail."""
        clerk = new_test_user(
            self.env, "dismissed", "account.group_account_invoice,base.group_partner_manager"
        )
        with self.refuse(), self.mock_mail_gateway():
            self.hq.with_user(clerk)._send_statement(FEBRUARY)
            self.env["mail.mail"].sudo().browse(self._new_mails.ids).send()
        delivery = self.get_delivery(self.hq)
        self.assertEqual(delivery.state, "failed")
        clerk.group_ids = self.env.ref("base.group_user")
        self.hq.statement_monthly = self.north.statement_monthly = False
        with freeze_time(fields.Date.today() + timedelta(days=1)):
            self.assertFalse(self.run_cron())
        self.assertEqual(delivery.state, "failed")
        self.assertIn("Only users of Invoicing", delivery.failure)

    def test_without_address_by_button(self):
        delivery = self.fail(self.hq)
        self.contact.email = self.hq.email = False
        with self.assert_refused(UserError, "has no e-mail address"):
            delivery.action_send_again()

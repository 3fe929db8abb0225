# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, timedelta
from smtplib import SMTPServerDisconnected
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tools.discuss import Store

from .common_statement_mail import StatementMailCommon
from .test_statement_output import FEBRUARY

MAIL_LOGGER = "odoo.addons.customer_org.models.cron_batch"


@tagged("post_install", "-at_install")
class TestStatementMail(StatementMailCommon):
    """Statements by e-mail: to whom, in bulk, and every month."""

    def test_to_the_invoice_contact(self):
        """The head office's invoice contact gets it, with the statement attached."""
        mail = self.send(self.hq)
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn("4,750.00", mail.body_html)
        self.assertIn("Statement of Account - Acme HQ.", mail.attachment_ids.name)
        self.assertIn(b"Acme S", mail.attachment_ids.raw)

    def test_closed_to_other_employees(self):
        """Who may read contacts reads that a statement was sent, and to whom, but no figures."""
        mail = self.send(self.hq)
        employee = new_test_user(self.env, "curious", "base.group_user")
        self.env.invalidate_all()
        for record in mail.mail_message_id, mail.attachment_ids:
            with self.assertRaises(AccessError):
                record.with_user(employee).sudo(False).read(["create_date"])
        notes = self.hq.with_user(employee).sudo(False).message_ids.mapped("body")
        self.assertTrue([note for note in notes if "Statement of account sent" in note])
        self.assertFalse([note for note in notes if "4,750.00" in note])

    def test_billing_mail_to(self):
        """A branch's statement goes to itself, to its billing parent's invoice contact, or both."""
        for choice, expected in (
            ("itself", self.north),
            ("head_office", self.contact),
            ("both", self.north | self.contact),
        ):
            self.north.billing_mail_to = choice
            mail = self.send(self.north)
            self.assertEqual(mail.recipient_ids, expected, choice)
            self.assertIn("3,000.00", mail.body_html)
            self.assertNotIn(b"Acme S", mail.attachment_ids.raw)
        self.north.billing_parent_id = False
        self.assertEqual(self.send(self.north).recipient_ids, self.north)

    def test_nearest_parent(self):
        """The nearest billing parent gets it, not the top."""
        shop = self._create_customer("Shop", self.north, billing_mail_to="head_office")
        self._invoice(shop, 10.0, due="2026-01-31")
        self.assertEqual(self.send(shop).recipient_ids, self.north)

    def test_reminder_of_a_branch(self):
        """Bulk work on overdue customers is a reminder; it honours the branch's choice as well."""
        self.west.billing_mail_to = "head_office"
        paid = self._create_customer("Paid", email="paid@example.com")
        wizard = self.open_wizard(self.west | paid, presentation="open", only="overdue")
        with self.mock_mail_gateway():
            wizard.action_send()
        self.assertEqual(self._new_mails.recipient_ids, self.contact)
        self.assertIn("Please pay what is overdue", self._new_mails.body_html)

    def test_without_address(self):
        """Who has no address is named; the others get theirs."""
        with self.mock_mail_gateway():
            action = self.open_wizard(self.hq | self.south).action_send()
        self.assertEqual(len(self._new_mails), 1)
        self.assertIn("Acme HQ", action["params"]["message"])
        self.assertIn("Acme S has no e-mail address", action["params"]["message"])
        with self.assertRaises(UserError):
            self.open_wizard(self.south).action_send()

    @mute_logger(MAIL_LOGGER)
    def test_bulk_by_cron(self):
        """Many go to the cron, one transaction each; one that fails becomes an activity."""
        manager = new_test_user(self.env, "manager", groups="account.group_account_manager")
        customers = self.hq
        for number in range(12):
            customer = self._create_customer(f"Shop {number}", email=f"{number}@example.com")
            self._invoice(customer, 10.0, due="2026-03-31")
            customers |= customer
        broken = customer
        broken.write({"email": False, "user_id": manager.id})
        with self.mock_mail_gateway():
            action = self.open_wizard(customers).action_send()
        self.assertFalse(self._new_mails)
        self.assertEqual(action["res_model"], "customer.statement.mail")
        self.assertEqual(self.env["customer.statement.mail"].search([]).partner_id, customers)
        self.assertEqual(len(self.run_cron()), 12)
        self.assertFalse(self.env["customer.statement.mail"].search([]))
        self.assertEqual(broken.activity_ids.user_id, manager)
        self.assertIn("no e-mail address", broken.activity_ids.note)
        progress = self.env["ir.cron.progress"].search(
            [("cron_id", "=", self.env.ref("customer_org.cron_customer_statement_mail").id)],
            limit=1,
        )
        self.assertEqual((progress.done, progress.remaining), (13, 0))
        self.assertFalse(self.run_cron())

    def test_rights_at_sending(self):
        """The cron sends with the rights of who asked."""
        user = new_test_user(self.env, "former", groups="base.group_user")
        self.hq.user_id = self.env.user
        self.env["customer.statement.mail"].sudo().create(
            {
                "partner_id": self.hq.id,
                "company_id": self.company.id,
                "user_id": user.id,
                "options": FEBRUARY,
            }
        )
        with mute_logger(MAIL_LOGGER):
            self.assertFalse(self.run_cron())
        self.assertIn("Only users of Invoicing", self.hq.activity_ids.note)

    def test_monthly(self):
        """On the first of the month or later, once, for the month before."""
        self.hq.statement_monthly = True
        with freeze_time("2026-03-02"):
            mail = self.run_cron()
            self.assertEqual(mail.recipient_ids, self.contact)
            self.assertIn("02/28/2026", mail.body_html)
            self.assertIn(b"02/01/2026", mail.attachment_ids.raw)
            self.assertEqual(self.hq.statement_sent_until, fields.Date.to_date("2026-02-28"))
            self.assertFalse(self.run_cron())
        with freeze_time("2026-03-31"):
            self.assertFalse(self.run_cron())
        with freeze_time("2026-04-01"):
            self.assertEqual(len(self.run_cron()), 1)
            self.assertFalse(self.run_cron())

    def test_monthly_of_a_failure(self):
        """What failed is tried again the next day, and noted once it is sent."""
        self.hq.statement_monthly = True
        self.contact.email = False
        with freeze_time("2026-03-01"), mute_logger(MAIL_LOGGER):
            self.assertFalse(self.run_cron())
            self.assertFalse(self.run_cron())
        self.assertFalse(self.hq.statement_sent_until)
        self.assertEqual(len(self.hq.activity_ids), 1)
        self.contact.email = "new@example.com"
        with freeze_time("2026-03-02"):
            self.assertEqual(len(self.run_cron()), 1)

    def test_said_only_when_taken(self):
        """Queued is not sent: the month counts once the server took the mail, and not before."""
        self.hq.statement_monthly = True
        with freeze_time("2026-03-02"):
            self.run_cron(send=False)
            self.assertFalse(self.hq.statement_sent_until)
            self.assertFalse([note for note in self.get_notes(self.hq) if "sent to" in note])
            with self.mock_mail_gateway():
                self.env["mail.mail"].sudo().process_email_queue()
        self.assertEqual(self.hq.statement_sent_until, date(2026, 2, 28))
        (note,) = [note for note in self.get_notes(self.hq) if "sent to" in note]
        self.assertIn("Payables", note)
        self.assertIn("02/01/2026 - 02/28/2026", note)

    def test_refused(self):
        """A refused mail: the chatter and an activity say so, the next day it is tried again."""
        self.hq.statement_monthly = True
        with freeze_time("2026-03-02"), self.refuse():
            self.run_cron()
            self.assertFalse(self.run_cron(), "not twice a day")
        self.assertFalse(self.hq.statement_sent_until)
        self.assertEqual(self.hq.activity_ids.summary, "Statement not sent")
        (note,) = [note for note in self.get_notes(self.hq) if "not sent" in note]
        self.assertIn("payables@example.com", note)
        with freeze_time("2026-03-03"):
            mail = self.run_cron()
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertEqual(self.hq.statement_sent_until, date(2026, 2, 28))
        self.assertFalse(self.hq.activity_ids, "nothing is left to do")
        with freeze_time("2026-03-04"):
            self.assertFalse(self.run_cron())

    def test_no_connection(self):
        """A mail server that can't be reached is a failure as well."""
        self.hq.statement_monthly = True
        error = OSError("no route to host")
        server = type(self.env["ir.mail_server"])
        with freeze_time("2026-03-02"):
            self.run_cron(send=False)
            with (
                self.mock_mail_gateway(),
                patch.object(server, "_connect__", side_effect=error),
                mute_logger("odoo.addons.mail.models.mail_mail"),
            ):
                self.env["mail.mail"].sudo().process_email_queue()
        self.assertFalse(self.hq.statement_sent_until)
        self.assertTrue(self.hq.activity_ids)

    def send_to_both(self, *errors):
        """Send N's monthly statement to N and HQ; the server refuses HQ's contact."""
        self.north.write({"statement_monthly": True, "billing_mail_to": "both"})
        with freeze_time("2026-03-02"), self.refuse("payables@example.com", *errors):
            self.run_cron()
        self.assertFalse(self.north.statement_sent_until)
        notes = self.get_notes(self.north)
        self.assertTrue([note for note in notes if "sent to Acme N" in note])
        self.assertTrue([note for note in notes if "not sent" in note and "payables@" in note])

    def test_never_twice(self):
        """Of two recipients, who has got it does not get it again."""
        self.send_to_both()
        with freeze_time("2026-03-03"):
            mail = self.run_cron()
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertEqual(self.north.statement_sent_until, date(2026, 2, 28))

    def test_never_twice_after_a_disconnection(self):
        """Core forgets who was served when the connection breaks; we do not."""
        self.north.write({"statement_monthly": True, "billing_mail_to": "both"})
        error = SMTPServerDisconnected("bye")
        with freeze_time("2026-03-02"):
            mail = self.run_cron(send=False)
            first, second = mail.recipient_ids
            with self.mock_mail_gateway(), self.refuse(second.email, error=error):
                self.env["mail.mail"].sudo().process_email_queue(mail.ids)
        with freeze_time("2026-03-03"):
            self.assertEqual(self.run_cron().recipient_ids, second)
        self.assertEqual(self.north.statement_sent_until, date(2026, 2, 28))

    def test_retry_in_the_queue(self):
        """Who retries the mail in the queue serves only who has not got it, and that counts."""
        self.send_to_both()
        mail = self.env["mail.mail"].search([("state", "=", "exception")])
        self.assertEqual(mail.recipient_ids, self.contact)
        mail.mark_outgoing()
        with self.mock_mail_gateway():
            self.env["mail.mail"].sudo().process_email_queue()
        self.assertEqual(self.north.statement_sent_until, date(2026, 2, 28))
        with freeze_time("2026-03-03"):
            self.assertFalse(self.run_cron())

    def test_cancelled(self):
        """A mail that somebody cancels in the queue was not sent, and is not sent again."""
        self.hq.statement_monthly = True
        with freeze_time("2026-03-02"):
            mail = self.run_cron(send=False)
            mail.cancel()
        with freeze_time("2026-03-03"):
            self.assertFalse(self.run_cron())
        self.assertFalse(self.hq.statement_sent_until)
        self.assertTrue([note for note in self.get_notes(self.hq) if "cancelled" in note])

    def test_bounce(self):
        """A mail that comes back was not delivered; another address is tried, not the same."""
        mail = self.send(self.hq)
        delivery = self.env["customer.mail.delivery"].search([], limit=1)
        self.assertEqual(delivery.state, "sent")
        delivery._message_receive_bounce(self.contact.email_normalized, self.contact)
        self.assertEqual(delivery.state, "failed")
        self.assertTrue(self.hq.activity_ids)
        tomorrow = fields.Date.today() + timedelta(days=1)
        with freeze_time(tomorrow):
            self.assertFalse(self.run_cron())
        self.contact.email = "new@example.com"
        with freeze_time(tomorrow + timedelta(days=1)):
            self.assertEqual(self.run_cron().recipient_ids, mail.recipient_ids)
        self.assertEqual(delivery.state, "sent")

    def test_pdf_in_the_chatter(self):
        """The chatter keeps the PDF; who may not see statements can't open it by any token."""
        self.send(self.hq)
        employee = new_test_user(self.env, "curious", "base.group_user")
        (message,) = self.hq.message_ids.filtered("attachment_ids")
        attachment = message.attachment_ids
        self.assertIn(b"Acme S", attachment.raw)
        self.assertTrue(attachment._get_raw_access_token())
        self.assertFalse(attachment.with_user(employee)._get_raw_access_token())
        self.assertTrue(attachment._get_thumbnail_token())
        self.assertFalse(attachment.with_user(employee)._get_thumbnail_token())
        store = Store().add(message.with_user(employee).sudo(False)).get_result()
        self.assertFalse(store["ir.attachment"][0]["raw_access_token"])

    def test_monthly_only_where_there_is_something(self):
        """Customers without any receivable, and companies without, send nothing."""
        idle = self._create_customer("Idle", email="idle@example.com", statement_monthly=True)
        other = self.setup_other_company()["company"]
        self.hq.statement_monthly = True
        with freeze_time("2026-03-02"):
            self.assertEqual(len(self.run_cron()), 1)
        self.assertFalse(idle.statement_sent_until)
        self.assertFalse(self.hq.with_company(other).statement_sent_until)

    def test_who_may_change(self):
        """Managers switch the monthly statement, accountants also who gets the mails; tracked."""
        clerk = new_test_user(
            self.env, "clerk", groups="account.group_account_invoice,base.group_partner_manager"
        )
        accountant = new_test_user(
            self.env, "accountant", groups="account.group_account_user,base.group_partner_manager"
        )
        for fname, value in (("billing_mail_to", "both"), ("statement_monthly", True)):
            with self.assertRaises(AccessError):
                self.north.with_user(clerk)[fname] = value
            self.assertTrue(self.env["res.partner"]._fields[fname].tracking)
        self.north.with_user(accountant).billing_mail_to = "both"
        with self.assertRaises(AccessError):
            self.north.with_user(accountant).statement_monthly = True

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..cron_batch import try_one


class CustomerStatementMail(models.Model):
    """A statement that waits to be sent by e-mail; gone once it is.

    Takes: what the wizard was asked to send to many, and every month the customers that want it.

    Use: create records and call :meth:`_trigger`.

    How it works: the cron sends one after the other and commits each. What can't be sent becomes
    an activity on the customer. Monthly ones are noted on the customer in the same transaction, so
    that none is sent twice, and tried again the next day where they failed.
    """

    _name = "customer.statement.mail"
    _description = "Statement to Send"
    _rec_name = "partner_id"
    _order = "id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        string="Requested By",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    options = fields.Json(required=True, readonly=True)
    is_monthly = fields.Boolean(readonly=True)

    @api.model
    def _trigger(self):
        # sudo: runs the cron sooner, with its own rights.
        self.env.ref("customer_org.cron_customer_statement_mail").sudo()._trigger()

    @api.model
    def _cron_send(self):
        """Send what waits, and what is due this month."""
        deliveries = self.env["customer.mail.delivery"]
        deliveries.search([("state", "=", "sending")])._update_from_notifications()
        self._queue_monthly()
        cron = self.env["ir.cron"]
        todo = self.search(Domain.TRUE)
        again = deliveries._get_due()
        cron._commit_progress(remaining=len(todo) + len(again))
        for send in [mail._send_or_report for mail in todo] + [
            delivery._send_again for delivery in again
        ]:
            send()
            if not cron._commit_progress(1):
                break
        if todo or again:
            # sudo: core's own queue; it would send them within the hour anyway.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _send_or_report(self):
        """Send one statement; whatever is wrong with it must not stop the rest."""
        partner = self._get_partner()
        if try_one(
            self.env,
            self._send,
            lambda error: self._create_failed(partner, error),
            # Somebody changes the customer right now: once more from the start.
            self._trigger,
        ):
            self.unlink()

    def _create_failed(self, partner, error):
        """Keep what could not even be written for the next day, and tell somebody."""
        deliveries = self.env["customer.mail.delivery"]
        delivery = deliveries._create_for_statement(partner, self.options, self.is_monthly)
        delivery._report_failure(error)

    def _get_partner(self):
        """Return the customer with the rights of who asked for the statement."""
        return (
            self.partner_id.with_user(self.user_id)
            .with_company(self.company_id)
            .with_context(allowed_company_ids=self.company_id.ids)
        )

    def _send(self):
        partner = self._get_partner()
        if not self.options.get("send_empty") and partner._get_statement(self.options).is_empty:
            # Nothing to say, so nobody has to take anything: the month is done.
            if self.is_monthly:
                partner._note_statement_sent(fields.Date.to_date(self.options["date_to"]))
            return
        partner._send_statement(self.options, self.is_monthly)

    # ------------------------------------------------------------------
    # Monthly
    # ------------------------------------------------------------------

    @api.model
    def _queue_monthly(self):
        """Queue last month's statements of the customers that want them and have none yet."""
        date_from = fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)
        date_to = date_from + relativedelta(months=1, days=-1)
        options = {
            "date_from": fields.Date.to_string(date_from),
            "date_to": fields.Date.to_string(date_to),
            "branches": True,
            "presentation": "period",
        }
        self.create(
            [
                {
                    "partner_id": partner_id,
                    "company_id": company_id,
                    "options": options,
                    "is_monthly": True,
                }
                for partner_id, company_id in self._get_monthly_candidates(date_to)
            ]
        )

    @api.model
    def _get_monthly_candidates(self, date_to):
        """Return (customer id, company id) of the monthly statements that are missing.

        One for a company and its branch companies together.
        """
        self.env["res.partner"].flush_model(["statement_monthly", "statement_sent_until"])
        self.env["account.move.line"].flush_model(["partner_id", "company_id", "parent_state"])
        self.flush_model()
        self.env["customer.mail.delivery"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT customer.id, company.id
                  FROM res_partner customer
                 CROSS JOIN res_company company
                 WHERE company.parent_id IS NULL
                   AND customer.statement_monthly
                   AND customer.active
                   AND COALESCE(
                        (customer.statement_sent_until ->> company.id::text)::date, %(never)s
                   ) < %(date_to)s
                   AND NOT EXISTS (
                        SELECT FROM customer_statement_mail mail
                         WHERE mail.partner_id = customer.id AND mail.company_id = company.id
                           AND mail.is_monthly
                   )
                   AND NOT EXISTS (
                        SELECT FROM customer_mail_delivery delivery
                         WHERE delivery.partner_id = customer.id
                           AND delivery.company_id = company.id
                           AND delivery.is_monthly
                           AND delivery.date_to >= %(date_to)s
                   )
                   AND EXISTS (
                        SELECT
                          FROM account_move_line line
                          JOIN account_account account ON account.id = line.account_id
                          JOIN res_company member ON member.id = line.company_id
                         WHERE split_part(member.parent_path, '/', 1) = company.id::text
                           AND line.parent_state = 'posted'
                           AND account.account_type = 'asset_receivable'
                           AND line.date <= %(date_to)s
                           AND line.partner_id IN (
                                SELECT partner.id
                                  FROM res_partner partner
                                 WHERE partner.commercial_partner_id = customer.id
                                 UNION
                                SELECT partner.id
                                  FROM customer_hierarchy_link link
                                  JOIN res_partner partner
                                    ON partner.commercial_partner_id = link.descendant_id
                                 WHERE link.ancestor_id = customer.id
                           )
                   )
              ORDER BY customer.id, company.id
                """,
                never=fields.Date.to_date("1900-01-01"),
                date_to=date_to,
            )
        )

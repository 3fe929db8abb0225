# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..receivable import get_today


class CustomerRemittance(models.Model):
    """Waiting remittances announce a payment: until its day and the company's grace have passed."""

    _inherit = "customer.remittance"

    date_grace = fields.Date(
        string="Announced Until",
        compute="_compute_date_grace",
        store=True,
        help="Until this day the documents are left out of automatic settlement and reminders.",
    )

    @api.depends("date_expected", "company_id.remittance_grace_days")
    def _compute_date_grace(self):
        for remittance in self:
            days = timedelta(days=remittance.company_id.remittance_grace_days)
            expected = remittance.date_expected
            remittance.date_grace = expected and expected + days

    @api.model
    def _get_announcing_domain(self):
        """Domain of the remittances that announce a payment today."""
        return Domain("state", "=", "waiting") & Domain("date_grace", ">=", get_today(self.env))

    def _is_looked_at(self):
        """Whether somebody is asked to look at it, or was since its days of grace have passed."""
        asked = self.with_context(active_test=False).activity_ids
        return any(
            activity.active or activity.create_date.date() > self.date_grace for activity in asked
        )

    @api.model
    def _cron_remind_of_late(self):
        """Ask an accountant to look at promises whose days of grace have passed, once each."""
        late = self.search(
            [("state", "=", "waiting"), ("date_grace", "<", get_today(self.env))]
        ).filtered(lambda remittance: not remittance._is_looked_at())
        for remittance in late:
            remittance._ask_person(
                self.env._(
                    "%(payer)s promised %(amount)s for %(day)s. Ask for it, or cancel the "
                    "announcement.",
                    payer=remittance.partner_id.display_name,
                    amount=remittance.currency_id.format(remittance.amount_total),
                    day=format_date(self.env, remittance.date_expected),
                )
            )


class AccountMove(models.Model):
    _inherit = "account.move"

    is_announced = fields.Boolean(
        compute="_compute_is_announced",
        search="_search_is_announced",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Somebody has announced that this document will be paid.",
    )
    announcement = fields.Char(
        compute="_compute_is_announced",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.model
    def _get_announcing_lines(self):
        remittances = self.env["customer.remittance"]._get_announcing_domain()
        return Domain("left_out", "=", False) & Domain("remittance_id", "any", remittances)

    def _get_announcing_remittances(self):
        """Return ``{document: remittance}`` of those that are open and announced: one query."""
        lines = self.env["customer.remittance.line"].search(
            self._get_announcing_lines() & Domain("move_id", "in", self.ids)
        )
        return {
            move: of_move.remittance_id[:1]
            for move, of_move in lines.grouped("move_id").items()
            if move.payment_state in ("not_paid", "partial")
        }

    @api.depends("customer_remittance_line_ids.state", "payment_state")
    def _compute_is_announced(self):
        remittances = self._get_announcing_remittances()
        for move in self:
            remittance = remittances.get(move._origin, self.env["customer.remittance"])
            move.is_announced = bool(remittance)
            move.announcement = move.is_announced and self.env._(
                "Announced by %(payer)s for %(day)s",
                payer=remittance.partner_id.display_name,
                day=format_date(self.env, remittance.date_expected),
            )

    def _search_is_announced(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        # sudo: whether a document is announced is no secret of the list that says so.
        lines = self.env["customer.remittance.line"].sudo()._search(self._get_announcing_lines())
        is_announced = (operator == "in") == (True in value)
        announced = Domain("id", "in", lines.subselect("move_id"))
        return announced if is_announced else ~announced

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a payer does with its remittances in the portal, and what it may know of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date

from ..receivable import get_today

#: So far ahead a payment can be promised: until then its invoices are left out of reminders.
MAX_DAYS_AHEAD = 60


@dataclass
class PortalLine:
    """A line as its payer may see it: ``document`` and customer only where the visitor may."""

    number: str
    amount: float
    deduction: float
    status: str = "unknown"
    document: Any = None

    @property
    def is_ready(self) -> bool:
        return self.status in ("ok", "open", "short")


class CustomerRemittance(models.Model):
    _inherit = "customer.remittance"

    # ------------------------------------------------------------------
    # Announcing
    # ------------------------------------------------------------------

    @api.model
    def _announce_transfer(self, payer, invoices, day):
        """Return a new transfer of a payer that pays what is open on invoices, announced.

        :param payer: the customer whose money comes
        :param invoices: of one company and one currency
        :param date day: when the money is promised
        :raises UserError: if the day is too far away, or an invoice was paid or announced meanwhile
        """
        self._check_promised_day(day)
        self._lock_for_announcement(invoices)
        self._check_not_announced(invoices)
        remittance = self.with_company(invoices.company_id).create(
            {
                "kind": "wire",
                "partner_id": payer.id,
                "company_id": invoices.company_id.id,
                "currency_id": invoices.currency_id.id,
                "date_expected": day,
                "line_ids": [
                    Command.create(
                        {
                            "sequence": position,
                            "move_id": invoice.id,
                            "amount": invoice.amount_residual,
                        }
                    )
                    for position, invoice in enumerate(invoices, start=1)
                ],
            }
        )
        remittance._refresh_statuses()
        if any(line.status != "ok" for line in remittance.line_ids):
            raise UserError(
                self.env._("Some of these invoices have been paid meanwhile. Choose them again.")
            )
        remittance.action_confirm()
        remittance.message_post(body=self.env._("Announced in the portal."))
        return remittance

    @api.model
    def _check_promised_day(self, day):
        """Refuse days that are over or so far away that invoices would be forgotten.

        :raises UserError: if so
        """
        today = get_today(self.env)
        last = today + timedelta(days=MAX_DAYS_AHEAD)
        if not day or not today <= day <= last:
            raise UserError(
                self.env._(
                    "Choose the day on which the money will be here: from today to %s.",
                    format_date(self.env, last),
                )
            )

    @api.model
    def _lock_for_announcement(self, invoices):
        """Keep others from announcing these invoices until this transaction ends.

        Their rows are written as they are. Who waits for them then gets a serialization error,
        and Odoo tries its whole call again with what there is then; a mere lock would let it go
        on with what it saw before.
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE account_move SET write_date = write_date
                 WHERE id = ANY(ARRAY(
                       SELECT id FROM account_move WHERE id = ANY(%s)
                        ORDER BY id FOR NO KEY UPDATE))
             RETURNING id
                """,
                invoices.ids,
            )
        )

    @api.model
    def _find_announced(self, invoices):
        """Return ``{invoice: remittances}`` of those that a payer has announced already.

        Not by who may not pay them any more: nobody else could cancel that.
        """
        lines = self.env["customer.remittance.line"].search(
            [
                ("move_id", "in", invoices.ids),
                ("left_out", "=", False),
                ("remittance_id.state", "=", "waiting"),
                ("remittance_id.kind", "!=", "request"),
            ]
        )
        links = self.env["customer.hierarchy.link"]
        paths = links._get_ancestors(lines.move_id.commercial_partner_id.ids) if lines else {}
        lines = lines.filtered(
            lambda line: (
                line.remittance_id.partner_id.id
                in paths.get(line.partner_id.id, [line.partner_id.id])
            )
        )
        return {move: of_move.remittance_id for move, of_move in lines.grouped("move_id").items()}

    @api.model
    def _check_not_announced(self, invoices):
        announced = self._find_announced(invoices)
        if announced:
            raise UserError(
                self.env._(
                    "A payment is announced for these invoices already: %s. Cancel that "
                    "announcement first, or choose other invoices.",
                    ", ".join(move.name for move in announced),
                )
            )

    def _cancel_announcement(self):
        """Take back what the payer announced.

        :raises UserError: if it is not the payer's own to cancel, or not any more
        """
        self.ensure_one()
        if not self._can_be_cancelled_by_payer():
            raise UserError(
                self.env._(
                    "%s can't be cancelled: it is settled or cancelled already, or it is not "
                    "yours.",
                    self.name,
                )
            )
        self.action_cancel()
        self.message_post(body=self.env._("Cancelled in the portal."))

    def _can_be_cancelled_by_payer(self):
        return self.kind != "request" and self.state in ("draft", "waiting")

    # ------------------------------------------------------------------
    # Uploading
    # ------------------------------------------------------------------

    @api.model
    def _import_payers_list(self, payer, day, payable_customers, **values):
        """Return the remittance of a list that the payer uploaded, announced if it is clear.

        Documents of customers that did not consent are not found. What is not clear waits as a
        draft for an accountant, who is asked to look at it.

        :param payer: the customer who sends the list
        :param date day: when the money is promised
        :param payable_customers: the customers whose documents the visitor may pay
        :param values: of ``customer.remittance.import``: the list and the company
        :raises UserError: as the import; nothing is kept of what is refused
        """
        self._check_promised_day(day)
        wizard = (
            self.env["customer.remittance.import"]
            .with_context(customer_remittance_by_consent=True)
            .create({"partner_id": payer.id, **values})
        )
        remittance = self.browse(wizard.action_import()["res_id"])
        wizard.unlink()
        remittance.date_expected = day
        self._lock_for_announcement(remittance.line_ids.move_id)
        if remittance._is_clear(payable_customers):
            remittance.action_confirm()
        else:
            remittance._ask_person(self.env._("A list from the portal with lines to look at."))
        return remittance

    def _is_clear(self, payable_customers):
        """Whether all lines are found, may be paid, are not announced and add up."""
        lines = self.line_ids
        total, announced = self.amount_total, self.amount_announced
        return (
            all(line.status in ("ok", "short") for line in lines)
            and lines.move_id.commercial_partner_id <= payable_customers
            and (not announced or not self.currency_id.compare_amounts(total, announced))
            and not self._find_announced(lines.move_id)
        )

    # ------------------------------------------------------------------
    # What the payer may know
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_domain(self, payer):
        """Domain of the remittances that a payer sees in the portal.

        Drafts are seen if the payer's own users made them; of others nobody knows yet what
        becomes of them.
        """
        own = Domain("create_uid.partner_id.commercial_partner_id", "=", payer.id)
        return Domain("partner_id", "=", payer.id) & (Domain("state", "!=", "draft") | own)

    def _get_portal_lines(self, readable, payable_customers):
        """Return the lines as their payer may see them.

        A document that the visitor may not see, now, reads as one that does not exist; so does
        a cell of which somebody found all documents, if one of them may not be seen.

        :param readable: the invoices and credit notes that the visitor may read
        :param payable_customers: the customers whose documents the visitor may pay
        :return: list of :class:`PortalLine`
        """
        self.ensure_one()
        others = {}
        if self.state == "draft":
            others = self._find_announced(self.line_ids.move_id)
        readable, payable_customers = set(readable), set(payable_customers)
        result = []
        for lines in self.line_ids.grouped(lambda line: line.cell or line).values():
            if len(lines) > 1 and not readable.issuperset(lines.move_id):
                amount = sum(lines.mapped("amount"))
                result.append(PortalLine(lines[0]._get_portal_number(False), amount, 0.0))
                continue
            for line in lines:
                result.append(line._get_portal_line(readable, payable_customers, others))
        return result

    @api.model
    def _get_portal_words(self):
        """Return ``{status: (what it is, what to do)}`` of lines, for the payer."""
        return {
            "ok": (self.env._("Found"), ""),
            "open": (self.env._("Open"), ""),
            "short": (self.env._("Less than what is open"), self.env._("The rest stays open.")),
            "over": (self.env._("More than what is open"), self.env._("Check the amount.")),
            "paid": (self.env._("Already paid"), self.env._("Leave it out of your next list.")),
            "duplicate": (self.env._("Listed twice"), self.env._("Leave one of them out.")),
            "currency": (
                self.env._("In another currency"),
                self.env._("Send a list of its own for it."),
            ),
            "blocked": (self.env._("Can't be paid now"), self.env._("Ask us.")),
            "announced": (
                self.env._("Announced already"),
                self.env._("Cancel the other announcement if this one is meant."),
            ),
            "no_consent": (
                self.env._("May not be paid by you"),
                self.env._("Ask the branch or us to allow it."),
            ),
            "unknown": (
                self.env._("Not found"),
                self.env._("Check the number, or whether you may pay it."),
            ),
            "settled": (self.env._("Paid"), ""),
            "left_out": (self.env._("Not part of the payment"), ""),
        }


class CustomerRemittanceLine(models.Model):
    _inherit = "customer.remittance.line"

    def _get_portal_line(self, readable, payable_customers, others):
        is_seen = bool(self.move_id) and self.move_id in readable
        return PortalLine(
            self._get_portal_number(is_seen),
            self.amount,
            self.deduction,
            self._get_portal_status(is_seen, payable_customers, others),
            self.move_id if is_seen else None,
        )

    def _get_portal_number(self, is_seen):
        """Return the number: of what the visitor may not see only as the payer itself wrote it."""
        if is_seen:
            return self.number or self.move_id.name
        payer = self.remittance_id.partner_id
        if self.cell and self.create_uid.partner_id.commercial_partner_id == payer:
            return self.cell
        writers = (self.create_uid | self.write_uid).partner_id.commercial_partner_id
        return (self.number or "") if writers == payer else self.env._("Another document")

    def _get_portal_status(self, is_seen, payable_customers, others):
        """Return how the line stands now, as a key of ``_get_portal_words``."""
        remittance = self.remittance_id
        if not is_seen and remittance.kind == "advice":
            return "unknown"
        if remittance.state == "settled":
            return "left_out" if self.left_out else "settled"
        if not is_seen:
            return "unknown"
        rest = self.move_id.amount_residual
        if self.currency_id.is_zero(rest):
            return "paid"
        if self.currency_id.compare_amounts(abs(self.amount) + self.deduction, rest) > 0:
            return "over"
        if self.move_id.commercial_partner_id not in payable_customers:
            return "no_consent"
        if self.move_id in others:
            return "announced"
        if self.status == "ok" and remittance.state == "waiting":
            return "open"
        return self.status if self.status in remittance._get_portal_words() else "unknown"

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..remittance.document_finder import DocumentFinder
from ..remittance.document_numbers import get_communication


class CustomerRemittance(models.Model):
    """Requests: which documents we ask a head office to pay, its own and its branches'.

    Takes: documents of one company and currency, see :meth:`_create_requests`.

    Use: :meth:`action_send_request` confirms and mails it, and mails it again with what is left.

    How it works: a request is no entry and promises nothing. What is paid by another way lowers
    what is left of its lines; where nothing is left, it is settled. A partial unique index lets a
    document be in one waiting request only.
    """

    _inherit = "customer.remittance"

    amount_requested = fields.Monetary(
        string="Requested", compute="_compute_amount_requested", help="What was asked for at first."
    )

    @api.depends("line_ids.amount_requested", "line_ids.left_out")
    def _compute_amount_requested(self):
        for remittance in self:
            lines = remittance.line_ids.filtered(lambda line: not line.left_out)
            remittance.amount_requested = sum(lines.mapped("amount_requested"))

    # ------------------------------------------------------------------
    # Making
    # ------------------------------------------------------------------

    @api.model
    def _create_requests(self, amounts, payer=None):
        """Return a draft for each company, currency and payer.

        :param dict amounts: ``{account.move: what is asked for, in its currency}``
        :param payer: ``res.partner`` who is to pay; each document's head office if not given
        """
        requests = self.browse()
        moves = (
            self.env["account.move"]
            .union(*amounts)
            .sorted(lambda move: (move.invoice_date_due or move.date, move.name or "", move.id))
        )
        # sudo: who is at the top of a hierarchy follows from documents that the user reads.
        groups = moves.grouped(
            lambda move: (
                payer or move.commercial_partner_id.sudo().billing_root_id.sudo(False),
                move.company_id,
                move.currency_id,
            )
        )
        for (head_office, company, currency), of_group in groups.items():
            requests |= self.with_company(company).create(
                {
                    "kind": "request",
                    "partner_id": head_office.id,
                    "company_id": company.id,
                    "currency_id": currency.id,
                    "line_ids": [
                        Command.create(
                            {"move_id": move.id, "amount": amounts[move], "sequence": position}
                        )
                        for position, move in enumerate(of_group, start=1)
                    ],
                }
            )
        for request in requests:
            request._refresh_statuses()
        return requests

    @api.model
    def _check_not_requested(self, moves, other_than=()):
        """Refuse documents that are in a request that waits, naming both.

        :raises UserError: if one is
        """
        # sudo: that a document of the user is asked for already, and by which number.
        lines = self.env["customer.remittance.line"].sudo()
        taken = lines.search(
            [
                ("move_id", "in", moves.ids),
                ("is_requested", "=", True),
                ("remittance_id", "not in", list(other_than)),
            ]
        )
        if taken:
            raise UserError(
                self.env._(
                    "%(documents)s: asked for already by %(requests)s, which waits for its money. "
                    "Send that one again or cancel it, or leave these documents out.",
                    documents=taken._get_short_names(),
                    requests=", ".join(taken.remittance_id.mapped("name")),
                )
            )

    # ------------------------------------------------------------------
    # One waiting request for each document
    # ------------------------------------------------------------------

    def write(self, vals):
        """Keep which documents are asked for when the kind or the state changes."""
        result = super().write(vals)
        if {"kind", "state"} & vals.keys():
            for remittance in self:
                if remittance.kind == "request" or "kind" in vals:
                    remittance._mark_requested()
        return result

    def _mark_requested(self):
        """Note which documents a request asks for, and nobody else, as long as it waits.

        :raises UserError: if another waiting request asks for one of them
        """
        self.ensure_one()
        lines = self.line_ids.with_env(self._with_change().env)
        asked = lines.browse()
        if self.kind == "request" and self.state == "waiting":
            named = lines.filtered(lambda line: line.move_id and not line.left_out)
            asked = asked.union(*(of_move[0] for of_move in named.grouped("move_id").values()))
        (lines - asked).filtered("is_requested").is_requested = False
        new = asked.filtered(lambda line: not line.is_requested)
        if new:
            # Who asks for the same at the same time is tried again, and is told by whom.
            self._lock_for_announcement(new.move_id)
            self._check_not_requested(new.move_id, self.ids)
            new.is_requested = True
            # The index holds it for sure.
            new.flush_recordset(["is_requested"])

    def action_confirm(self):
        """Requests are confirmed with what is open now, and documents that are to be paid."""
        requests = self.filtered(lambda remittance: remittance.kind == "request")
        for request in requests.filtered(lambda remittance: remittance.state == "draft"):
            request._prepare_confirmation()
        return super().action_confirm()

    def _prepare_confirmation(self):
        """Ask for no more than what is open, and give the request its payment reference.

        :raises UserError: if a line has no document that can be paid, or nothing is open
        """
        self.ensure_one()
        if not self.communication:
            self._with_change().communication = get_communication(self.name)
        if not self.partner_id:
            return
        self.action_match()
        self._lower_to_open()
        self.line_ids._set_requested()
        if problems := self._get_problems():
            raise UserError("\n".join([self.display_name, *problems]))
        if self.line_ids and not self._has_something_left():
            raise UserError(
                self.env._("Nothing of %s is open: there is nothing to ask for.", self.display_name)
            )

    # ------------------------------------------------------------------
    # What is left
    # ------------------------------------------------------------------

    def _get_left(self):
        """Return ``{line: what is left of it now}`` of the lines that are not left out."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.move_id and not line.left_out)
        self.env.flush_all()
        finder = DocumentFinder(self.env, self.company_id, self.partner_id)
        documents = finder.read_documents(set(lines.move_id.ids))
        return {line: line._get_left(documents[line.move_id.id].amount_open) for line in lines}

    def _get_transfer_amount(self):
        # What was paid meanwhile is not to be transferred, even if nobody has looked since.
        if self.kind == "request" and self.state == "waiting":
            return self.currency_id.round(sum(self._get_left().values()))
        return super()._get_transfer_amount()

    def _refresh_request(self):
        """Let lines say what is left of what was asked for, and how they stand."""
        self.ensure_one()
        self._set_amounts(self._get_left())
        self._refresh_statuses()

    def _lower_to_open(self):
        """Ask for what is open where lines ask for more."""
        lines = self.line_ids.filtered(lambda line: line.status in ("over", "paid"))
        self._set_amounts({line: line.amount_open for line in lines})
        self._refresh_statuses()

    def _set_amounts(self, amounts):
        compare = self.currency_id.compare_amounts
        for line, amount in amounts.items():
            if compare(line.amount, amount):
                line.with_env(self._with_change().env).amount = amount

    def _has_something_left(self):
        return any(
            not self.currency_id.is_zero(line.amount)
            for line in self.line_ids
            if line.move_id and not line.left_out
        )

    # ------------------------------------------------------------------
    # Settled, by itself or otherwise
    # ------------------------------------------------------------------

    def _check_ready(self):
        """Of a request that waits what is left is settled."""
        if self.kind == "request" and self.state == "waiting":
            self._refresh_request()
            if not self._has_something_left():
                raise UserError(
                    self.env._(
                        "All that %s asks for is paid already: there is nothing to settle.",
                        self.display_name,
                    )
                )
        super()._check_ready()

    def _settle(self):
        """What this settles is its own doing, not paid meanwhile."""
        if self.kind == "request":
            self.line_ids.with_env(self._with_change().env).is_requested = False
        return super()._settle()

    def _undo(self):
        """What was paid by other ways and is open again is asked for again."""
        super()._undo()
        if self.kind == "request":
            lines = self.line_ids.filtered(lambda line: not line.left_out)
            self._set_amounts({line: line.amount_requested or line.amount for line in lines})
            self._refresh_statuses()
            self._lower_to_open()

    @api.model
    def _get_to_check_domain(self):
        return [
            *super()._get_to_check_domain(),
            "|",
            "|",
            ("status", "!=", "paid"),
            ("amount", "!=", 0.0),
            ("remittance_id.kind", "!=", "request"),
        ]

    @api.model
    def _close_paid_requests(self, moves=None):
        """Settle the waiting requests of which nothing is left.

        :param moves: documents that were just paid; all that are asked for if not given
        """
        domain = [("is_requested", "=", True)]
        if moves is not None:
            domain.append(("move_id", "in", moves.ids))
        lines = self.env["customer.remittance.line"].search(domain)
        for request in lines.remittance_id:
            request._close_if_paid()

    def _close_if_paid(self):
        """Settle a waiting request of which nothing is left; return whether it was one."""
        self.ensure_one()
        if self.state != "waiting" or any(self._get_left().values()):
            return False
        self._refresh_request()
        self._set_state("settled")
        self._message_log(body=self.env._("All documents were paid by other ways."))
        return True

    @api.model
    def _cron_remind_of_late(self):
        """Requests whose documents were paid by their customers themselves are settled."""
        self._close_paid_requests()
        return super()._cron_remind_of_late()

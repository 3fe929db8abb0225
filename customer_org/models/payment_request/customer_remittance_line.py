# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerRemittanceLine(models.Model):
    _inherit = "customer.remittance.line"

    amount_requested = fields.Monetary(
        string="Requested",
        readonly=True,
        copy=False,
        help="What was asked for when the request was made; the amount is what is left of it.",
    )
    # What is open on the document and not asked for, as of installments that are not due.
    amount_beside = fields.Monetary(readonly=True, copy=False)
    is_requested = fields.Boolean(
        readonly=True,
        copy=False,
        help="The request waits for its money: no other one can ask for this document.",
    )

    _requested_uniq = models.UniqueIndex(
        "(move_id) WHERE is_requested",
        "Another request that waits for its money asks for this document already. Open that one "
        "from the document, and send it again or cancel it.",
    )

    @api.model
    def _check_typed(self, vals):
        """What is asked for follows from amount and state, and can't be emptied either."""
        super()._check_typed(vals)
        asked = {"amount_requested", "amount_beside", "is_requested"} & vals.keys()
        if asked and not self._is_own_change():
            raise AccessError(
                self.env._("What a request asks for can't be typed. Change its amounts.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        """What is added to a waiting request is asked for, too."""
        lines = super().create(vals_list)
        if not self._is_own_change():
            lines._note_requested()
        return lines

    def write(self, vals):
        """What is corrected in a waiting request is asked for from now on."""
        result = super().write(vals)
        if {"amount", "move_id", "number", "left_out"} & vals.keys() and not self._is_own_change():
            self._note_requested()
        return result

    def _note_requested(self):
        """Keep what the lines of waiting requests ask for, and that no other request may."""
        waiting = self.filtered(
            lambda line: line.remittance_id.kind == "request" and line.state == "waiting"
        )
        for request, lines in waiting.grouped("remittance_id").items():
            request._refresh_statuses()
            lines._set_requested()
            request._mark_requested()

    def _set_requested(self):
        """Ask for what the amounts say now."""
        for line in self.with_env(self.remittance_id._with_change().env):
            line.amount_requested = line.amount
            line.amount_beside = line.currency_id.round(line.amount_open - line.amount)

    def _is_ready(self):
        """Whether nobody has to look at this line: what was asked for may be paid meanwhile."""
        is_paid = self.status == "paid" and self.currency_id.is_zero(self.amount)
        return (is_paid and self.remittance_id.kind == "request") or super()._is_ready()

    def _get_left(self, amount_open):
        """Return what is left of what was asked for; below 0 of credit notes.

        :param amount_open: what is open on the document now, in the currency of the line
        """
        self.ensure_one()
        sign = -1 if self.amount_requested < 0 else 1
        left = max(sign * (amount_open - self.amount_beside), 0.0)
        return self.currency_id.round(sign * min(left, sign * self.amount_requested))

    @api.depends("remittance_id.kind")
    def _compute_advice(self):
        super()._compute_advice()
        for line in self:
            if line.status == "paid" and line._is_ready() and not line.left_out:
                line.advice = self.env._("Paid meanwhile: there is nothing to do.")

    @api.onchange("move_id")
    def _onchange_requested_document(self):
        """Of a document that is chosen by hand all that is open is asked for."""
        if self.remittance_id.kind == "request" and self.move_id and not self.amount:
            self.amount = self.move_id.amount_residual * -self.move_id.direction_sign

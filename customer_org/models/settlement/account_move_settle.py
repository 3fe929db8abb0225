# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class AccountMove(models.Model):
    """Whose credits an invoice is offered, for the note above it."""

    _inherit = "account.move"

    outstanding_credit_names = fields.Char(
        compute="_compute_outstanding_credit_names",
        help="The customers above whose credits are offered; empty where it is the customer alone.",
    )

    @api.depends("invoice_outstanding_credits_debits_widget")
    def _compute_outstanding_credit_names(self):
        for move in self:
            widget = move.invoice_outstanding_credits_debits_widget or {}
            # A dictionary: each once, in the order of the list.
            names = {
                values.get("billing_parent_name"): True for values in widget.get("content", ())
            }
            if None in names and len(names) > 1:
                del names[None]
                names = {move.commercial_partner_id.display_name: True, **names}
            names.pop(None, None)
            move.outstanding_credit_names = ", ".join(names)

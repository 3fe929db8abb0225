# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_remittance import CHANGE


class AccountMove(models.Model):
    _inherit = "account.move"

    customer_remittance_line_ids = fields.One2many(
        "customer.remittance.line",
        "move_id",
        string="Remittance Lines",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    customer_remittance_count = fields.Integer(
        string="Remittance Count",
        compute="_compute_customer_remittance_count",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    is_disputed = fields.Boolean(
        string="Disputed",
        compute="_compute_amount_disputed",
        search="_search_is_disputed",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="The customer took something off, and it is still open.",
    )
    amount_disputed = fields.Monetary(
        string="Disputed Amount",
        compute="_compute_amount_disputed",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.depends("amount_residual", "customer_remittance_line_ids.is_disputed")
    def _compute_amount_disputed(self):
        amounts = dict(
            self.env["customer.remittance.line"]._read_group(
                [("move_id", "in", self.ids), ("is_disputed", "=", True)],
                ["move_id"],
                ["deduction:sum"],
            )
        )
        for move in self:
            amount = min(amounts.get(move._origin, 0.0), abs(move.amount_residual))
            move.amount_disputed = amount
            move.is_disputed = bool(amount)

    def _search_is_disputed(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        lines = self.env["customer.remittance.line"]
        # sudo: whether a document is disputed is no secret of the list that says so.
        disputed = lines.sudo()._search([("is_disputed", "=", True)])
        is_disputed = (operator == "in") == (True in value)
        ids = disputed.subselect("move_id")
        if is_disputed:
            return [("id", "in", ids), ("payment_state", "in", ("not_paid", "partial"))]
        return [
            "|",
            ("id", "not in", ids),
            ("payment_state", "not in", ("not_paid", "partial")),
        ]

    def action_resolve_dispute(self):
        """Say that the dispute is over: what is open can be settled automatically again.

        :raises UserError: if nothing is disputed
        """
        self.check_access("write")
        lines = self.customer_remittance_line_ids.filtered("is_disputed")
        if not lines:
            raise UserError(self.env._("Nothing is disputed."))
        lines.with_context(customer_remittance_change=CHANGE).is_disputed = False
        for move in lines.move_id:
            move.message_post(body=self.env._("The dispute is resolved."))

    def _post(self, soft=True):
        """A bank line that was reset and is posted again may settle what it names."""
        posted = super()._post(soft)
        # A new bank line does so itself, when all of it is there.
        if not self.env.context.get("is_statement_line"):
            posted.statement_line_id._settle_remittances()
        return posted

    def _compute_customer_remittance_count(self):
        counts = dict(
            self.env["customer.remittance.line"]._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["remittance_id:count_distinct"]
            )
        )
        for move in self:
            move.customer_remittance_count = counts.get(move._origin, 0)

    def action_open_customer_remittances(self):
        """Open the remittances that name these documents."""
        return self.customer_remittance_line_ids.remittance_id._get_records_action(
            name=self.env._("Remittances")
        )

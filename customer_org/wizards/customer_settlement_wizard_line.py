# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerSettlementWizardLine(models.TransientModel):
    """An open credit, an open invoice with the amount to be paid, or what can't be settled.

    The wizard inserts these lines by SQL; see :meth:`customer.settlement.wizard._insert_lines`.
    """

    _name = "customer.settlement.wizard.line"
    _inherit = "customer.guarded.fields"
    # What the lines are about and what is open is for us to say; users type amounts.
    _guard_readonly = True
    _description = "Document to Settle"
    _order = "date_maturity, id"
    _rec_name = "move_line_id"

    wizard_id = fields.Many2one(
        "customer.settlement.wizard", required=True, readonly=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, ondelete="cascade"
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    # Not stored: the database checks each foreign key of all the lines that a wizard opens with.
    partner_id = fields.Many2one(
        related="move_line_id.partner_id.commercial_partner_id", string="Customer", code_only=True
    )
    kind = fields.Selection(
        [("credit", "Credit"), ("debt", "Invoice"), ("skipped", "Skipped")],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("draft", "It is a draft. Post it first."),
            ("cancelled", "It is cancelled."),
            ("blocked", "Its payment is blocked. Unblock it first."),
            ("vendor", "It is a vendor's document. Settlements are for customers only."),
            ("company", "It belongs to another company. Switch to that company to settle it."),
            ("paid", "Nothing is left open."),
            ("lost", "Its payment was rejected or cancelled."),
            ("refund", "It is money on its way back to the customer, no debt."),
            ("branch_credit", "A branch's credit is for its own invoices only."),
            ("hierarchy", "Its customer is not billed under this head office."),
            ("filtered", "The filters leave it out."),
            ("covered", "An open credit of its own customer, or of one nearer to it, covers it."),
            ("no_credit", "No credit is left for it."),
            ("no_amount", "No amount is given."),
        ],
        readonly=True,
    )
    in_scope = fields.Boolean(readonly=True)
    selected = fields.Boolean(string="Use")
    date = fields.Date(readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one(related="move_line_id.currency_id", code_only=True)
    amount_open = fields.Monetary(string="Open", readonly=True)
    amount_open_company = fields.Float(readonly=True, digits=0)
    amount = fields.Monetary(
        string="Settle", help="What shall be settled of it now, in the document's currency."
    )

    is_typed = fields.Boolean(help="Whether a person decided on the amount.")
    amount_typed = fields.Monetary(readonly=True)

    @api.onchange("amount")
    def _onchange_amount(self):
        self.is_typed = True

    def write(self, vals):
        """Remember what was typed; a credit chosen or left out fills in the amounts anew."""
        typed = self.browse()
        if "amount" in vals:
            typed = self.filtered(
                lambda line: (
                    vals.get("is_typed")
                    or line.currency_id.compare_amounts(line.amount, vals["amount"])
                )
            )
        result = super().write(vals)
        for line in typed:
            super(CustomerSettlementWizardLine, line._as_code()).write(
                {"is_typed": True, "amount_typed": line.amount}
            )
        if "selected" in vals:
            self.wizard_id._refill()
        typed.wizard_id._forget_preview()
        return result

    @api.constrains("amount")
    def _check_amount(self):
        for line in self:
            if line.currency_id.compare_amounts(line.amount, 0.0) < 0:
                raise ValidationError(
                    self.env._(
                        "The amount for %s is negative. Type zero to pay nothing of it.",
                        line.move_id.display_name,
                    )
                )
            if line.currency_id.compare_amounts(line.amount, line.amount_open) > 0:
                raise ValidationError(
                    self.env._(
                        "%(amount)s is more than the %(open)s open on %(document)s. "
                        "Type at most what is open.",
                        amount=line.currency_id.format(line.amount),
                        open=line.currency_id.format(line.amount_open),
                        document=line.move_id.display_name,
                    )
                )

    def _is_as_in(self, row):
        """Whether this line says what the ledger says now.

        :param row: the :class:`settlement_grid_store.GridRow` of its journal item, or None
        """
        self.ensure_one()
        return bool(
            row
            and row.kind == self.kind
            and row.customer_id == self.partner_id.id
            and row.currency_id == self.currency_id.id
            and not self.currency_id.compare_amounts(row.amount_open, self.amount_open)
        )

    def action_open_document(self):
        """Open the invoice, payment or credit note."""
        return self.move_id.action_open_business_doc()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CustomerSettlementBatch(models.TransientModel):
    """Settle several head offices at once, after a look at what that does.

    Each line is a settlement wizard of its own, which shows what it posts.
    """

    _name = "customer.settlement.batch"
    _description = "Settle Several Head Offices"

    line_ids = fields.One2many("customer.settlement.batch.line", "batch_id", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", readonly=True, default=lambda self: self.env.company.currency_id
    )
    summary = fields.Char(compute="_compute_summary")

    @api.depends("line_ids")
    def _compute_summary(self):
        for batch in self:
            lines = batch.line_ids.filtered("invoice_count")
            batch.summary = self.env._(
                "%(invoices)s invoices are paid by credits of %(payers)s head offices, the oldest "
                "due first.",
                invoices=sum(lines.mapped("invoice_count")),
                payers=len(lines),
            )

    @api.model
    @api.private
    def _create_for(self, waiting):
        """Return the batch of these ``customer.to.settle``."""
        wizards = self.env["customer.settlement.wizard"]
        # As code: each line is about the wizard that we made for it.
        batches = self.env["customer.settlement.batch.line"]._as_code()
        batch = self.with_env(batches.env).create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "wizard_id": wizards.create(
                                {"payer_id": row.payer_id.id, "company_id": row.company_id.id}
                            ).id
                        }
                    )
                    for row in waiting
                ]
            }
        )
        return batch.with_env(self.env)

    def action_post(self):
        """Post each of them; one that can't be posted stays, with the reason, and stops no other.

        :return: the action of the settlements, or this batch again with what went wrong
        """
        self.ensure_one()
        settlements = self.env["customer.settlement"]
        for line in self.line_ids.filtered("invoice_count"):
            settlements |= line._post()
        self.line_ids.filtered(lambda line: not line.error).unlink()
        if self.line_ids:
            return self._get_records_action(name=self.env._("Not Settled"), target="new")
        return settlements._get_records_action(name=self.env._("Settlements"))


class CustomerSettlementBatchLine(models.TransientModel):
    """What one head office's credits would pay."""

    _name = "customer.settlement.batch.line"
    _inherit = "customer.guarded.fields"
    _guard_readonly = True
    _description = "Head Office to Settle with Others"

    batch_id = fields.Many2one(
        "customer.settlement.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    wizard_id = fields.Many2one(
        "customer.settlement.wizard", required=True, readonly=True, ondelete="cascade"
    )
    payer_id = fields.Many2one(related="wizard_id.payer_id")
    company_id = fields.Many2one(related="wizard_id.company_id")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    amount_available = fields.Monetary(related="wizard_id.amount_available", string="Credit")
    amount_allocated = fields.Monetary(related="wizard_id.amount_allocated", string="Settle")
    invoice_count = fields.Integer(string="Invoices", compute="_compute_invoice_count")
    error = fields.Char(string="Not Settled", readonly=True)

    @api.depends("wizard_id.debt_ids.amount")
    def _compute_invoice_count(self):
        counts = self.env["customer.settlement.wizard.line"]._read_group(
            [
                ("wizard_id", "in", self.wizard_id.ids),
                ("kind", "=", "debt"),
                ("amount", ">", 0.0),
            ],
            ["wizard_id"],
            ["__count"],
        )
        counts = {wizard.id: count for wizard, count in counts}
        for line in self:
            line.invoice_count = counts.get(line.wizard_id.id, 0)

    def _post(self):
        """Post what is shown; return the settlements, none where an error says why."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                return self.wizard_id.with_company(self.company_id)._post_amounts()[0]
        except UserError as error:
            self._as_code().error = str(error)
        return self.env["customer.settlement"]

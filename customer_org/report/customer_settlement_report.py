# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL


class CustomerSettlementReport(models.Model):
    """Who paid for whom: one row per line of a settlement that still settles something."""

    _name = "customer.settlement.report"
    _description = "Who Paid for Whom"
    _inherit = ["customer.report.mixin"]
    _auto = False
    _rec_name = "settlement_id"
    _order = "date desc, id desc"

    settlement_id = fields.Many2one("customer.settlement", readonly=True)
    date = fields.Date(readonly=True)
    payer_id = fields.Many2one("res.partner", string="Paid By", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Paid For", readonly=True)
    billing_root_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        readonly=True,
        help="The top of the billing hierarchy that the payer belongs to today.",
    )
    credit_move_id = fields.Many2one("account.move", string="Paid From", readonly=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Paid From Journal",
        readonly=True,
        help="The journal of the payment or credit note that was used.",
    )
    amount = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="What is still settled, in the currency of the current company.",
    )

    _depends = {
        "account.move.line": ["journal_id", "move_id"],
        "customer.settlement": ["date", "state"],
        "customer.settlement.line": [
            "amount",
            "company_id",
            "credit_line_id",
            "partner_id",
            "payer_id",
            "settlement_id",
        ],
        "res.partner": ["billing_root_id"],
    }

    @property
    def _table_query(self):
        company = SQL("line.company_id")
        return SQL(
            """
            SELECT line.id,
                   line.settlement_id,
                   settlement.date,
                   line.payer_id,
                   line.partner_id,
                   payer.billing_root_id,
                   credit.move_id AS credit_move_id,
                   credit.journal_id,
                   line.company_id,
                   %(currency)s::int AS company_currency_id,
                   %(amount)s AS amount
              FROM customer_settlement_line line
              JOIN customer_settlement settlement ON settlement.id = line.settlement_id
              JOIN account_move_line credit ON credit.id = line.credit_line_id
              JOIN res_partner payer ON payer.id = line.payer_id
              %(currencies)s
             WHERE settlement.state = 'posted' AND line.amount <> 0 AND %(in_companies)s
            """,
            currency=self.env.company.currency_id.id,
            amount=self._to_company_currency(SQL("line.amount")),
            currencies=self._join_currencies(company),
            in_companies=self._is_in_companies(company),
        )

    def action_open_settlement(self):
        """Open the settlement behind this row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.settlement",
            "res_id": self.settlement_id.id,
            "views": [(False, "form")],
        }

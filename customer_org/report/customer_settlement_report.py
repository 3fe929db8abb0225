# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL


class CustomerSettlementReport(models.Model):
    """Who paid for whom: one row per line of a settlement that still settles something.

    And one per match with a bank line that a bank screen has booked on the branch itself, without
    a settlement: the payer is the bank line's customer. These have negative ids.
    """

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
        "account.move": ["partner_id"],
        "account.move.line": ["journal_id", "move_id", "parent_state", "partner_id"],
        "account.partial.reconcile": ["amount", "company_id", "max_date"],
        "customer.settlement": ["date", "state"],
        "customer.settlement.line": [
            "amount",
            "company_id",
            "credit_line_id",
            "partner_id",
            "payer_id",
            "settlement_id",
        ],
        "res.partner": ["billing_root_id", "commercial_partner_id"],
    }

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._select_settlements(), self._select_bank_lines())

    def _select_bank_lines(self):
        """Return the SQL of the matches with bank lines of another customer of the hierarchy."""
        company = SQL("partial.company_id")
        return SQL(
            """
            SELECT -partial.id,
                   NULL::int,
                   partial.max_date,
                   payer.id,
                   debtor.id,
                   payer.billing_root_id,
                   bank.move_id,
                   credit.journal_id,
                   partial.company_id,
                   %(currency)s::int,
                   %(amount)s
              FROM account_move_line credit
              JOIN (%(bank)s) bank ON bank.credit_id = credit.id
              JOIN res_partner of_bank ON of_bank.id = bank.partner_id
              JOIN res_partner payer ON payer.id = of_bank.commercial_partner_id
              JOIN res_partner of_credit ON of_credit.id = credit.partner_id
              JOIN res_partner debtor ON debtor.id = of_credit.commercial_partner_id
              JOIN account_partial_reconcile partial ON partial.credit_move_id = credit.id
              JOIN account_move_line debt ON debt.id = partial.debit_move_id
              JOIN account_account account ON account.id = credit.account_id
              %(currencies)s
             WHERE credit.partner_id != bank.partner_id
               AND payer.id != debtor.id
               AND payer.billing_root_id = debtor.billing_root_id
               AND credit.parent_state = 'posted'
               AND debt.parent_state = 'posted'
               AND debt.partner_id = credit.partner_id
               AND account.account_type = 'asset_receivable'
               AND %(in_companies)s
            """,
            bank=self._select_bank_items(),
            currency=self.env.company.currency_id.id,
            amount=self._to_company_currency(SQL("partial.amount")),
            currencies=self._join_currencies(company),
            in_companies=self._is_in_companies(company),
        )

    def _select_bank_items(self):
        """Return the SQL of the items that bank lines are booked on; see ``_get_bank_entry``."""
        return SQL(
            """
            SELECT item.id AS credit_id, entry.id AS move_id, entry.partner_id
              FROM account_move_line item
              JOIN account_move entry ON entry.id = item.move_id
             WHERE item.statement_line_id IS NOT NULL
             UNION ALL
            (
            SELECT DISTINCT ON (item.id) item.id, entry.id, entry.partner_id
              FROM account_move_line taken
              JOIN account_move entry ON entry.id = taken.move_id
              JOIN account_partial_reconcile suspense ON suspense.credit_move_id = taken.id
              JOIN account_move_line taking ON taking.id = suspense.debit_move_id
              JOIN account_move own ON own.id = taking.move_id
              JOIN account_journal journal ON journal.id = own.journal_id
              JOIN account_move_line item ON item.move_id = own.id
             WHERE taken.statement_line_id IS NOT NULL
               AND own.move_type = 'entry' AND journal.type = 'bank'
               AND item.statement_line_id IS NULL AND item.payment_id IS NULL
          ORDER BY item.id, taken.id
            )
            """
        )

    def _select_settlements(self):
        """Return the SQL of the lines of settlements."""
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
        """Open the settlement behind this row, or the bank line's entry where there is none."""
        self.ensure_one()
        if not self.settlement_id:
            return self.credit_move_id.action_open_business_doc()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.settlement",
            "res_id": self.settlement_id.id,
            "views": [(False, "form")],
        }

    def action_print_receipt(self):
        """Print the receipt of the settlement behind this row, or of its bank line."""
        document = self._get_receipt_document()
        name = "remittance" if self.settlement_id else "bank_receipt"
        return self.env.ref(f"customer_org.action_report_{name}").report_action(document)

    def _get_receipt_document(self):
        """Return what this row's receipt is of: its settlement, or its bank line."""
        self.ensure_one()
        return self.settlement_id or self.credit_move_id.statement_line_id

    def action_send_receipt(self):
        """Open a mail to the payer with the receipt of this row's settlement or bank line."""
        return self._get_receipt_document().action_send_remittance()

    def action_send_branch_receipts(self):
        """Mail the branches that were paid with this row's money their parts of the receipt."""
        return self._get_receipt_document().action_send_branch_remittances()

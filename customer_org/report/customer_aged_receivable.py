# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..models.receivable import OPEN_RECEIVABLE, get_last_day_not_due

#: Columns of the report and the last day late of each; the first day is the one after the last.
BUCKETS = (("amount_30", 30), ("amount_60", 60), ("amount_90", 90), ("amount_older", None))


class CustomerAgedReceivable(models.Model):
    """What customers owe, by how late it is today: one row per open receivable item.

    A credit counts from its date on, so the overdue columns add up to what customers show as
    overdue. A customer in no hierarchy is its own head office. Who is billed under whom is what
    holds today.
    """

    _name = "customer.aged.receivable"
    _description = "Aged Receivable by Hierarchy"
    _inherit = ["customer.report.mixin"]
    _auto = False
    _rec_name = "move_id"
    _order = "date_due, id"

    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    billing_root_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        readonly=True,
        help="The top of the customer's billing hierarchy today, or the customer itself.",
    )
    customer_group_id = fields.Many2one(
        "customer.group", readonly=True, help="The customer's group today."
    )
    invoice_user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date(
        string="Due Date", readonly=True, help="Of a credit: its date, from which on it counts."
    )
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    age = fields.Selection(
        [
            ("0", "Not due"),
            ("1", "1-30 days"),
            ("2", "31-60 days"),
            ("3", "61-90 days"),
            ("4", "Older"),
        ],
        readonly=True,
    )
    currency_id = fields.Many2one("res.currency", string="Document Currency", readonly=True)
    amount_residual_currency = fields.Monetary(
        string="Due in Currency",
        currency_field="currency_id",
        readonly=True,
        help="In the currency of the document.",
    )
    amount_residual = fields.Monetary(
        string="Due", currency_field="company_currency_id", readonly=True
    )
    amount_overdue = fields.Monetary(
        string="Overdue", currency_field="company_currency_id", readonly=True
    )
    amount_not_due = fields.Monetary(
        string="Not Due", currency_field="company_currency_id", readonly=True
    )
    amount_30 = fields.Monetary(string="1-30", currency_field="company_currency_id", readonly=True)
    amount_60 = fields.Monetary(string="31-60", currency_field="company_currency_id", readonly=True)
    amount_90 = fields.Monetary(string="61-90", currency_field="company_currency_id", readonly=True)
    amount_older = fields.Monetary(
        string="Older", currency_field="company_currency_id", readonly=True
    )

    _depends = {
        "account.move": ["invoice_user_id"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "journal_id",
            "move_id",
            "parent_state",
            "partner_id",
            "reconciled",
        ],
        "res.partner": ["billing_root_id", "customer_group_id"],
    }

    @property
    def _table_query(self):
        # The rules of this model decide what is shown, not those of journal items.
        items = self.env["account.move.line"]._search(OPEN_RECEIVABLE, bypass_access=True)
        company = SQL("account_move_line.company_id")
        return SQL(
            """
            SELECT %(columns)s
              FROM %(from_clause)s
              LEFT JOIN account_move move ON move.id = account_move_line.move_id
              LEFT JOIN res_partner partner ON partner.id = account_move_line.partner_id
             CROSS JOIN LATERAL (SELECT %(due)s AS day OFFSET 0) due
              %(currencies)s
             WHERE %(where_clause)s AND %(in_companies)s
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in self._get_columns().items()
            ),
            from_clause=items.from_clause,
            # OFFSET 0: work the day out once per item, and not once per column.
            due=get_last_day_not_due("account_move_line"),
            currencies=self._join_currencies(company),
            in_companies=self._is_in_companies(company),
            where_clause=items.where_clause,
        )

    def _get_columns(self):
        """Return ``{field name: SQL}``, for others to add to.

        ``due.day`` is the last day on which the item is not overdue.
        """
        today = fields.Date.context_today(self)
        due = SQL("due.day")
        residual = self._to_company_currency(SQL("account_move_line.amount_residual"))
        columns = {
            name: SQL("account_move_line.%s", SQL.identifier(name))
            for name in (
                "id",
                "move_id",
                "journal_id",
                "account_id",
                "company_id",
                "partner_id",
                "date",
                "currency_id",
                "amount_residual_currency",
            )
        }
        columns |= {
            "billing_root_id": SQL("partner.billing_root_id"),
            "customer_group_id": SQL("partner.customer_group_id"),
            "invoice_user_id": SQL("move.invoice_user_id"),
            "company_currency_id": SQL("%s::int", self.env.company.currency_id.id),
            "date_due": SQL(
                """
                CASE WHEN account_move_line.amount_residual < 0 THEN account_move_line.date
                     ELSE %s
                END
                """,
                due,
            ),
            "days_overdue": SQL("GREATEST(%s - %s, 0)", today, due),
            "amount_residual": residual,
            "amount_overdue": SQL("CASE WHEN %s < %s THEN %s END", due, today, residual),
            "amount_not_due": SQL("CASE WHEN %s >= %s THEN %s END", due, today, residual),
        }
        age, late_from = SQL("WHEN %s >= %s THEN '0'", due, today), 1
        for number, (name, late_to) in enumerate(BUCKETS, start=1):
            in_bucket = SQL("%s <= %s", due, today - timedelta(days=late_from))
            if late_to:
                in_bucket = SQL(
                    "%s BETWEEN %s AND %s",
                    due,
                    today - timedelta(days=late_to),
                    today - timedelta(days=late_from),
                )
                late_from = late_to + 1
            columns[name] = SQL("CASE WHEN %s THEN %s END", in_bucket, residual)
            age = SQL("%s WHEN %s THEN %s", age, in_bucket, str(number))
        columns["age"] = SQL("CASE %s END", age)
        return columns

    def action_open_document(self):
        """Open the payment, invoice or entry behind this row."""
        self.ensure_one()
        return self.env["account.move.line"].browse(self.id).action_open_business_doc()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.receivable import (
    OPEN_RECEIVABLE,
    get_aging_bucket,
    get_aging_spans,
    get_last_day_not_due,
    get_today,
)

#: Columns of the late buckets, named after the days of a company that has not chosen others.
#: A company's buckets beyond these are in the last one together.
BUCKETS = ("amount_30", "amount_60", "amount_90", "amount_older")


class CustomerAgedReceivable(models.Model):
    """What customers owe, by how late it is: one row per open receivable item.

    Today, or at the end of the day that ``customer_aged_as_of`` in the context names.

    Due, overdue and credit are those of customers' forms. A credit lessens the bucket of its own
    date, so the buckets add up to what is due. A customer in no hierarchy is its own head office.
    Who is billed under whom is what holds today.
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
        string="Overdue",
        currency_field="company_currency_id",
        readonly=True,
        help="Open debts whose due date has passed, before credits.",
    )
    amount_credit = fields.Monetary(
        string="Open Credit",
        currency_field="company_currency_id",
        readonly=True,
        help="Open credits, as a positive amount: what is due is the open debts less these.",
    )
    amount_disputed = fields.Monetary(
        string="Disputed",
        currency_field="company_currency_id",
        readonly=True,
        help="What customers took off and is still open, as it is marked today. It is part of "
        "what is due.",
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
        "customer.remittance.line": ["deduction", "is_disputed", "move_id"],
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

    def _get_day(self):
        """Return the day that the report shows: today, or ``customer_aged_as_of`` in the context.

        :raises UserError: if that is no date
        """
        value = self.env.context.get("customer_aged_as_of")
        if not value:
            return get_today(self.env)
        try:
            return fields.Date.to_date(value)
        except (TypeError, ValueError):
            raise UserError(
                self.env._("The date of the report is not valid. Choose another one.")
            ) from None

    def _get_items(self):
        """Return the FROM and WHERE of the open items, as ``account_move_line``.

        Of today what core says is open; of another day what the matches up to then leave.
        """
        lines = self.env["account.move.line"]
        # The rules of this model decide what is shown, not those of journal items.
        if not self.env.context.get("customer_aged_as_of"):
            items = lines._search(OPEN_RECEIVABLE, bypass_access=True)
            return items.from_clause, items.where_clause
        day = self._get_day()
        posted = Domain(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
            ]
        )
        items = lines._search(posted, bypass_access=True)
        lines.flush_model(["balance", "amount_currency"])
        self.env["account.partial.reconcile"].flush_model()
        source = SQL(
            """
            (
                SELECT account_move_line.id, account_move_line.move_id,
                       account_move_line.journal_id, account_move_line.account_id,
                       account_move_line.company_id, account_move_line.partner_id,
                       account_move_line.date, account_move_line.date_maturity,
                       account_move_line.currency_id,
                       account_move_line.balance
                           + COALESCE(used.balance, 0) AS amount_residual,
                       account_move_line.amount_currency
                           + COALESCE(used.amount_currency, 0) AS amount_residual_currency
                  FROM %(from_clause)s
                  LEFT JOIN (
                        SELECT side.id, SUM(side.balance) AS balance,
                               SUM(side.amount_currency) AS amount_currency
                          FROM account_partial_reconcile partial,
                               LATERAL (VALUES
                                   (partial.debit_move_id, -partial.amount,
                                    -partial.debit_amount_currency),
                                   (partial.credit_move_id, partial.amount,
                                    partial.credit_amount_currency)
                               ) side(id, balance, amount_currency)
                         WHERE partial.max_date <= %(day)s
                      GROUP BY side.id
                  ) used ON used.id = account_move_line.id
                 WHERE %(where_clause)s
            ) account_move_line
            """,
            from_clause=items.from_clause,
            where_clause=items.where_clause,
            day=day,
        )
        return source, SQL(
            "(account_move_line.amount_residual != 0"
            " OR account_move_line.amount_residual_currency != 0)"
        )

    @property
    def _table_query(self):
        from_clause, where_clause = self._get_items()
        company = SQL("account_move_line.company_id")
        return SQL(
            """
            SELECT %(columns)s
              FROM %(from_clause)s
              LEFT JOIN account_move move ON move.id = account_move_line.move_id
              LEFT JOIN res_partner partner ON partner.id = account_move_line.partner_id
             CROSS JOIN LATERAL (
                    SELECT due.day, %(bucket)s AS bucket FROM (SELECT %(due)s AS day) due OFFSET 0
             ) late
              LEFT JOIN (%(disputes)s) dispute ON dispute.item_id = account_move_line.id
              %(currencies)s
             WHERE %(where_clause)s AND %(in_companies)s
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in self._get_columns().items()
            ),
            from_clause=from_clause,
            # OFFSET 0: work the bucket out once per item, and not once per column.
            due=get_last_day_not_due("account_move_line"),
            bucket=get_aging_bucket(SQL("due.day"), self._get_day(), self._get_aging_steps()),
            disputes=self._get_disputes(),
            currencies=self._join_currencies(company),
            in_companies=self._is_in_companies(company),
            where_clause=where_clause,
        )

    @staticmethod
    def _get_disputes():
        """Return the SQL of the disputed part of open items, in the currency of the document.

        Of the items of one document the last one is disputed first: what was paid paid the first.
        """
        # DISTINCT: the database leaves out what nobody asks for if it knows of one row an item.
        return SQL(
            """
            SELECT DISTINCT ON (item.id) item.id AS item_id, currency.rounding,
                   LEAST(
                       ABS(item.amount_residual_currency),
                       disputed.amount - COALESCE(SUM(ABS(item.amount_residual_currency)) OVER (
                           PARTITION BY item.move_id
                               ORDER BY item.date_maturity DESC, item.id DESC
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                       ), 0)
                   ) AS amount
              FROM (
                    SELECT move_id, SUM(deduction) AS amount
                      FROM customer_remittance_line
                     WHERE is_disputed
                  GROUP BY move_id
              ) disputed
              JOIN account_move_line item ON item.move_id = disputed.move_id
              JOIN account_account account ON account.id = item.account_id
              JOIN res_currency currency ON currency.id = item.company_currency_id
             WHERE account.account_type = 'asset_receivable' AND NOT item.reconciled
            """
        )

    def _get_columns(self):
        """Return ``{field name: SQL}``, for others to add to.

        ``late.day`` is the last day on which the item is not late, ``late.bucket`` its bucket.
        """
        today = self._get_day()
        due = SQL("late.day")
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
            "amount_overdue": SQL(
                "CASE WHEN late.bucket > 0 AND account_move_line.amount_residual > 0 THEN %s END",
                residual,
            ),
            "amount_credit": SQL(
                "CASE WHEN account_move_line.amount_residual < 0 THEN -%s END", residual
            ),
            "amount_disputed": self._to_company_currency(self._get_disputed_amount()),
            "amount_not_due": SQL("CASE WHEN late.bucket = 0 THEN %s END", residual),
            "age": SQL("late.bucket::varchar"),
        }
        for number, name in enumerate(BUCKETS, start=1):
            columns[name] = SQL("CASE WHEN late.bucket = %s THEN %s END", number, residual)
        return columns

    @staticmethod
    def _get_disputed_amount():
        """Return the SQL of the disputed part in the currency of the item's company."""
        return SQL(
            """
            CASE WHEN dispute.amount > 0 THEN ROUND(
                account_move_line.amount_residual * LEAST(
                    dispute.amount / NULLIF(ABS(account_move_line.amount_residual_currency), 0), 1
                ) / dispute.rounding
            ) * dispute.rounding END
            """
        )

    # ------------------------------------------------------------------
    # Buckets of the company
    # ------------------------------------------------------------------

    @api.model
    def _get_aging_steps(self):
        """Return the steps of the current company that there are columns for."""
        # sudo: a setting of the user's own company.
        return self.env.company.sudo()._get_statement_ageing_steps()[: len(BUCKETS) - 1]

    def _get_aging_spans(self):
        """Return ``{column: what its bucket is called}`` of the columns that are used."""
        return dict(zip(BUCKETS, get_aging_spans(self._get_aging_steps()), strict=False))

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Name the buckets after the days of the current company."""
        result = super().fields_get(allfields, attributes)
        spans = self._get_aging_spans()
        for name, span in spans.items():
            if "string" in result.get(name, {}):
                result[name]["string"] = span
        if "selection" in result.get("age", {}):
            late = [(str(number), span) for number, span in enumerate(spans.values(), start=1)]
            result["age"]["selection"] = [*result["age"]["selection"][:1], *late]
        return result

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return key + (self._get_aging_steps(),)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Leave out the columns of buckets that the company does not have."""
        arch, view = super()._get_view(view_id, view_type, **options)
        spans = self._get_aging_spans()
        for name in BUCKETS:
            for node in arch.xpath(f"//field[@name='{name}']"):
                if name not in spans:
                    node.getparent().remove(node)
                elif node.get("sum"):
                    node.set("sum", spans[name])
        return arch, view

    def action_open_document(self):
        """Open the payment, invoice or entry behind this row."""
        self.ensure_one()
        return self.env["account.move.line"].browse(self.id).action_open_business_doc()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rows of a settlement wizard in the database: one statement each, whatever their number."""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from ..models.receivable import get_unusable_reason

# The order in which core pays debts: see account.move.line._optimize_reconciliation_plan.
DUE_FIRST = SQL(
    "COALESCE(item.date_maturity, item.date), item.currency_id, item.amount_currency,"
    " item.balance, item.id"
)


@dataclass(slots=True)
class GridRow:
    """A line of the wizard; amounts are positive and in the document's currency.

    ``amount_typed`` is what a person wants, None where the policy decides.
    """

    id: int | None
    item_id: int
    customer_id: int
    account_id: int
    currency_id: int
    date: object
    date_maturity: object
    amount_open: float
    amount_open_company: float
    kind: str
    reason: str | None
    selected: bool
    amount_typed: float | None = None
    in_scope: bool = True
    amount: float = 0.0

    @property
    def stored(self):
        """What filling in may change."""
        return (self.in_scope, self.amount, self.reason)


class GridStore:
    """Reads the open items and the stored lines of a wizard, and stores what is filled in.

    The wizard may be a virtual one that holds unsaved choices.
    """

    def __init__(self, wizard):
        self.wizard = wizard
        self.env = wizard.env
        self.wizard_id = wizard._origin.id
        self.currency = wizard.currency_id
        self.rows = []

    def read_lines(self, changes=None):
        """Read the stored lines, as if ``changes`` were stored too.

        :param dict changes: ``{line id: values}``
        """
        self.env["customer.settlement.wizard.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, line.move_line_id, customer.commercial_partner_id, item.account_id,
                       item.currency_id, line.date, line.date_maturity, line.amount_open,
                       line.amount_open_company, line.kind, line.reason, line.selected,
                       CASE WHEN line.is_typed THEN COALESCE(line.amount_typed, 0) END,
                       line.in_scope, COALESCE(line.amount, 0)
                  FROM customer_settlement_wizard_line line
                  JOIN account_move_line item ON item.id = line.move_line_id
                  JOIN res_partner customer ON customer.id = item.partner_id
                 WHERE line.wizard_id = %s
              ORDER BY %s
                """,
                self.wizard_id or 0,
                DUE_FIRST,
            )
        )
        self.rows = [GridRow(*row) for row in rows]
        for row in self.rows if changes else ():
            values = changes.get(row.id, {})
            row.selected = values.get("selected", row.selected)
            if values.get("is_typed"):
                row.amount_typed = values.get("amount", row.amount)

    def fetch_candidates(self, item_ids=None):
        """Return the rows of the journal items that are offered, or shown with why they are not.

        :param item_ids: only of these journal items
        """
        items = self.env["account.move.line"].with_context(active_test=False)
        items.flush_model()
        self.env["account.move"].flush_model(["payment_state", "move_type"])
        self.env["account.payment"].flush_model(["state"])
        domain = self.wizard._get_candidate_domain()
        if item_ids is not None:
            domain &= Domain("id", "in", item_ids)
        query = items._search(domain)
        path = self.wizard._get_path()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.id, item.customer_id, item.account_id, item.currency_id, item.date,
                       COALESCE(item.date_maturity, item.date), item.amount_open,
                       item.amount_open_company,
                       CASE WHEN item.reason IS NOT NULL THEN 'skipped'
                            WHEN item.balance > 0 THEN 'debt'
                            ELSE 'credit'
                       END,
                       item.reason,
                       item.reason IS NULL AND item.balance < 0 AND %(selected)s
                  FROM (
                        SELECT account_move_line.id, account_move_line.move_id,
                               customer.commercial_partner_id AS customer_id,
                               account_move_line.account_id, account_move_line.currency_id,
                               account_move_line.date, account_move_line.date_maturity,
                               account_move_line.balance, account_move_line.amount_currency,
                               ABS(account_move_line.amount_residual_currency) AS amount_open,
                               ABS(account_move_line.amount_residual) AS amount_open_company,
                               %(reason)s AS reason
                          FROM %(from_clause)s
                          JOIN account_move move ON move.id = account_move_line.move_id
                          JOIN res_partner customer ON customer.id = account_move_line.partner_id
                     LEFT JOIN account_payment payment
                            ON payment.id = account_move_line.payment_id
                     LEFT JOIN customer_hierarchy_link below
                            ON below.ancestor_id = %(payer_id)s
                           AND below.descendant_id = customer.commercial_partner_id
                         WHERE %(where_clause)s
                  ) item
              ORDER BY %(order)s
                """,
                selected=self._get_selected(),
                reason=self._get_reason(path),
                from_clause=query.from_clause,
                where_clause=query.where_clause or SQL("TRUE"),
                payer_id=self.wizard.payer_id.id,
                order=DUE_FIRST,
            )
        )
        return [GridRow(None, *row) for row in rows]

    def _get_selected(self):
        chosen = self.wizard.credit_move_ids._origin.ids
        if chosen:
            return SQL("item.move_id = ANY(%s)", chosen)
        return SQL("item.customer_id = %s", self.wizard.payer_id.id)

    def _get_reason(self, path):
        """Return the SQL of why a journal item can't be settled; NULL if it can."""
        return SQL(
            """
            CASE WHEN account_move_line.company_id != %(company_id)s THEN 'company'
                 ELSE COALESCE(%(unusable)s, CASE
                     WHEN account_move_line.balance < 0
                          AND customer.commercial_partner_id != ALL(%(path)s) THEN 'branch_credit'
                     WHEN account_move_line.balance > 0 AND below.id IS NULL THEN 'hierarchy'
                 END)
            END
            """,
            company_id=self.wizard.company_id.id,
            unusable=get_unusable_reason("account_move_line", "move", "payment"),
            path=path,
        )

    def _remember_typed(self, line_ids):
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_settlement_wizard_line
                   SET is_typed = TRUE, amount_typed = amount
                 WHERE id = ANY(%s)
                """,
                line_ids,
            )
        )

    def forget_typed(self):
        """Leave all amounts to the policy again; fill in after that."""
        self.env["customer.settlement.wizard.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_settlement_wizard_line
                   SET is_typed = FALSE, amount_typed = NULL
                 WHERE wizard_id = %s AND is_typed
                """,
                self.wizard_id,
            )
        )
        self._invalidate()

    def _insert(self):
        columns = (
            ("move_line_id", "int", "item_id"),
            ("date", "date", "date"),
            ("date_maturity", "date", "date_maturity"),
            ("amount_open", "numeric", "amount_open"),
            ("amount_open_company", "float8", "amount_open_company"),
            ("kind", "varchar", "kind"),
            ("reason", "varchar", "reason"),
            ("selected", "bool", "selected"),
            ("in_scope", "bool", "in_scope"),
            ("amount", "numeric", "amount"),
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_settlement_wizard_line
                            (create_uid, create_date, wizard_id, %s)
                SELECT %s, %s, %s, * FROM unnest(%s)
                """,
                SQL(", ").join(SQL.identifier(column) for column, _type, _name in columns),
                self.env.uid,
                self.env.cr.now(),
                self.wizard_id,
                SQL(", ").join(
                    SQL("%s::%s[]", [getattr(row, name) for row in self.rows], SQL(sql_type))
                    for _column, sql_type, name in columns
                ),
            )
        )

    def _update(self, rows):
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_settlement_wizard_line line
                   SET in_scope = filled.in_scope, amount = filled.amount, reason = filled.reason
                  FROM unnest(%s::int[], %s::bool[], %s::numeric[], %s::varchar[])
                       AS filled(id, in_scope, amount, reason)
                 WHERE line.id = filled.id
                """,
                [row.id for row in rows],
                [row.in_scope for row in rows],
                [row.amount for row in rows],
                [row.reason for row in rows],
            )
        )

    def _invalidate(self):
        self.env["customer.settlement.wizard.line"].invalidate_model(flush=False)
        self.wizard.invalidate_recordset()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is open and what is late: the one place that says so."""

from odoo.fields import Domain
from odoo.tools import SQL

OPEN_RECEIVABLE = Domain(
    [
        ("account_type", "=", "asset_receivable"),
        ("parent_state", "=", "posted"),
        ("reconciled", "=", False),
    ]
)


def get_last_day_not_due(items, is_credit="%(items)s.amount_residual < 0"):
    """Return the SQL of the last day on which an open item is not overdue.

    The due date; of a credit, the day before its own date: it lessens what is overdue from then on.

    :param str items: alias of the table of journal items
    :param str is_credit: condition of credits, by what is open of them now if not given
    """
    return SQL(
        f"CASE WHEN {is_credit} THEN %(items)s.date - 1"
        " ELSE COALESCE(%(items)s.date_maturity, %(items)s.date) END",
        items=SQL.identifier(items),
    )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is open, late, a usable credit, a debt, of which age, and today: the one place that says so.

Knows no other package. Domains are of ``account.move.line`` where not said otherwise; SQL comes
from them by ``account.move.line._search(domain, bypass_access=True)``, which flushes too.
"""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

# ------------------------------------------------------------------
# Open items, usable credits, debts
# ------------------------------------------------------------------

#: What counts in the balance of a customer's open items, whatever document it is of.
OPEN_RECEIVABLE = Domain(
    [
        ("account_type", "=", "asset_receivable"),
        ("parent_state", "=", "posted"),
        ("reconciled", "=", False),
    ]
)

#: Documents of vendors are never settled, also not those on a receivable account.
VENDOR_TYPES = ("in_invoice", "in_refund", "in_receipt")
#: The money of such a payment never came, or is gone again; its entry may stay posted.
LOST_PAYMENT_STATES = ("canceled", "rejected")

_SETTLEABLE = OPEN_RECEIVABLE & Domain(
    [
        ("partner_id", "!=", False),
        # What is open in company currency alone is an exchange difference to come, not money.
        ("amount_residual_currency", "!=", 0.0),
        ("move_id.payment_state", "!=", "blocked"),
        ("move_id.move_type", "not in", VENDOR_TYPES),
        ("move_id.customer_settlement_id", "=", False),
    ]
)

#: Open items that may pay debts: payments, credit notes, any credit but those named above.
USABLE_CREDIT = _SETTLEABLE & Domain(
    [
        ("balance", "<", 0.0),
        ("payment_id", "not any", [("state", "in", LOST_PAYMENT_STATES)]),
    ]
)

#: Open items that others' credits may pay: invoices, receipts, opening debits. Money on its way
#: back to a customer is none, whether a payment or a bank line says so: the customer got it.
DEBT = _SETTLEABLE & Domain(
    [
        ("balance", ">", 0.0),
        ("payment_id", "=", False),
        ("statement_line_id", "=", False),
    ]
)


def get_unusable_reason(item, move, payment):
    """Return the SQL of why an item of a customer is neither a usable credit nor a debt, or NULL.

    One of ``vendor``, ``draft``, ``cancelled``, ``blocked``, ``paid``, ``lost`` (the credit of a
    rejected or cancelled payment), ``refund`` (money on its way back to the customer). Legs of
    settlements are not asked about.

    :param str item: alias of the table of journal items
    :param str move: alias of their entries
    :param str payment: alias of ``account_payment``, outer joined by the items' ``payment_id``
    """
    return SQL(
        """
        CASE WHEN %(item)s.account_id NOT IN (
                      SELECT id FROM account_account WHERE account_type = 'asset_receivable'
                  ) OR %(move)s.move_type = ANY(%(vendor_types)s) THEN 'vendor'
             WHEN %(item)s.parent_state = 'draft' THEN 'draft'
             WHEN %(item)s.parent_state = 'cancel' THEN 'cancelled'
             WHEN %(move)s.payment_state = 'blocked' THEN 'blocked'
             WHEN %(item)s.reconciled OR %(item)s.amount_residual_currency = 0 THEN 'paid'
             WHEN %(item)s.balance < 0
                  AND %(payment)s.state = ANY(%(lost_states)s) THEN 'lost'
             WHEN %(item)s.balance > 0
                  AND COALESCE(%(item)s.payment_id, %(item)s.statement_line_id) IS NOT NULL
             THEN 'refund'
        END
        """,
        item=SQL.identifier(item),
        move=SQL.identifier(move),
        payment=SQL.identifier(payment),
        vendor_types=list(VENDOR_TYPES),
        lost_states=list(LOST_PAYMENT_STATES),
    )


# ------------------------------------------------------------------
# Today, and what is late
# ------------------------------------------------------------------


def get_today(env):
    """Return the day that it is for the user of ``env``: not the server's, nor UTC's."""
    return fields.Date.context_today(env.user.with_env(env))


def get_late_document_domain(env):
    """Return the domain of ``account.move`` with an open debt whose due date has passed.

    Of several instalments one is enough: what is overdue goes by items.
    """
    late = Domain("date_maturity", "<", get_today(env)) & Domain("amount_residual", ">", 0.0)
    late &= Domain("account_type", "=", "asset_receivable") & Domain("reconciled", "=", False)
    # any!: who reads a document reads whether it is late; its items may be closed to a visitor.
    return Domain("line_ids", "any!", late)


def get_late_documents(moves):
    """Return those of ``account.move`` that have an open debt whose due date has passed."""
    return moves.search(Domain("id", "in", moves.ids) & get_late_document_domain(moves.env))


def is_late_document(move):
    """Return whether an invoice has an open debt whose due date has passed."""
    return bool(get_late_documents(move))


def get_due_date(items):
    """Return the SQL of the last day on which a debt is not overdue: its due date, if it has one.

    :param str items: alias of the table of journal items
    """
    return SQL("COALESCE(%(items)s.date_maturity, %(items)s.date)", items=SQL.identifier(items))


def get_last_day_not_due(items, is_credit=None):
    """Return the SQL of the last day on which an open item is in no bucket of late ones.

    The due date; of a credit, the day before its own date: it lessens the bucket of that date from
    then on. Overdue itself it never is: see :func:`get_overdue_debt`.

    :param str items: alias of the table of journal items
    :param SQL is_credit: condition of credits, by what is open of them now if not given
    """
    table = SQL.identifier(items)
    return SQL(
        "CASE WHEN %(is_credit)s THEN %(table)s.date - 1 ELSE %(due_date)s END",
        is_credit=is_credit or SQL("%s.amount_residual < 0", table),
        table=table,
        due_date=get_due_date(items),
    )


def get_overdue_debt(items, today):
    """Return the SQL condition that an open item is a debt whose due date has passed."""
    return SQL(
        "(%s.amount_residual > 0 AND %s < %s)", SQL.identifier(items), get_due_date(items), today
    )


# ------------------------------------------------------------------
# The three numbers
# ------------------------------------------------------------------


def get_three_numbers(items, today, amount=None):
    """Return the SQL of what open items come to: due, overdue, credit, separated by commas.

    Due is net of open credits; overdue the debts whose due date has passed, before credits; credit
    what is open of credits, as a positive amount. Due = open debts - credit.

    :param str items: alias of the table of open journal items
    :param SQL amount: what is summed, by default the residual in the company's currency
    """
    table = SQL.identifier(items)
    return SQL(
        """
        COALESCE(SUM(%(amount)s), 0) AS due,
        COALESCE(SUM(%(amount)s) FILTER (WHERE %(is_overdue)s), 0) AS overdue,
        COALESCE(-SUM(%(amount)s) FILTER (WHERE %(table)s.amount_residual < 0), 0) AS credit
        """,
        amount=amount or SQL("%s.amount_residual", table),
        is_overdue=get_overdue_debt(items, today),
        table=table,
    )


# ------------------------------------------------------------------
# Aging
# ------------------------------------------------------------------

#: Where a company has not said anything else: the last day late of each bucket but the last.
DEFAULT_AGING_STEPS = (30, 60, 90)


def parse_aging_steps(text):
    """Return the steps that a company's setting says, such as ``30, 60, 90``.

    :raises ValueError: if it is no list of whole numbers above 0 that grow

    >>> parse_aging_steps("15, 45"), parse_aging_steps(False)
    ((15, 45), (30, 60, 90))
    >>> parse_aging_steps("60, 30")
    Traceback (most recent call last):
    ValueError: 60, 30
    """
    if not text:
        return DEFAULT_AGING_STEPS
    steps = tuple(map(int, text.split(",")))
    if steps[0] < 1 or list(steps) != sorted(set(steps)):
        raise ValueError(text)
    return steps


def get_aging_bucket(last_day_not_due, day, steps):
    """Return the SQL of an item's bucket: 0 is not due, 1 the first late one, and so on.

    There are ``len(steps) + 2`` buckets.

    :param SQL last_day_not_due: see :func:`get_last_day_not_due`
    :param day: the day from which one looks back, a date or its SQL
    :param steps: last day late of each bucket but the last, see :func:`parse_aging_steps`
    """
    first_days = [1, *(step + 1 for step in steps)]
    return SQL("width_bucket(%s - %s, %s)", day, last_day_not_due, first_days)


def get_aging_spans(steps):
    """Return what the late buckets are called, in days after the due date.

    >>> get_aging_spans((30, 60, 90))
    ['1-30', '31-60', '61-90', '> 90']
    """
    spans = [f"{low + 1}-{high}" for low, high in zip((0, *steps), steps, strict=False)]
    return [*spans, f"> {steps[-1]}"]

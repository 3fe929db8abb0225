# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Settlements of 19.0.1.0.0: a line for each credit and debtor becomes one for each match."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

# What a line is to become: its matches with debts, numbered, and then what was undone of it. A
# share in company currency of a leg in foreign currency goes by the leg's average rate, which is
# what that version settled by; the last match gets what rounding leaves.
PARTS = SQL(
    """
    CREATE TEMPORARY TABLE customer_settlement_part ON COMMIT DROP AS
    WITH matched AS (
        SELECT line.id AS line_id, partial.id AS partial_id, debt.id AS debt_line_id,
               debt.date, debt_move.name AS debt_name, debt.currency_id,
               partial.amount AS debt_amount, partial.debit_amount_currency,
               ROUND(
                   CASE WHEN leg.currency_id = company.currency_id OR leg.amount_currency = 0
                        THEN partial.amount
                        ELSE partial.credit_amount_currency * leg.balance / leg.amount_currency
                   END, 6
               ) AS amount,
               currency.rounding
          FROM customer_settlement_line line
          JOIN res_company company ON company.id = line.company_id
          JOIN res_currency currency ON currency.id = company.currency_id
          JOIN account_move_line leg ON leg.id = line.debtor_leg_id
          JOIN account_partial_reconcile partial ON partial.credit_move_id = leg.id
          JOIN account_move_line debt ON debt.id = partial.debit_move_id
          JOIN account_move debt_move ON debt_move.id = debt.move_id
         WHERE line.amount_settled IS NULL
           AND debt_move.customer_settlement_id IS NULL
           AND NOT EXISTS (
               SELECT FROM account_partial_reconcile exchange
                WHERE exchange.exchange_move_id = debt_move.id
           )
    ), rounded AS (
        SELECT matched.*, ROUND(amount / rounding) * rounding AS share,
               ROW_NUMBER() OVER (PARTITION BY line_id ORDER BY partial_id) AS number,
               COUNT(*) OVER (PARTITION BY line_id) AS numbers
          FROM matched
    ), parts AS (
        SELECT rounded.line_id, rounded.number, rounded.debt_line_id, rounded.debt_name,
               rounded.date, rounded.currency_id, rounded.debt_amount,
               rounded.debit_amount_currency, FALSE AS is_undone,
               CASE WHEN number < numbers THEN share
                    ELSE line.amount - COALESCE(
                        SUM(share) OVER (
                            PARTITION BY line_id ORDER BY number
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                        ), 0)
               END AS amount
          FROM rounded
          JOIN customer_settlement_line line ON line.id = rounded.line_id
    )
    SELECT * FROM parts
     UNION ALL
    SELECT line.id, 1 + COALESCE(taken.numbers, 0), NULL, NULL, leg.date, leg.currency_id,
           -leg.balance - COALESCE(taken.amount, 0), NULL, TRUE,
           -leg.balance - COALESCE(taken.amount, 0)
      FROM customer_settlement_line line
      JOIN account_move_line leg ON leg.id = line.debtor_leg_id
 LEFT JOIN (
               SELECT line_id, COUNT(*) AS numbers, SUM(amount) AS amount
                 FROM parts
             GROUP BY line_id
           ) taken ON taken.line_id = line.id
     WHERE line.amount_settled IS NULL
       AND (taken.line_id IS NULL OR -leg.balance - taken.amount > 0)
    """
)

# The values of a part, for the line itself and for the lines that are added.
VALUES = SQL(
    """
    SELECT part.line_id, part.number, part.debt_line_id, part.debt_name, part.is_undone,
           part.currency_id AS debt_currency_id, part.debt_amount,
           part.debit_amount_currency AS debt_amount_currency,
           credit_move.name AS credit_name, payer_leg.currency_id AS credit_currency_id,
           part.amount AS credit_amount,
           CASE WHEN payer_leg.currency_id = company.currency_id OR payer_leg.balance = 0
                THEN part.amount
                ELSE ROUND(
                    part.amount * payer_leg.amount_currency / payer_leg.balance
                    / credit_currency.rounding
                ) * credit_currency.rounding
           END AS credit_amount_currency,
           CASE WHEN part.is_undone THEN 0 ELSE part.amount END AS amount,
           part.amount AS amount_settled,
           GREATEST(part.date, credit.date) AS date_matched
      FROM customer_settlement_part part
      JOIN customer_settlement_line line ON line.id = part.line_id
      JOIN res_company company ON company.id = line.company_id
      JOIN account_move_line payer_leg ON payer_leg.id = line.payer_leg_id
      JOIN res_currency credit_currency ON credit_currency.id = payer_leg.currency_id
 LEFT JOIN account_move_line credit ON credit.id = line.credit_line_id
 LEFT JOIN account_move credit_move ON credit_move.id = credit.move_id
    """
)

COLUMNS = (
    "debt_line_id",
    "debt_name",
    "is_undone",
    "debt_currency_id",
    "debt_amount",
    "debt_amount_currency",
    "credit_name",
    "credit_currency_id",
    "credit_amount",
    "credit_amount_currency",
    "amount",
    "amount_settled",
    "date_matched",
)
#: What a match has in common with the line that it comes from.
SHARED = (
    "settlement_id",
    "company_id",
    "payer_id",
    "partner_id",
    "credit_line_id",
    "payer_leg_id",
    "debtor_leg_id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
)


def split_lines(cr):
    """Bring the lines of 19.0.1.0.0, those without an amount settled at first, to one a match."""
    cr.execute(PARTS)
    columns = SQL(", ").join(SQL.identifier(column) for column in COLUMNS)
    shared = SQL(", ").join(SQL.identifier(column) for column in SHARED)
    # First: a line that has its values is not looked for any more.
    cr.execute(
        SQL(
            """
            INSERT INTO customer_settlement_line (%(shared)s, %(columns)s)
            SELECT %(of_line)s, %(values)s
              FROM (%(parts)s) value
              JOIN customer_settlement_line line ON line.id = value.line_id
             WHERE value.number > 1
          ORDER BY value.line_id, value.number
            """,
            shared=shared,
            columns=columns,
            of_line=SQL(", ").join(SQL.identifier("line", column) for column in SHARED),
            values=SQL(", ").join(SQL.identifier("value", column) for column in COLUMNS),
            parts=VALUES,
        )
    )
    cr.execute(
        SQL(
            """
            UPDATE customer_settlement_line line
               SET %(assignments)s
              FROM (%(parts)s) value
             WHERE line.id = value.line_id AND value.number = 1
            """,
            assignments=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(column), SQL.identifier("value", column))
                for column in COLUMNS
            ),
            parts=VALUES,
        )
    )
    cr.execute("DROP TABLE customer_settlement_part")


def migrate(cr, version):
    split_lines(cr)
    cr.execute(
        """
        UPDATE customer_settlement settlement
           SET name = move.name
          FROM account_move move
         WHERE move.id = settlement.move_id
           AND move.name IS NOT NULL
           AND settlement.name != move.name
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    sequence = env.ref("customer_org.sequence_customer_settlement", raise_if_not_found=False)
    if sequence:
        sequence.unlink()

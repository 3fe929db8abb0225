# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is wrong in the receivables: one query for each kind of finding, nothing written.

Each function takes an environment and company ids and returns a list of :class:`Finding`. A
company and its branches are one ledger: a payment booked in one of them pays invoices of another.
"""

from dataclasses import dataclass

from odoo.tools import SQL


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    ``amount`` is in the company's currency: by how much the customer's balance exceeds its open
    items, what is matched, what is open of a leg, or by how much lines and entry differ.
    """

    kind: str
    company_id: int
    amount: float
    partner_id: int | None = None
    other_partner_id: int | None = None
    partial_id: int | None = None
    move_line_id: int | None = None
    settlement_id: int | None = None

    @property
    def key(self):
        """Tell the finding from others: it stays the same one while the amount changes."""
        ids = (self.partner_id, self.partial_id, self.move_line_id, self.settlement_id)
        if self.kind != "balance":
            ids = (None, *ids[1:])
        return f"{self.kind}:{self.company_id}:" + ":".join(str(id_ or "") for id_ in ids)


_RECEIVABLE_ACCOUNTS = SQL(
    "ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable')"
)
_COMPANIES = SQL(
    """
    SELECT id, split_part(parent_path, '/', 1)::int AS root_id FROM res_company
    """
)


def find_wrong_balances(env, company_ids):
    """Find customers whose posted receivable balance is not what their open items add up to.

    Matches with drafts are left out: core keeps them while a document is reset to draft.
    """
    _flush(env)
    rows = env.execute_query(
        SQL(
            """
            WITH company AS (%(all_companies)s), item AS (
                SELECT company_id, partner_id, SUM(balance) - SUM(amount_residual) AS difference
                  FROM account_move_line
                 WHERE parent_state = 'posted'
                   AND account_id = ANY(%(accounts)s)
                   AND company_id = ANY(%(companies)s::int[])
                   AND partner_id IS NOT NULL
              GROUP BY company_id, partner_id
            ), wrong AS (
                SELECT company.root_id, partner.commercial_partner_id AS customer_id,
                       SUM(item.difference) AS difference
                  FROM item
                  JOIN company ON company.id = item.company_id
                  JOIN res_partner partner ON partner.id = item.partner_id
              GROUP BY 1, 2
                HAVING SUM(item.difference) != 0
            ), drafts AS (
                SELECT wrong.root_id, wrong.customer_id,
                       SUM(CASE WHEN line.id = partial.debit_move_id THEN partial.amount
                                ELSE -partial.amount END) AS amount
                  FROM wrong
                  JOIN res_partner partner ON partner.commercial_partner_id = wrong.customer_id
                  JOIN account_move_line line
                    ON line.partner_id = partner.id
                   AND line.parent_state = 'posted'
                   AND line.account_id = ANY(%(accounts)s)
                  JOIN company ON company.id = line.company_id AND company.root_id = wrong.root_id
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = line.id OR partial.credit_move_id = line.id
                  JOIN account_move_line other
                    ON other.id = partial.debit_move_id + partial.credit_move_id - line.id
                 WHERE other.parent_state != 'posted'
              GROUP BY 1, 2
            )
            SELECT wrong.root_id, wrong.customer_id,
                   wrong.difference - COALESCE(drafts.amount, 0)
              FROM wrong
         LEFT JOIN drafts USING (root_id, customer_id)
             WHERE wrong.difference != COALESCE(drafts.amount, 0)
          ORDER BY 1, 2
            """,
            all_companies=_COMPANIES,
            accounts=_RECEIVABLE_ACCOUNTS,
            companies=list(company_ids),
        )
    )
    return [
        Finding("balance", root_id, float(amount), partner_id=customer_id)
        for root_id, customer_id, amount in rows
    ]


def find_crossed_matches(env, company_ids):
    """Find the matches of posted receivable items of two customers of one hierarchy."""
    _flush(env)
    rows = env.execute_query(
        SQL(
            """
            SELECT partial.company_id, partial.amount, payer.id, debtor.id, partial.id
              FROM account_partial_reconcile partial
              JOIN account_move_line debit ON debit.id = partial.debit_move_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN res_partner of_debit ON of_debit.id = debit.partner_id
              JOIN res_partner of_credit ON of_credit.id = credit.partner_id
              JOIN res_partner debtor ON debtor.id = of_debit.commercial_partner_id
              JOIN res_partner payer ON payer.id = of_credit.commercial_partner_id
             WHERE debit.partner_id != credit.partner_id
               AND debtor.id != payer.id
               AND debtor.billing_root_id = payer.billing_root_id
               AND debit.parent_state = 'posted'
               AND credit.parent_state = 'posted'
               AND debit.account_id = ANY(%(accounts)s)
               AND partial.company_id = ANY(%(companies)s::int[])
          ORDER BY partial.id
            """,
            accounts=_RECEIVABLE_ACCOUNTS,
            companies=list(company_ids),
        )
    )
    return [
        Finding("match", company_id, float(amount), payer_id, debtor_id, partial_id=partial_id)
        for company_id, amount, payer_id, debtor_id, partial_id in rows
    ]


def find_stray_legs(env, company_ids):
    """Find the legs of settlements that are open, or that no line of the settlement names."""
    _flush(env)
    rows = env.execute_query(
        SQL(
            """
            SELECT leg.company_id,
                   CASE WHEN leg.reconciled THEN leg.balance ELSE leg.amount_residual END,
                   partner.commercial_partner_id, leg.id, move.customer_settlement_id
              FROM account_move move
              JOIN account_move_line leg ON leg.move_id = move.id
              JOIN customer_settlement settlement ON settlement.id = move.customer_settlement_id
         LEFT JOIN res_partner partner ON partner.id = leg.partner_id
             WHERE move.customer_settlement_id IS NOT NULL
               AND move.state = 'posted'
               AND move.company_id = ANY(%(companies)s::int[])
               AND (leg.balance != 0 OR leg.amount_currency != 0)
               AND (
                    leg.reconciled IS NOT TRUE
                    OR (
                        move.id = settlement.move_id
                        AND NOT EXISTS (
                            SELECT FROM customer_settlement_line WHERE payer_leg_id = leg.id
                        )
                        AND NOT EXISTS (
                            SELECT FROM customer_settlement_line WHERE debtor_leg_id = leg.id
                        )
                    )
               )
          ORDER BY leg.id
            """,
            companies=list(company_ids),
        )
    )
    return [
        Finding(
            "leg",
            company_id,
            float(amount),
            partner_id,
            move_line_id=leg_id,
            settlement_id=settlement_id,
        )
        for company_id, amount, partner_id, leg_id, settlement_id in rows
    ]


def find_wrong_settlements(env, company_ids):
    """Find the settlements whose lines say something else than their posted entries.

    What the entries, reversals among them, have moved from and to each customer must be what the
    lines still settle.
    """
    _flush(env)
    rows = env.execute_query(
        SQL(
            """
            SELECT settlement.company_id, SUM(ABS(part.amount)), settlement.payer_id, settlement.id
              FROM (
                    SELECT settlement_id, customer_id, SUM(amount) AS amount
                      FROM (
                            SELECT move.customer_settlement_id AS settlement_id,
                                   partner.commercial_partner_id AS customer_id,
                                   leg.balance AS amount
                              FROM account_move move
                              JOIN account_move_line leg ON leg.move_id = move.id
                         LEFT JOIN res_partner partner ON partner.id = leg.partner_id
                             WHERE move.customer_settlement_id IS NOT NULL
                               AND move.state = 'posted'
                         UNION ALL
                            SELECT line.settlement_id, one.customer_id, one.amount
                              FROM customer_settlement_line line,
                                   LATERAL (VALUES (line.payer_id, -line.amount),
                                                   (line.partner_id, line.amount)
                                   ) one(customer_id, amount)
                      ) moved
                  GROUP BY settlement_id, customer_id
                    HAVING SUM(amount) != 0
              ) part
              JOIN customer_settlement settlement ON settlement.id = part.settlement_id
             WHERE settlement.company_id = ANY(%(companies)s::int[])
          GROUP BY settlement.id
          ORDER BY settlement.id
            """,
            companies=list(company_ids),
        )
    )
    return [
        Finding("settlement", company_id, float(amount), payer_id, settlement_id=settlement_id)
        for company_id, amount, payer_id, settlement_id in rows
    ]


#: In the order in which they are shown; what the later ones find is often why the first is wrong.
CHECKS = (find_wrong_balances, find_crossed_matches, find_stray_legs, find_wrong_settlements)


def _flush(env):
    env["account.partial.reconcile"].flush_model()
    env["account.move.line"].flush_model(
        ["account_id", "amount_residual", "balance", "parent_state", "partner_id", "reconciled"]
    )
    env["account.move"].flush_model(["customer_settlement_id", "state"])
    env["customer.settlement"].flush_model()
    env["customer.settlement.line"].flush_model()
    env["res.partner"].flush_model(["billing_root_id", "commercial_partner_id"])

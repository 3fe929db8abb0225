# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from .evidence import LIKELY, MONEY, Evidence


class CustomerHierarchySuggestion(models.Model):
    """Payments of one customer matched with invoices of another: likely.

    Core lets one match them, and a bank line of one may have an item of the other as counterpart.
    """

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "payments"]

    def _find_payments(self, customers):
        rows = self.env.execute_query(
            SQL(
                """
                WITH paid AS (
                    SELECT debit.partner_id, %(payer)s AS payer_id, debit.move_id, debit.company_id
                      FROM account_partial_reconcile match
                      JOIN account_move_line debit ON debit.id = match.debit_move_id
                      JOIN account_account account ON account.id = debit.account_id
                      JOIN account_move_line credit ON credit.id = match.credit_move_id
                      JOIN account_move credit_move ON credit_move.id = credit.move_id
                      LEFT JOIN account_bank_statement_line bank
                             ON bank.id = credit_move.statement_line_id
                     WHERE account.account_type = 'asset_receivable'
                       AND debit.partner_id IS NOT NULL
                       AND debit.partner_id != %(payer)s
                )
                SELECT debtor.commercial_partner_id, payer.commercial_partner_id,
                       paid.company_id, COUNT(DISTINCT paid.move_id)
                  FROM paid
                  JOIN res_partner debtor ON debtor.id = paid.partner_id
                  JOIN res_partner payer ON payer.id = paid.payer_id
                 WHERE debtor.commercial_partner_id != payer.commercial_partner_id
                   AND debtor.commercial_partner_id = ANY(%(ids)s)
                   AND payer.commercial_partner_id = ANY(%(ids)s)
              GROUP BY 1, 2, 3
                """,
                payer=SQL("COALESCE(bank.partner_id, credit.partner_id)"),
                ids=[*customers],
            )
        )
        # Who pays for each other has no direction, but for the one that does so more often.
        counts = {}
        for partner_id, payer_id, _company_id, count in rows:
            counts[partner_id, payer_id] = counts.get((partner_id, payer_id), 0) + count
        return [
            Evidence(partner_id, payer_id, "payments", LIKELY, MONEY, {"count": count}, company_id)
            for partner_id, payer_id, company_id, count in rows
            if counts[partner_id, payer_id] > 2 * counts.get((payer_id, partner_id), 0)
        ]

    def _describe_payments(self, names, values):
        if values["count"] == 1:
            return self.env._("%(parent)s paid one of its invoices", **names)
        return self.env._("%(parent)s paid %(count)s of its invoices", **names, **values)

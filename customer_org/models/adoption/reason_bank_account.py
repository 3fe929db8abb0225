# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from .evidence import LIKELY, MONEY, Evidence


class CustomerHierarchySuggestion(models.Model):
    """A bank account that pays for a customer, and whose holder is another one: likely."""

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "bank_account"]

    def _find_bank_account(self, customers):
        """Return evidence by bank lines, and by accounts that two customers' records have.

        The holder is who is named as such; of a bank line also the customer whose account it is.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH used AS (
                    SELECT partner.commercial_partner_id AS customer_id, line.company_id,
                           COALESCE(
                               account.sanitized_acc_number,
                               upper(regexp_replace(line.account_number, '\\W', '', 'g'))
                           ) AS number
                      FROM account_bank_statement_line line
                      JOIN res_partner partner ON partner.id = line.partner_id
                      JOIN account_move move ON move.id = line.move_id
                      LEFT JOIN res_partner_bank account ON account.id = move.partner_bank_id
                     WHERE COALESCE(account.sanitized_acc_number, line.account_number) IS NOT NULL
                     UNION ALL
                    SELECT partner.commercial_partner_id, account.company_id,
                           account.sanitized_acc_number
                      FROM res_partner_bank account
                      JOIN res_partner partner ON partner.id = account.partner_id
                     WHERE account.active
                ),
                named AS (
                    SELECT account.sanitized_acc_number AS number, partner.commercial_partner_id,
                           NULLIF(lower(account.acc_holder_name), lower(partner.name)) AS holder
                      FROM res_partner_bank account
                      JOIN res_partner partner ON partner.id = account.partner_id
                     WHERE account.active
                ),
                held AS (
                    SELECT named.number, MIN(COALESCE(customer.id, named.commercial_partner_id))
                           AS holder_id
                      FROM named
                      LEFT JOIN res_partner customer
                             ON lower(customer.name) = named.holder
                            AND customer.id = ANY(%(ids)s)
                     WHERE named.holder IS NULL OR customer.id IS NOT NULL
                  GROUP BY 1
                    HAVING COUNT(DISTINCT COALESCE(customer.id, named.commercial_partner_id)) = 1
                )
                SELECT used.customer_id, held.holder_id, MIN(used.number), used.company_id
                  FROM used
                  JOIN held ON held.number = used.number
                 WHERE used.customer_id != held.holder_id
                   AND used.customer_id = ANY(%(ids)s)
                   AND held.holder_id = ANY(%(ids)s)
              GROUP BY 1, 2, 4
                """,
                ids=[*customers],
            )
        )
        return [
            Evidence(*pair, "bank_account", LIKELY, MONEY, {"ending": number[-4:]}, company_id or 0)
            for *pair, number, company_id in rows
        ]

    def _describe_bank_account(self, names, values):
        return self.env._(
            "paid from the bank account of %(parent)s, ending in %(ending)s", **names, **values
        )

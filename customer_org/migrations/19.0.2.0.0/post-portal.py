# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tools import SQL


def migrate(cr, _version):
    """Payments on their way are for who is in the payer's hierarchy now."""
    cr.execute(
        SQL(
            """
            INSERT INTO payment_transaction_hierarchy_customer_rel
                        (payment_transaction_id, res_partner_id)
                 SELECT DISTINCT tx.id, customer.id
                   FROM payment_transaction tx
                   JOIN account_invoice_transaction_rel rel ON rel.transaction_id = tx.id
                   JOIN account_move move ON move.id = rel.invoice_id
                   JOIN res_partner contact ON contact.id = tx.partner_id
                   JOIN res_partner payer ON payer.id = contact.commercial_partner_id
                   JOIN res_partner customer
                     ON customer.id = move.commercial_partner_id
                    AND customer.id != payer.id
                    AND customer.billing_root_id = payer.billing_root_id
                  WHERE tx.state IN ('draft', 'pending', 'authorized')
            ON CONFLICT DO NOTHING
            """
        )
    )

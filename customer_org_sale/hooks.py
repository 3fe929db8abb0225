# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Install: columns of big tables are created and filled by SQL, not row by row."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Give every confirmed order its hierarchy root; nobody was in a group yet."""
    for table, column, sql_type in (
        ("sale_order", "customer_group_id", "int4"),
        ("sale_order", "billing_root_id", "int4"),
        ("sale_order", "customer_group_applied", "bool"),
        ("sale_order_line", "customer_group_discount", "numeric"),
        ("sale_order_line", "discount_before_group", "numeric"),
    ):
        if not column_exists(env.cr, table, column):
            create_column(env.cr, table, column, sql_type)
    env.cr.execute(
        SQL(
            """
            UPDATE sale_order
               SET billing_root_id = customer.billing_root_id
              FROM res_partner customer
             WHERE customer.id = sale_order.partner_id AND sale_order.state = 'sale'
            """
        )
    )

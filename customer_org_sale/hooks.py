# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Install: columns of big tables are created and filled by SQL, not row by row."""

from odoo.tools import SQL

from odoo.addons.customer_org.hooks import create_columns


def pre_init_hook(env):
    """Give every confirmed order its hierarchy root; nobody was in a group yet."""
    columns = (
        ("sale_order", "customer_group_id", "int4"),
        ("sale_order", "billing_root_id", "int4"),
        ("sale_order", "customer_group_applied", "bool"),
        ("sale_order_line", "customer_group_discount", "numeric"),
        ("sale_order_line", "discount_before_group", "numeric"),
    )
    create_columns(env, columns)
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

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Install and uninstall: columns of big tables are created and filled by SQL, not row by row."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Give every customer and every posted customer invoice its hierarchy root: itself."""
    for table, column, sql_type in (
        ("res_partner", "billing_root_id", "int4"),
        ("res_partner", "billing_parent_access", "varchar"),
        ("account_move", "billing_root_id", "int4"),
        ("account_move", "has_customer_settlement", "bool"),
        # Customer groups: nobody is in a group yet.
        ("res_partner", "customer_group_id", "int4"),
        ("res_partner", "customer_group_by_rule", "bool"),
        ("account_move", "customer_group_id", "int4"),
        ("account_move", "customer_group_applied", "bool"),
        ("account_move_line", "customer_group_discount", "numeric"),
    ):
        if not column_exists(env.cr, table, column):
            create_column(env.cr, table, column, sql_type)
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner
               SET billing_root_id = commercial_partner_id, billing_parent_access = 'none'
            """
        )
    )
    env.cr.execute(
        SQL(
            """
            UPDATE account_move SET billing_root_id = commercial_partner_id
             WHERE state = 'posted'
               AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """
        )
    )


def post_init_hook(env):
    """Give every company that has a chart of accounts its settlement journal."""
    companies = env["res.company"].search([("chart_template", "!=", False)])
    companies._ensure_customer_settlement_journal()


def uninstall_hook(env):
    """Nothing to undo: settlement entries are ordinary posted entries and stay, balanced."""

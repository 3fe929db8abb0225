# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Install: columns of big tables are created and filled by SQL, not row by row."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


def create_columns(env, columns):
    """Create those of ``columns``, tuples of table, column and SQL type, that are missing."""
    for table, column, sql_type in columns:
        if not column_exists(env.cr, table, column):
            create_column(env.cr, table, column, sql_type)


def create_paid_by(env):
    """Every customer usually pays for itself: a constant default, written to no row."""
    if not column_exists(env.cr, "res_partner", "billing_paid_by"):
        env.cr.execute(
            SQL("ALTER TABLE res_partner ADD COLUMN billing_paid_by varchar DEFAULT 'self'")
        )
        env.cr.execute(SQL("ALTER TABLE res_partner ALTER COLUMN billing_paid_by DROP DEFAULT"))


def pre_init_hook(env):
    """Give every customer and every posted customer invoice its hierarchy root: itself."""
    columns = (
        ("res_partner", "billing_root_id", "int4"),
        ("res_partner", "billing_parent_access", "varchar"),
        ("res_partner", "billing_mail_to", "varchar"),
        ("res_partner", "statement_monthly", "bool"),
        ("account_move", "billing_root_id", "int4"),
        ("account_move", "has_customer_settlement", "bool"),
        # Customer groups: nobody is in a group yet.
        ("res_partner", "customer_group_id", "int4"),
        ("res_partner", "customer_group_by_rule", "bool"),
        ("account_move", "customer_group_id", "int4"),
        ("account_move", "customer_group_applied", "bool"),
        ("account_move_line", "customer_group_discount", "numeric"),
        ("account_move_line", "customer_group_price", "numeric"),
    )
    create_columns(env, columns)
    create_paid_by(env)
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner
               SET billing_root_id = commercial_partner_id, billing_parent_access = 'none',
                   billing_mail_to = 'itself'
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

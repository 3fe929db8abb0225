# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_settlement_journal_id = fields.Many2one(
        "account.journal",
        string="Customer Settlement Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Journal of the entries that move a head office's credit to its branches.",
    )

    def _ensure_customer_settlement_journal(self):
        """Give each company that has none a settlement journal."""

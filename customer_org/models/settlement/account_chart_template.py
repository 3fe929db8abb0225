# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """Companies made later get their settlement journal with their chart of accounts."""
        result = super()._post_load_data(template_code, company, template_data)
        (company or self.env.company)._ensure_customer_settlement_journal()
        return result

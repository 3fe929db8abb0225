# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError

from ..parameters import to_ids


class ReportRemittance(models.AbstractModel):
    """What a settlement paid, for the payer or for one branch, of settlements that exist."""

    _name = "report.customer_org.report_remittance"
    _description = "Settlement Receipt"

    @api.model
    def _get_report_values(self, docids, data=None):
        settlements = self.env["customer.settlement"].browse(to_ids(docids)).exists()
        if not settlements:
            raise UserError(self.env._("This settlement does not exist any more."))
        return {"doc_ids": settlements.ids, "doc_model": settlements._name, "docs": settlements}

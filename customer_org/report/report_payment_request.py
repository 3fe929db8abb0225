# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError

from ..parameters import to_ids


class ReportPaymentRequest(models.AbstractModel):
    """What we ask a head office to pay, by branch, with what is left of it."""

    _name = "report.customer_org.report_payment_request"
    _description = "Payment Request"

    @api.model
    def _get_report_values(self, docids, data=None):
        requests = self.env["customer.remittance"].browse(to_ids(docids)).exists()
        requests = requests.filtered(lambda remittance: remittance.kind == "request")
        if not requests:
            raise UserError(self.env._("Choose a payment request: there is none to print."))
        return {"doc_ids": requests.ids, "doc_model": requests._name, "docs": requests}

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ResPartner(models.Model):
    """Who usually pays for a customer."""

    _inherit = "res.partner"

    billing_paid_by = fields.Selection(
        [("self", "Itself"), ("parent", "Its billing parent"), ("root", "Its head office")],
        string="Usually Paid By",
        default="self",
        copy=False,
        tracking=True,
        help="Who is proposed as the payer when a payment of this customer's invoices is "
        "registered. It can be changed there.",
    )

    @api.model
    def _get_guarded_fields(self):
        guards = super()._get_guarded_fields()
        guards["billing_paid_by"] = self._get_hierarchy_guard("self")
        return guards

    def _get_usual_payers(self):
        """Return who usually pays for these customers: each itself, or who is above it."""
        payers = self.browse()
        for customer in self:
            if customer.billing_paid_by == "root":
                payers |= customer.billing_root_id or customer
            elif customer.billing_paid_by == "parent":
                payers |= customer.billing_parent_id or customer
            else:
                payers |= customer
        return payers

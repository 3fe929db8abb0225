# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class CustomerRemittance(models.Model):
    _inherit = "customer.remittance"

    credit_domain = fields.Binary(compute="_compute_credit_domain")

    @api.depends("partner_id", "company_id")
    def _compute_credit_domain(self):
        """The open credits that may pay: of the payer and of those above it."""
        for remittance in self:
            remittance.credit_domain = remittance._get_credit_domain()

    def _get_credit_domain(self):
        self.ensure_one()
        payer = self.partner_id.commercial_partner_id
        path = self.env["customer.hierarchy.link"]._get_ancestors(payer.ids)
        return [
            ("partner_id.commercial_partner_id", "in", path.get(payer.id, payer.ids)),
            ("company_id", "=", self.company_id.id),
            ("balance", "<", 0.0),
            *self.env["res.partner"]._get_auto_settle_domain(),
        ]

    def action_settle(self):
        """Settle the documents."""
        self.check_access("write")

    def action_undo(self):
        """Take the settlement back."""
        self.check_access("write")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_remittance_count = fields.Integer(
        string="Remittance Count",
        compute="_compute_customer_remittance_count",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    def _compute_customer_remittance_count(self):
        counts = dict(
            self.env["customer.remittance"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.customer_remittance_count = counts.get(partner._origin, 0)

    @api.model
    def _get_auto_settle_debts(self):
        # What is disputed waits for a person, what is announced for its money.
        return (
            super()._get_auto_settle_debts()
            & Domain("move_id.is_disputed", "=", False)
            & Domain("move_id.is_announced", "=", False)
        )

    def action_open_customer_remittances(self):
        """Open the remittances of this payer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_remittance"
        )
        return {
            **action,
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_partner_id": self.id},
        }

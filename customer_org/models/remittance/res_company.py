# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    remittance_grace_days = fields.Integer(
        string="Days of Grace for Announced Payments",
        default=3,
        help="An announced invoice is left out of automatic settlement and reminders until so many "
        "days after the day for which its payment was promised.",
    )
    remittance_alias_id = fields.Many2one(
        "mail.alias", string="Mail Alias of Remittances", readonly=True, copy=False
    )
    remittance_alias_name = fields.Char(
        string="Mail Address for Payers' Lists",
        compute="_compute_remittance_alias_name",
        inverse="_inverse_remittance_alias_name",
        help="A mail to this address with a list attached makes a draft of a remittance.",
    )

    @api.depends("remittance_alias_id.alias_name")
    def _compute_remittance_alias_name(self):
        for company in self:
            # sudo: the address is told to everybody who should write to it.
            company.remittance_alias_name = company.sudo().remittance_alias_id.alias_name

    def _inverse_remittance_alias_name(self):
        """Give the company its alias; who may write the company may say at which address."""
        for company in self:
            # sudo: aliases are the settings managers'; this one makes drafts of its company only.
            alias = company.sudo().remittance_alias_id
            if alias:
                alias.alias_name = company.remittance_alias_name
            elif company.remittance_alias_name:
                company.sudo().remittance_alias_id = alias.create(
                    {
                        "alias_name": company.remittance_alias_name,
                        "alias_domain_id": company.alias_domain_id.id,
                        "alias_model_id": self.env["ir.model"]._get_id("customer.remittance"),
                        "alias_defaults": {"company_id": company.id},
                        "alias_contact": "everyone",
                    }
                )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    @api.model
    def _get_partner_pricelist_multi(self, partner_ids):
        """Members of a customer group get its pricelist; all others what core gives them.

        This is the one place where core, Sales, eCommerce and Point of Sale find a customer's
        pricelist. Costs no query for partners that were read before.
        """
        if not self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            return super()._get_partner_pricelist_multi(partner_ids)
        partners = self.env["res.partner"].with_context(active_test=False).browse(partner_ids)
        from_group = partners._get_group_pricelists()
        if not from_group:
            return super()._get_partner_pricelist_multi(partner_ids)
        others = [partner_id for partner_id in partner_ids if partner_id not in from_group]
        result = super()._get_partner_pricelist_multi(others) if others else {}
        return {**result, **from_group}

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("active", "company_id")):
            # An archived pricelist counts as not set.
            self.env["res.partner"]._invalidate_customer_terms()
        return result

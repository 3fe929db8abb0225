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

    @api.private
    @api.model
    def _enable_pricelists(self):
        """Turn on core's pricelist feature with all that core's own setting does.

        A customer in no group keeps its price: in each company the standard pricelist, one without
        rules, comes before those that groups give.
        """
        # sudo: who may give a group a pricelist may see that it works. The feature shows
        # pricelists; who may change them stays as it is. All companies: the feature is for all.
        internal_users = self.env.ref("base.group_user").sudo()
        feature = self.env.ref("product.group_product_pricelist")
        if feature in internal_users.all_implied_ids:
            return
        internal_users._apply_group(feature)
        companies = self.env["res.company"].sudo().search([("id", "!=", False)])
        companies.with_context(
            disable_company_pricelist_creation=False
        )._activate_or_create_pricelists()
        for company in companies:
            self.sudo().with_company(company)._put_standard_pricelist_first()

    def _put_standard_pricelist_first(self):
        """Make the pricelist of customers without one of their own charge the list price."""
        company = self.env.company
        domain = [
            *self._get_partner_pricelist_multi_search_domain_hook(company.id),
            ("country_group_ids", "=", False),
        ]
        is_standard = [("item_ids", "=", False), ("currency_id", "=", company.currency_id.id)]
        first = self.search(domain, limit=1)
        if first.filtered_domain(is_standard):
            return
        standard = self.search(domain + is_standard, limit=1) or self.create(
            company._get_default_pricelist_vals()
        )
        standard.sequence = first.sequence - 1

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("active", "company_id")):
            # An archived pricelist counts as not set.
            self.env["res.partner"]._invalidate_customer_terms()
        return result

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A credit limit that a head office shares with the customers billed below it."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..hierarchy.guarded_fields import Guard


class ResPartner(models.Model):
    _inherit = "res.partner"

    billing_share_credit_limit = fields.Boolean(
        string="Share Credit Limit with Branches",
        copy=False,
        tracking=True,
        help="The credit limit of this customer covers all customers billed below it together.",
    )

    def write(self, vals):
        if "credit_limit" not in vals or not self.env.company._is_credit_limit_blocking():
            return super().write(vals)
        # No tracked field of core's: it would be read whenever a customer is written.
        before = {partner: partner.credit_limit for partner in self}
        result = super().write(vals)
        for partner, limit in before.items():
            if partner.credit_limit != limit:
                amounts = [
                    formatLang(self.env, amount, currency_obj=self.env.company.currency_id)
                    for amount in (limit, partner.credit_limit)
                ]
                partner._message_log(body=self.env._("Credit limit: %s", " → ".join(amounts)))
        return result

    @api.model
    def _get_guarded_fields(self):
        """Where limits block, only who may exceed them may change them."""
        guards = super()._get_guarded_fields()
        guards["billing_share_credit_limit"] = self._get_hierarchy_guard(False)
        if self.env.company._is_credit_limit_blocking():
            guards["credit_limit"] = Guard(
                self._fields["credit_limit"].get_company_dependent_fallback(self),
                may=lambda partners: partners.env["account.move"]._may_exceed_credit_limit(),
                message=self.env._(
                    "Only users who may exceed credit limits can change them while they block. Ask "
                    "an administrator to do it."
                ),
                empty=0.0,
            )
        return guards

    def _get_credit_limit_holder(self):
        """Return the nearest customer, from this one up, that shares a limit above 0.

        Its limit is that of the company in the environment. A customer in no hierarchy is not
        looked up.
        """
        self.ensure_one()
        # sudo: a limit that binds the user, who needs no access to the head office.
        customer = self.commercial_partner_id.sudo()
        if not (customer.billing_parent_id or customer.billing_share_credit_limit):
            return self.browse()
        links = self.env["customer.hierarchy.link"].sudo()
        ancestors = links.search(
            Domain("descendant_id", "=", customer.id)
            & Domain("ancestor_id.billing_share_credit_limit", "=", True),
            order="depth",
        ).ancestor_id.sudo()
        return (ancestors or customer).filtered(
            lambda p: p.billing_share_credit_limit and p.credit_limit > 0
        )[:1]

    def _get_shared_credit(self):
        """Return what the customer and all below it owe, and the customers themselves.

        :return: (open receivable net of open credits, plus orders to invoice, in the currency of
            the company in the environment; the ids of the customers)
        :rtype: tuple[float, list[int]]
        """
        self.ensure_one()
        customer_ids = self.env["customer.hierarchy.link"]._get_customers_below(self.ids)
        # sudo: a limit that binds the user counts all customers below.
        customers = self.sudo().browse(customer_ids)
        return self.billing_total_due + customers._get_credit_to_invoice(), customers.ids

    def _get_credit_to_invoice(self):
        """Return what is ordered and still to be invoiced to these customers together."""
        return sum(self.mapped("credit_to_invoice"))

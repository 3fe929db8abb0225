# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_round


class CustomerGroupDocument(models.AbstractModel):
    """A document that takes the terms of its customer's group, and keeps the group it had.

    Takes: ``partner_id`` and ``company_id`` of the document, which is a
    ``customer.guarded.fields``, too: only our code says which group it had.

    Use: extend :meth:`_may_have_customer_group`, :meth:`_get_group_terms_refusal` and
    :meth:`_apply_customer_group_terms`; stamp ``customer_group_id`` when the document is final.
    """

    _name = "customer.group.document"
    _description = "Document with the Terms of a Customer Group"

    customer_group_id = fields.Many2one(
        "customer.group",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        readonly=True,
        code_only=True,
        groups="base.group_user",
        help="The customer's group when the order was confirmed or the invoice posted.",
    )
    customer_group_applied = fields.Boolean(
        string="Group Terms Applied",
        compute="_compute_customer_group_applied",
        store=True,
        precompute=True,
        code_only=True,
        copy=False,
        help="The group's terms were applied by hand. Another customer starts without.",
    )
    current_customer_group_id = fields.Many2one(
        "customer.group",
        string="Group of the Customer",
        compute="_compute_current_customer_group_id",
        groups="base.group_user",
    )

    @api.depends("partner_id")
    def _compute_current_customer_group_id(self):
        # No dependency on the customer's group: it would look up all its documents.
        for document in self:
            document.current_customer_group_id = (
                document._may_have_customer_group() and document.partner_id._get_customer_group()
            )

    @api.depends("partner_id")
    def _compute_customer_group_applied(self):
        self.customer_group_applied = False

    def _may_have_customer_group(self):
        """Whether documents of this kind are for customers."""
        return True

    @api.model
    def _compose_discounts(self, before, percent):
        """Return two discounts in percent as one: 20 % and then 5 % are 24 %.

        :param float before: the discount without the group
        :param float percent: the group's, on what is left
        """
        digits = self.env["decimal.precision"].precision_get("Discount")
        return float_round(100 - (100 - before) * (100 - percent) / 100, precision_digits=digits)

    @api.model
    def _is_pricelist_discount(self, pricelist, product, uom, quantity, price, discount):
        """Whether ``discount`` makes of ``price`` just what the pricelist says: nobody typed it.

        :param float price: for one ``uom``, in the pricelist's currency
        :param float discount: in percent
        """
        if not price or not pricelist or not product:
            return False
        digits = self.env["decimal.precision"].precision_get("Discount")
        listed = pricelist._get_product_price(product, quantity, uom=uom)
        return not float_compare(discount, 100 - 100 * listed / price, precision_digits=digits)

    def _get_group_terms_refusal(self):
        """Return why the group's terms can't be applied to this document, or None."""
        if self.partner_id._get_customer_group():
            return None
        customer = self.partner_id.commercial_partner_id
        return self.env._(
            "%s is in no customer group. Put it into a group first.",
            customer.display_name or self.env._("This customer"),
        )

    def _apply_customer_group_terms(self):
        """Take the group's terms, now that ``customer_group_applied`` is set."""

    def action_apply_customer_group_terms(self):
        """Give these documents the terms of their customer's group, whatever its mode.

        :raises UserError: for documents that are final, and for customers without a group
        """
        for document in self:
            refusal = document._get_group_terms_refusal()
            if refusal:
                raise UserError(refusal)
        self._as_code().customer_group_applied = True
        self._apply_customer_group_terms()
        for document in self:
            document.message_post(body=self.env._("The terms of the customer group were applied."))

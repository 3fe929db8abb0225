# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..hierarchy.guarded_fields import Guard


class ResPartner(models.Model):
    """What a customer group means for its members. The rules of precedence are all here."""

    _inherit = "res.partner"

    customer_group_id = fields.Many2one(
        "customer.group",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        # The names of groups are not for customers.
        groups="base.group_user",
        help="Pricelist, payment terms and discount shared with similar customers.",
    )
    customer_group_by_rule = fields.Boolean(
        string="In the Group by Rule",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The customer met the group's membership rule, and leaves when it no longer does.",
    )
    customer_payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms in Use",
        compute="_compute_customer_terms",
        groups="base.group_user",
        help="What new quotations and invoices of this customer take.",
    )
    customer_group_discount = fields.Float(
        string="Group Discount (%)",
        digits="Discount",
        compute="_compute_customer_terms",
        groups="base.group_user",
    )
    customer_pricelist_source = fields.Char(
        string="Pricelist From",
        compute="_compute_customer_terms",
        groups="base.group_user",
    )
    customer_payment_term_source = fields.Char(
        string="Terms From",
        compute="_compute_customer_terms",
        groups="base.group_user",
    )
    customer_discount_source = fields.Char(
        string="Discount From",
        compute="_compute_customer_terms",
        groups="base.group_user",
    )
    customer_pricelist_overridden = fields.Boolean(
        string="Own Pricelist Is Inactive",
        compute="_compute_customer_terms",
        groups="base.group_user",
    )
    customer_payment_term_overridden = fields.Boolean(
        string="Own Payment Terms Are Inactive",
        compute="_compute_customer_terms",
        groups="base.group_user",
    )
    # Their names in 19.0.1.0.0, for views and filters of others.
    customer_pricelist_sleeping = fields.Boolean(
        string="Own Pricelist Sleeps", related="customer_pricelist_overridden"
    )
    customer_payment_term_sleeping = fields.Boolean(
        string="Own Payment Terms Sleep", related="customer_payment_term_overridden"
    )

    @api.depends("customer_group_id")
    def _compute_product_pricelist(self):
        # Only the customer's own choice of group is a dependency. One through the group to its
        # pricelist would look up every member whenever a group changes.
        return super()._compute_product_pricelist()

    def _inverse_product_pricelist(self):
        """Keep what was chosen by hand as the customer's own value.

        Core takes the standard pricelist for no choice at all, and then the group would win. And a
        form that shows the group's pricelist sends it back: that is no choice.
        """
        members = self.filtered(lambda partner: partner._get_group_with_term("pricelist_id"))
        super(ResPartner, self - members)._inverse_product_pricelist()
        for partner in members:
            group = partner._get_customer_group()
            chosen = partner.property_product_pricelist
            from_group = group._get_group_with_term("pricelist_id").pricelist_id
            if group.application == "manual":
                super(ResPartner, partner)._inverse_product_pricelist()
            elif chosen != from_group:
                partner.specific_property_product_pricelist = chosen
            elif group.application == "default":
                partner.specific_property_product_pricelist = False
        # Show what is in use now, not what was typed.
        members.invalidate_recordset(["property_product_pricelist"], flush=False)

    @api.depends("customer_group_id", "specific_property_product_pricelist")
    @api.depends("property_payment_term_id")
    @api.depends_context("company")
    def _compute_customer_terms(self):
        for partner in self:
            term, source = partner._get_payment_term_and_source()
            own_term = partner.property_payment_term_id
            partner.customer_payment_term_id = term
            partner.customer_payment_term_source = source
            partner.customer_payment_term_overridden = own_term and own_term != term
            own_pricelist = partner.specific_property_product_pricelist
            from_group = partner._get_group_pricelists().get(partner.id)
            partner.customer_pricelist_source = partner._get_pricelist_source(from_group)
            partner.customer_pricelist_overridden = (
                from_group and own_pricelist and own_pricelist != from_group
            )
            partner.customer_group_discount = partner._get_customer_group_discount()
            partner.customer_discount_source = (
                self._describe_group(partner._get_group_with_term("discount"))
                if partner.customer_group_discount
                else False
            )

    @api.model
    def _invalidate_customer_terms(self):
        """Forget what was read under terms that changed, for all customers in one call."""
        self.invalidate_model(
            [
                "property_product_pricelist",
                "customer_payment_term_id",
                "customer_group_discount",
                "customer_pricelist_source",
                "customer_payment_term_source",
                "customer_discount_source",
                "customer_pricelist_overridden",
                "customer_payment_term_overridden",
            ]
        )

    # Membership

    @api.constrains("customer_group_id", "parent_id", "is_company")
    def _check_customer_group(self):
        for partner in self:
            customer = partner.commercial_partner_id
            # sudo: only to learn whether a contact has a group, for the message below.
            if partner.sudo().customer_group_id and customer != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s and gets the terms of its group. "
                        "Set the group of %(customer)s instead, and none on %(contact)s.",
                        contact=partner.display_name,
                        customer=customer.display_name,
                    )
                )

    def write(self, vals):
        if "customer_group_id" in vals and self._is_customer_group_user():
            # By hand, unless the rule itself writes.
            vals = {"customer_group_by_rule": False, **vals}
        result = super().write(vals)
        if "customer_group_id" in vals:
            # Contacts take the terms of their customer.
            self._invalidate_customer_terms()
        return result

    @api.model
    def _get_guarded_fields(self):
        """Who may edit customers and works in invoicing changes groups; others save the rest."""
        guard = Guard(
            False,
            may=lambda partners: partners._is_customer_group_user(),
            message=self._get_customer_group_refusal(),
        )
        return super()._get_guarded_fields() | {
            "customer_group_id": guard,
            "customer_group_by_rule": guard,
        }

    @api.model
    def _get_customer_group_refusal(self):
        return self.env._(
            "Only invoicing users can change the group of a customer, because its prices and "
            "terms change with it. Ask one of them to do it."
        )

    @api.model
    def _check_customer_group_user(self):
        """Refuse users who may not put customers into groups."""
        if not self._is_customer_group_user():
            raise AccessError(self._get_customer_group_refusal())

    @api.model
    def _is_customer_group_user(self):
        return self.env.su or any(
            map(self.env.user.has_group, self._get_customer_group_user_groups())
        )

    @api.model
    def _get_customer_group_user_groups(self):
        """Return the user groups (XML ids) that may put customers into groups."""
        return ["account.group_account_invoice", "account.group_account_manager"]

    # Terms

    def _get_customer_group(self):
        """Return the group of this partner's customer, or none; readable whoever asks."""
        # sudo: portal users and salespeople get a group's prices without seeing groups.
        return self.commercial_partner_id.sudo().customer_group_id

    def _get_group_with_term(self, term):
        """Return the group that has ``term`` for this partner, whatever the mode, or none."""
        return self._get_customer_group()._get_group_with_term(term)

    def _get_group_pricelists(self, by_hand=False):
        """Return ``{partner id: pricelist}`` for those whose pricelist comes from a group.

        :param bool by_hand: the user applies the terms: as if the mode were *Always*
        """
        pricelists = {}
        givers = {}
        for partner in self:
            group = partner._get_customer_group()
            if not group or (group.application == "manual" and not by_hand):
                continue
            if group not in givers:
                givers[group] = group._get_group_with_term("pricelist_id")
            pricelist = givers[group].pricelist_id
            if not pricelist:
                continue
            if group.application == "default" and not by_hand:
                own = partner.specific_property_product_pricelist
                if own._get_partner_pricelist_multi_filter_hook():
                    continue
            pricelists[partner.id] = pricelist.with_env(self.env)
        return pricelists

    def _get_customer_payment_term(self, by_hand=False):
        """Return the payment terms of new documents of this customer in the current company.

        :param bool by_hand: the user applies the terms: as if the mode were *Always*
        :return: ``account.payment.term``, maybe empty
        """
        return self._get_payment_term_and_source(by_hand)[0]

    def _get_company_term(self, fname):
        """Return what customers have in ``fname`` that have nothing of their own there."""
        return self._fields[fname].get_company_dependent_fallback(self)

    def _get_own_terms(self):
        """Return ``{customer: {field name: id}}`` of their own terms in the current company.

        None stands for the company's, False for none at all.
        """
        of_company = {
            fname: self._get_company_term(fname)
            for fname in ("specific_property_product_pricelist", "property_payment_term_id")
        }
        return {
            partner: {
                fname: partner[fname].id if partner[fname] != value else None
                for fname, value in of_company.items()
            }
            for partner in self
        }

    def _get_payment_term_and_source(self, by_hand=False):
        """Return the payment terms in use and, in the user's words, where they come from."""
        own = self.property_payment_term_id
        fallback = self._get_company_term("property_payment_term_id")
        source = False
        if own:
            source = self.env._("own") if own != fallback else self.env._("company")
        group = self._get_customer_group()
        if not group or (group.application == "manual" and not by_hand):
            return own, source
        if group.application == "default" and not by_hand and own and own != fallback:
            return own, source
        giver = group._get_group_with_term("payment_term_id")
        if not giver:
            return own, source
        return giver.payment_term_id.with_env(self.env), self._describe_group(giver)

    def _get_pricelist_source(self, from_group):
        """Return where this partner's pricelist comes from, in the user's words."""
        if from_group:
            return self._describe_group(self._get_group_with_term("pricelist_id"))
        own = self.specific_property_product_pricelist
        if own._get_partner_pricelist_multi_filter_hook():
            return self.env._("own")
        return self.env._("country") if self.property_product_pricelist else False

    def _get_customer_group_discount(self, by_hand=False):
        """Return the percentage that the group gives this customer in the current company.

        :param bool by_hand: the user applies the terms, whatever the mode
        :rtype: float
        """
        group = self._get_customer_group()
        if not group or (group.application == "manual" and not by_hand):
            return 0.0
        return group._get_group_with_term("discount").discount

    def _describe_group(self, group):
        return self.env._("group %s", group.name)

    @api.model
    def get_import_templates(self):
        """Offer the template for groups of customers besides core's."""
        return [
            *super().get_import_templates(),
            {
                "label": self.env._("Import Template for Customers and Their Groups (XLSX)"),
                "template": "/customer_org/static/import/customer_group_members.xlsx",
            },
            {
                "label": self.env._("Import Template for Customers and Their Groups (CSV)"),
                "template": "/customer_org/static/import/customer_group_members.csv",
            },
        ]

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from . import customer_group_update

#: The terms a group gives its members; each is set per company.
TERMS = ("pricelist_id", "payment_term_id", "discount")


class CustomerGroup(models.Model):
    """Terms that similar customers share: pricelist, payment terms and discount.

    Takes: members (``res.partner.customer_group_id``), an optional parent group, and three terms
    per company. A discount of 0 counts as not set.

    Use: ``partner._get_customer_payment_term()``, ``partner._get_customer_group_discount()`` and
    core's own ``partner.property_product_pricelist``. Nobody else needs to know of modes.

    How it works: terms are read, never copied. :meth:`_get_group_with_term` finds the nearest group
    of the lineage that has the term; the lineage is read from ``parent_path`` at once. So a change
    costs one row, whatever the number of members.
    """

    _name = "customer.group"
    _description = "Customer Group"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _parent_store = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    color = fields.Integer()
    parent_id = fields.Many2one(
        "customer.group",
        string="Parent Group",
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="['!', ('id', 'child_of', id)]",
        help="A term that is not set here is taken from the nearest group above that has it.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("customer.group", "parent_id", string="Subgroups")
    application = fields.Selection(
        [
            ("automatic", "Always: the group's terms win"),
            ("default", "By default: a customer's own terms win"),
            ("manual", "By hand: users apply the terms"),
        ],
        required=True,
        default="automatic",
        tracking=True,
        help="How the group's terms reach its members. The member's own group decides, also for "
        "terms that come from a group above.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        company_dependent=True,
        tracking=True,
        domain=lambda self: self._get_term_domain(),
        help="Prices of the members, wherever Odoo asks for a customer's pricelist.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        company_dependent=True,
        tracking=True,
        domain=lambda self: self._get_term_domain(),
        help="Payment terms of the members' quotations and invoices.",
    )
    discount = fields.Float(
        string="Discount (%)",
        digits="Discount",
        company_dependent=True,
        tracking=True,
        help="On top of the pricelist, for quotation lines and product lines of invoices that are "
        "written directly. 0 is not set: the group above decides.",
    )
    member_ids = fields.One2many("res.partner", "customer_group_id", string="Members")
    member_count = fields.Integer(compute="_compute_member_count")

    inherited_terms = fields.Char(
        string="From Above",
        compute="_compute_inherited_terms",
        help="The terms that this group takes from the groups above it.",
    )

    @api.model
    def _get_term_domain(self):
        # sudo: the companies above the user's, to choose from what these share.
        return [("company_id", "in", [False, *self.env.company.sudo().parent_ids.ids])]

    def _compute_member_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("customer_group_id", "in", self.ids)], ["customer_group_id"], ["__count"]
            )
        )
        for group in self:
            group.member_count = counts.get(group._origin, 0)

    @api.depends("parent_id", *TERMS)
    @api.depends_context("company")
    def _compute_inherited_terms(self):
        for group in self:
            terms = []
            for term in TERMS:
                giver = group._get_group_with_term(term) if group._origin else group.browse()
                if giver and giver != group._origin:
                    value = giver[term] if term == "discount" else giver[term].display_name
                    terms.append(
                        self.env._("%(term)s of %(group)s", term=value, group=giver.name)
                        if term != "discount"
                        else self.env._("%(term)s %% of %(group)s", term=value, group=giver.name)
                    )
            group.inherited_terms = ", ".join(terms)

    @api.constrains("discount")
    def _check_discount(self):
        for group in self:
            if not 0 <= group.discount <= 100:
                raise ValidationError(
                    self.env._(
                        "The discount of %s must be a percentage between 0 and 100. "
                        "Use a pricelist to raise prices.",
                        group.display_name,
                    )
                )

    @api.constrains("pricelist_id", "payment_term_id")
    def _check_company_of_terms(self):
        # Core's `check_company` needs a company on the record; a group belongs to all.
        domain = self._get_term_domain()
        for group in self:
            for term in group.pricelist_id, group.payment_term_id:
                # sudo: only to compare the company of a term with the group's.
                if term.sudo() != term.sudo().filtered_domain(domain):
                    raise ValidationError(
                        self.env._(
                            "%(term)s belongs to another company than %(company)s, for which "
                            "%(group)s would give it. Choose one of this company or of all.",
                            term=term.display_name,
                            company=self.env.company.display_name,
                            group=group.display_name,
                        )
                    )

    def _check_parent(self, vals):
        # Before the write: core's own check of the parent path says only "Recursion Detected".
        parent = self.browse(vals.get("parent_id"))
        cycle = self & parent._get_lineage()
        if cycle:
            raise ValidationError(
                self.env._(
                    "%(group)s can't be placed below itself: %(parent)s is the group itself or "
                    "one of its subgroups. Choose another parent group.",
                    group=cycle[0].display_name,
                    parent=parent.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._after_terms_changed(vals_list)
        return groups

    def write(self, vals):
        self._check_parent(vals)
        result = super().write(vals)
        self._after_terms_changed([vals])
        return result

    def _after_terms_changed(self, vals_list):
        """Forget the prices that were read under the old terms; one call for any number of members.

        A dependency of the pricelist field on the group would look up every member instead.
        """
        self.env["res.partner"]._invalidate_customer_terms()
        # Also a pricelist that comes from a default and not in the values.
        if any(vals.get("pricelist_id", True) for vals in vals_list) and self.pricelist_id:
            self.env["product.pricelist"]._enable_pricelists()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for group in self.with_context(active_test=False):
            used_by = group._get_usage(self)
            if used_by:
                raise UserError(
                    self.env._(
                        "%(group)s can't be deleted, because it has %(used_by)s. Archive it "
                        "instead: an archived group gives its members nothing.",
                        group=group.display_name,
                        used_by=used_by,
                    )
                )

    def _get_usage(self, deleted):
        """Return what keeps this group from being deleted with the others ``deleted``, or None."""
        # sudo: also members and documents that the user can't see keep it.
        group = self.sudo()
        if group.member_ids:
            return self.env._("members")
        if group.child_ids - deleted:
            return self.env._("subgroups")
        if group.env["account.move"].search_count([("customer_group_id", "=", self.id)], limit=1):
            return self.env._("posted invoices in its analysis")
        return None

    # Terms

    def _get_lineage(self):
        """Return this group and the groups above it, nearest first, ready to be read at once."""
        ids = [int(group_id) for group_id in (self.parent_path or "").split("/") if group_id]
        return self.browse(reversed(ids)) or self

    @api.private
    def _get_group_with_term(self, term):
        """Return the group that gives ``term`` to members of this group: the nearest that has it.

        :param str term: one of :data:`TERMS`, for the current company
        :return: one group, or none where the lineage has no such term or this group is archived
        """
        if not self.active:
            return self.browse()
        for group in self._get_lineage():
            if group.active and group._get_usable_term(term):
                return group
        return self.browse()

    def _get_usable_term(self, term):
        """Return this group's own value of ``term``; empty if archived or another company's."""
        value = self[term]
        if not value or term == "discount":
            return value
        if term == "pricelist_id":
            value = value._get_partner_pricelist_multi_filter_hook()
        return value.filtered("active").filtered_domain(self._get_term_domain())

    # Actions

    def action_open_members(self):
        """Open the members of this group, archived ones too if the user asks for them."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("account.res_partner_action_customer"),
            "name": self.env._("Members of %s", self.display_name),
            "domain": [("customer_group_id", "=", self.id)],
            "context": {"default_customer_group_id": self.id, "default_is_company": True},
        }

    def action_open_invoices(self):
        """Open the posted invoices that were written for members of this group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice")
        return {
            **action,
            "domain": Domain("customer_group_id", "=", self.id)
            & Domain("move_type", "in", self.env["account.move"].get_sale_types(True)),
            "context": {"create": False},
        }

    def action_add_members(self):
        """Open the wizard that puts existing customers into this group, many at once."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add Members to %s", self.display_name),
            "res_model": "customer.group.update.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": "membership", "default_group_id": self.id},
        }

    def action_apply_to_members(self):
        """Open the wizard that copies this group's terms into its members' own values.

        It lists the members, to leave some out, unless they are more than anybody looks through.
        """
        self.ensure_one()
        members = self.member_ids
        if len(members) > customer_group_update.BATCH_SIZE:
            chosen = {"default_all_members": True}
        else:
            chosen = {"default_partner_ids": members.ids}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Apply to Members"),
            "res_model": "customer.group.update.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": "terms",
                "default_group_id": self.id,
                **chosen,
            },
        }

    @api.model
    def get_import_templates(self):
        """Offer a template for Odoo's importer; groups above come before those below."""
        return [
            {
                "label": self.env._("Import Template for Customer Groups (XLSX)"),
                "template": "/customer_org/static/import/customer_groups.xlsx",
            },
            {
                "label": self.env._("Import Template for Customer Groups (CSV)"),
                "template": "/customer_org/static/import/customer_groups.csv",
            },
        ]

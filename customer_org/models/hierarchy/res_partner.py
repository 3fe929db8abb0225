# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..receivable import DEBT, OPEN_RECEIVABLE


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["customer.guarded.fields", "res.partner"]

    billing_parent_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        tracking=True,
        # As all of the hierarchy: not for portal users.
        groups="base.group_user",
        domain="[('id', '!=', id), '|', ('parent_id', '=', False), ('is_company', '=', True)]",
        help="The customer this one is billed under, such as its head office. It is independent "
        "of the company that a contact belongs to.",
    )
    billing_child_ids = fields.One2many(
        "res.partner",
        "billing_parent_id",
        string="Branches",
        context={"active_test": False},
        groups="base.group_user",
    )
    billing_root_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        compute="_compute_billing_root_id",
        store=True,
        index="btree_not_null",
        code_only=True,
        groups="base.group_user",
        help="The top of the billing hierarchy, or the customer itself.",
    )
    billing_parent_access = fields.Selection(
        [
            ("none", "Nothing"),
            ("view", "See documents"),
            ("pay", "See documents and pay invoices"),
        ],
        string="Billing Parent May",
        default="none",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="What portal users of the billing parent, and of those above it, may do with this "
        "customer's documents. Customers further up need the consent of every step on the way.",
    )
    billing_ancestor_link_ids = fields.One2many(
        "customer.hierarchy.link", "descendant_id", string="Hierarchy Links"
    )
    is_shown_by_contact_tree = fields.Boolean(
        compute="_compute_is_shown_by_contact_tree", groups="base.group_user"
    )
    billing_branch_count = fields.Integer(
        string="Branch Count",
        compute="_compute_billing_branch_count",
        groups="base.group_user",
    )
    customer_settlement_count = fields.Integer(
        string="Settlement Count",
        compute="_compute_customer_settlement_count",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.depends("billing_parent_access", "billing_parent_id", "billing_root_id", "parent_id")
    def _compute_is_shown_by_contact_tree(self):
        """Tell whether core shows a branch's documents to its head office whatever the consent."""
        for partner in self:
            companies, company = self.browse(), partner.parent_id
            while company and company not in companies:
                companies |= company
                company = company.parent_id
            above = partner.billing_parent_id
            above |= partner.billing_root_id if above else above
            partner.is_shown_by_contact_tree = bool(
                partner.billing_parent_access == "none" and above & companies
            )

    @api.depends("commercial_partner_id")
    def _compute_billing_root_id(self):
        # Kept by `customer.hierarchy.link` when the hierarchy changes. Without a dependency on
        # the parent's root there is no walk through the levels.
        for partner in self:
            commercial = partner.commercial_partner_id
            if commercial == partner:
                partner.billing_root_id = partner.billing_parent_id.billing_root_id or partner
            else:
                partner.billing_root_id = commercial.billing_root_id

    def _compute_billing_branch_count(self):
        counts = dict(
            self.env["customer.hierarchy.link"]._read_group(
                [("ancestor_id", "in", self.ids), ("depth", ">", 0)], ["ancestor_id"], ["__count"]
            )
        )
        for partner in self:
            partner.billing_branch_count = counts.get(partner._origin, 0)

    def _compute_customer_settlement_count(self):
        lines = self.env["customer.settlement.line"]
        # A set: after a merge a customer may be payer and debtor of one settlement.
        settlements = defaultdict(set)
        for fname in ("payer_id", "partner_id"):
            groups = lines._read_group(
                [(fname, "in", self.ids)], [fname], ["settlement_id:array_agg_distinct"]
            )
            for partner, settlement_ids in groups:
                settlements[partner].update(settlement_ids)
        for partner in self:
            partner.customer_settlement_count = len(settlements[partner._origin])

    @api.constrains("parent_id", "is_company", "company_id")
    def _check_billing_children(self):
        # Apart from what follows: moving a head office does not touch those below it.
        self.with_context(active_test=False).billing_child_ids._check_billing_parent()

    @api.constrains("billing_parent_id", "parent_id", "is_company", "company_id")
    def _check_billing_parent(self):
        branches = self.filtered("billing_parent_id")
        for partner in branches:
            parent = partner.billing_parent_id
            for contact in partner, parent:
                if contact.commercial_partner_id != contact:
                    raise ValidationError(
                        self.env._(
                            "%(contact)s is a contact of %(customer)s. Only a customer that is "
                            "invoiced under its own name can have a billing parent or branches: "
                            "choose %(customer)s instead.",
                            contact=contact.display_name,
                            customer=contact.commercial_partner_id.display_name,
                        )
                    )
            if parent.company_id and parent.company_id not in partner.company_id.parent_ids:
                raise ValidationError(
                    self.env._(
                        "%(parent)s is a customer of %(company)s only, so %(customer)s can't be "
                        "billed under it. Give both the same company, or leave the company of "
                        "%(parent)s empty.",
                        parent=parent.display_name,
                        company=parent.company_id.display_name,
                        customer=partner.display_name,
                    )
                )
        if branches._has_cycle("billing_parent_id"):
            raise ValidationError(
                self.env._(
                    "A customer can't be billed under itself or under one of its own branches. "
                    "Choose another billing parent for %s.",
                    ", ".join(branches.mapped("display_name")),
                )
            )

    @api.constrains("active", "billing_parent_id")
    def _check_archived_billing_parent(self):
        # The other way to come to an archived head office with branches.
        for partner in self.filtered("active"):
            parent = partner.billing_parent_id
            if parent and not parent.active:
                raise ValidationError(
                    self.env._(
                        "%(customer)s can't be billed under %(parent)s, which is archived. Restore "
                        "%(parent)s as well, or choose another billing parent.",
                        customer=partner.display_name,
                        parent=parent.display_name,
                    )
                )

    @api.constrains("active")
    def _check_archive_head_office(self):
        archived = self.filtered(lambda partner: not partner.active)
        head_offices = archived.with_context(active_test=False).filtered("billing_child_ids")
        for head_office in head_offices:
            branches = head_office.billing_child_ids.filtered("active")
            if branches:
                raise ValidationError(
                    self.env._(
                        "%(customer)s can't be archived, because customers are billed under it: "
                        "%(branches)s. Give them another billing parent or archive them first.",
                        customer=head_office.display_name,
                        branches=", ".join(branches.mapped("display_name")),
                    )
                )
        if not head_offices:
            return
        # sudo: all companies count, also those the user can't see: the credit would be stranded.
        with_credit = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    *OPEN_RECEIVABLE,
                    ("partner_id.commercial_partner_id", "in", head_offices.ids),
                    ("amount_residual", "<", 0),
                ],
                limit=1,
            )
        )
        if with_credit:
            raise ValidationError(
                self.env._(
                    "%(customer)s can't be archived, because it still has an open credit: "
                    "%(document)s. Use it for invoices or refund it first.",
                    customer=with_credit.partner_id.display_name,
                    document=with_credit.move_id.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create([self._clean_consent(vals) for vals in vals_list])
        self.env["customer.hierarchy.link"]._refresh(partners.filtered("billing_parent_id"))
        return partners

    @api.model
    def _clean_consent(self, vals):
        """Return ``vals`` with a consent that says what it means: an empty one is *Nothing*."""
        if vals.get("billing_parent_access", True):
            return vals
        return {**vals, "billing_parent_access": "none"}

    def write(self, vals):
        vals = self._clean_consent(vals)
        moved = changed = self.browse()
        if "billing_parent_id" in vals:
            moved = self.filtered(lambda p: p.billing_parent_id.id != vals["billing_parent_id"])
            changed |= moved
        if "billing_parent_access" in vals:
            access = vals["billing_parent_access"]
            changed |= self.filtered(lambda p: p.billing_parent_access != access)
        result = super().write(vals)
        if moved and "billing_parent_access" not in vals:
            # Consent is given to one parent: a new one starts without.
            super(ResPartner, moved).write({"billing_parent_access": "none"})
        self.env["customer.hierarchy.link"]._refresh(changed)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_head_office(self):
        for partner in self.with_context(active_test=False):
            branches = partner.billing_child_ids - self
            if branches:
                raise UserError(
                    self.env._(
                        "%(customer)s can't be deleted, because customers are billed under it: "
                        "%(branches)s. Give them another billing parent first.",
                        customer=partner.display_name,
                        branches=", ".join(branches.mapped("display_name")),
                    )
                )

    def unlink(self):
        """Clear up the closure table: a parent that lost its last branch is in no hierarchy."""
        links = self.env["customer.hierarchy.link"]
        parents = self.billing_parent_id - self
        result = super().unlink()
        if parents:
            links.invalidate_model()
            links._prune(parents.ids)
        return result

    def action_open_billing_hierarchy(self):
        """Open the branches of this head office in the hierarchy view."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "customer_org.action_billing_hierarchy"
            ),
            "domain": [("billing_ancestor_link_ids.ancestor_id", "=", self.id)],
            "context": {"active_test": False},
        }

    def action_open_billing_due(self):
        """Open the open receivable items of this customer and all customers billed below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_org.action_billing_due")
        in_companies = Domain("company_id", "child_of", self.env.company.root_id.id)
        domain = OPEN_RECEIVABLE & in_companies & self._get_billing_scope_domain()
        return {**action, "domain": list(domain)}

    def _get_billing_scope_domain(self):
        """Domain of the journal items of this customer and of all customers billed below it.

        Short enough for an action, whatever is below, and a condition that the database looks up:
        *its own or below it* it would check on what all customers have.
        """
        if not self.billing_ancestor_link_ids:
            return Domain("partner_id", "=", self.id)
        return Domain(
            "partner_id.commercial_partner_id.billing_ancestor_link_ids.ancestor_id", "=", self.id
        )

    def action_open_customer_settlements(self):
        """Open the settlements in which this customer pays or is paid for."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_settlement"
        )
        domain = ["|", ("payer_id", "=", self.id), ("line_ids.partner_id", "=", self.id)]
        return {**action, "domain": domain}

    def action_register_hierarchy_payment(self):
        """Open core's payment wizard on all open invoices of this customer and those below it.

        Invoices that are blocked, and those of other companies, are left out.

        :raises UserError: if no invoice is open
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        lines = self.env["account.move.line"].search(
            [
                *DEBT,
                *customer._get_billing_scope_domain(),
                ("company_id", "child_of", self.env.company.id),
                ("move_id.move_type", "in", ("out_invoice", "out_receipt")),
            ],
            order="date_maturity, id",
        )
        if not lines:
            raise UserError(
                self.env._(
                    "%s and the customers billed under it have no open invoice. There is nothing "
                    "to pay.",
                    customer.display_name,
                )
            )
        return lines.action_register_payment({"default_payer_id": customer.id})

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..receivable import USABLE_CREDIT


class ResPartner(models.Model):
    """The way from a customer to the settlement screen."""

    _inherit = "res.partner"

    can_settle_branches = fields.Boolean(
        compute="_compute_can_settle_branches", groups="base.group_user"
    )

    billing_to_settle = fields.Boolean(
        compute="_compute_billing_to_settle",
        search="_search_billing_to_settle",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Whether credits of this customer are unspent while invoices of its branches are "
        "open.",
    )

    @api.depends("billing_parent_id", "billing_child_ids")
    def _compute_can_settle_branches(self):
        for partner in self:
            partner.can_settle_branches = bool(
                partner.billing_parent_id or partner.billing_branch_count
            )

    @api.depends_context("allowed_company_ids")
    def _compute_billing_to_settle(self):
        waiting = self.env["customer.to.settle"].search([("payer_id", "in", self.ids)]).payer_id
        for partner in self:
            partner.billing_to_settle = partner._origin in waiting

    def _search_billing_to_settle(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = self.env["customer.to.settle"].search(Domain.TRUE).payer_id.ids
        return Domain("id", "in" if True in value else "not in", waiting)

    def action_settle_several(self):
        """Settle each of these head offices that has something to settle, after a preview.

        :raises UserError: if none has
        """
        if len(self) == 1:
            return self.action_settle_branches()
        waiting = self.env["customer.to.settle"].search(
            [("payer_id", "in", self.commercial_partner_id.ids)]
        )
        if not waiting:
            raise UserError(
                self.env._(
                    "None of these customers has an open credit and branches with open invoices."
                )
            )
        return waiting.action_settle_all()

    def action_settle_branches(self):
        """Open the settlement screen with the open credits of this customer.

        A branch has nobody to pay for: who pays for it is above, and its own invoices are shown.

        :raises UserError: if the customer is in no hierarchy
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        wizards = self.env["customer.settlement.wizard"]
        if customer.billing_child_ids or not customer.billing_parent_id:
            return wizards._open(customer)
        payers = self.env["customer.hierarchy.link"]._get_common_ancestors(customer)
        return wizards._open(payers[1:]._get_settling(), branches=customer)

    def _get_settling(self):
        """Return the first of these customers that has an open credit, else the first."""
        credits = self.env["account.move.line"]._read_group(
            [
                *USABLE_CREDIT,
                ("partner_id.commercial_partner_id", "in", self.ids),
                ("company_id", "=", self.env.company.id),
            ],
            ["partner_id"],
        )
        customers = {partner.commercial_partner_id for (partner,) in credits}
        return self.filtered(lambda customer: customer in customers)[:1] or self[:1]

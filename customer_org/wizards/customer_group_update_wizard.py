# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerGroupUpdateWizard(models.TransientModel):
    """Set the group of many customers, or copy a group's terms to its members, after a preview."""

    _name = "customer.group.update.wizard"
    _description = "Update of Customers of a Group"

    kind = fields.Selection(
        [("membership", "Set group"), ("terms", "Copy terms to members")],
        required=True,
        default="membership",
    )
    remove = fields.Boolean(string="Remove from Their Groups")
    group_id = fields.Many2one("customer.group", string="Customer Group")
    application = fields.Selection(related="group_id.application")
    partner_ids = fields.Many2many("res.partner", string="Customers")
    all_members = fields.Boolean(help="Untick to choose some of them.")
    partner_count = fields.Integer(string="Selected", compute="_compute_partner_count")
    copy_pricelist = fields.Boolean(string="Pricelist", default=True)
    copy_payment_term = fields.Boolean(string="Payment Terms", default=True)
    overwrite = fields.Boolean(
        string="Replace Own Terms", help="Replace the own terms of members that have some."
    )
    preview = fields.Html(compute="_compute_preview")

    @api.model
    def default_get(self, fields):
        result = super().default_get(fields)
        context = self.env.context
        if context.get("active_model") == "res.partner" and "partner_ids" in fields:
            result["partner_ids"] = [(6, 0, context.get("active_ids", []))]
        return result

    @api.depends("kind", "group_id", "all_members", "partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard._get_partners())

    @api.depends("kind", "group_id", "remove", "all_members", "partner_ids")
    @api.depends("copy_pricelist", "copy_payment_term", "overwrite")
    def _compute_preview(self):
        labels = {
            "change": self.env._("Changed"),
            "keep": self.env._("Kept"),
            "skip": self.env._("Skipped"),
        }
        for wizard in self:
            if not wizard._is_complete():
                wizard.preview = False
                continue
            classified = self.env["customer.group.update"]._classify(
                wizard._get_values(), wizard._get_partners()
            )
            counts = Counter((result, reason or "") for _partner, result, reason, _ in classified)
            totals = Counter()
            for (result, _reason), count in counts.items():
                totals[result] += count
            rows = Markup()
            for result, label in labels.items():
                rows += Markup("<tr><th>%s</th><th class='text-end'>%s</th></tr>") % (
                    label,
                    totals[result],
                )
                reasons = [
                    (reason, count)
                    for (kind, reason), count in counts.most_common()
                    if kind == result and reason
                ]
                for reason, count in reasons[:10]:
                    rows += Markup(
                        "<tr class='text-muted'><td class='ps-4'>%s</td>"
                        "<td class='text-end'>%s</td></tr>"
                    ) % (reason, count)
            wizard.preview = Markup("<table class='table table-sm'>%s</table>") % rows

    def _is_complete(self):
        """Whether it was said what to do: nobody leaves a group because a field was left empty."""
        return self.group_id or (self.remove and self.kind == "membership")

    def _get_partners(self):
        """Return the customers to change: those listed, or all members of the group."""
        self.ensure_one()
        if self.kind == "terms" and self.all_members:
            return self.group_id.member_ids._origin
        return self.partner_ids._origin

    def _get_values(self):
        self.ensure_one()
        removing = self.remove and self.kind == "membership"
        values = {"kind": self.kind, "group_id": not removing and self.group_id.id}
        if self.kind == "terms":
            values.update(
                copy_pricelist=self.copy_pricelist,
                copy_payment_term=self.copy_payment_term,
                overwrite=self.overwrite,
            )
        return values

    def action_apply(self):
        """Make the changes and open the record of them, from which they can be undone.

        :raises UserError: without a group, unless customers are to be removed from theirs
        """
        self.ensure_one()
        if not self._is_complete():
            raise UserError(self.env._("Choose a customer group, or Remove from Their Groups."))
        update = self.env["customer.group.update"]._start(self._get_values(), self._get_partners())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Update of Customers"),
            "res_model": "customer.group.update",
            "res_id": update.id,
            "view_mode": "form",
        }

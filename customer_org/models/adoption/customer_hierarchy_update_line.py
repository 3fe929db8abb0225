# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CustomerHierarchyUpdateLine(models.Model):
    """One customer of an update: what happens to it and why, and its values before and after."""

    _name = "customer.hierarchy.update.line"
    _description = "Customer Hierarchy Update Line"
    _log_access = False
    _rec_name = "partner_id"

    update_id = fields.Many2one(
        "customer.hierarchy.update", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    result = fields.Selection(
        [("change", "Changed"), ("keep", "Kept"), ("skip", "Refused")], required=True
    )
    reason = fields.Char()
    done = fields.Boolean()
    before = fields.Json(string="Values Before")
    after = fields.Json(string="Values After")
    before_text = fields.Char(string="Before", compute="_compute_texts")
    after_text = fields.Char(string="After", compute="_compute_texts")

    @api.depends("before", "after")
    def _compute_texts(self):
        for line in self:
            for which in ("before", "after"):
                line[f"{which}_text"] = line._describe_values(which)

    def _describe_values(self, which):
        """Return the values in words: the billing parent above all."""
        values = self[which] or {}
        texts = []
        if "billing_parent_id" in values:
            name = self._get_name(values["billing_parent_id"])
            texts.append(
                self.env._("billed under %s", name) if name else self.env._("no billing parent")
            )
        if "parent_id" in values:
            name = self._get_name(values["parent_id"])
            texts.append(
                self.env._("contact of %s", name) if name else self.env._("contact of nobody")
            )
        return ", ".join(texts)

    def _get_name(self, partner_id):
        if not partner_id:
            return False
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            return self.env._("somebody deleted since")
        # A name of another company's customer is nothing for this user.
        return partner.display_name if partner.has_access("read") else self.env._("somebody")

    def _has_values(self, which):
        """Whether the customer has the values ``before`` or ``after`` still."""
        customer = self.partner_id
        return all(
            customer._fields[fname].convert_to_write(customer[fname], customer) == value
            for fname, value in self[which].items()
        )

    def _apply(self, which):
        """Write the values ``before`` or ``after``, as this user; note what is refused.

        One write per kind of values; where that is refused, customer by customer.
        """
        done = which == "after"
        ordered = self.update_id._sort_lines(self, which)
        for values, lines in ordered.grouped(lambda line: tuple(line[which].items())).items():
            try:
                with self.env.cr.savepoint():
                    lines.partner_id.write(dict(values))
                # sudo: users have no right to write updates; who may make one was checked.
                lines.sudo().done = done
            except (UserError, AccessError):
                for line in lines:
                    line._apply_one(which)

    def _apply_one(self, which):
        done = which == "after"
        try:
            with self.env.cr.savepoint():
                self.partner_id.write(self[which])
            values = {"done": done}
        except (UserError, AccessError) as error:
            values = {"reason": str(error)}
            if done:
                values["result"] = "skip"
        # sudo: as in `_apply`.
        self.sudo().write(values)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

#: As many reasons as a preview tells; the record of the update has all.
REASONS_SHOWN = 10


class CustomerHierarchyUpdateWizard(models.TransientModel):
    """Bill many customers under one, or under what was suggested, after a counted preview."""

    _name = "customer.hierarchy.update.wizard"
    _description = "Update of Billing Parents"

    kind = fields.Selection(
        [
            ("parent", "Set billing parent"),
            ("branches", "Add branches"),
            ("suggestions", "Accept suggestions"),
        ],
        required=True,
        default="parent",
    )
    parent_id = fields.Many2one(
        "res.partner",
        string="Billing Parent",
        domain="['|', ('parent_id', '=', False), ('is_company', '=', True)]",
    )
    remove = fields.Boolean(string="No Billing Parent", help="Each stands on its own again.")
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        domain="['|', ('parent_id', '=', False), ('is_company', '=', True)]",
    )
    suggestion_ids = fields.Many2many(
        "customer.hierarchy.suggestion",
        # The name that Odoo would give it is longer than PostgreSQL allows.
        "customer_hierarchy_wizard_suggestion_rel",
        string="Suggestions",
    )
    new_names = fields.Text(
        string="New Branches", help="A name a line: each becomes a customer of its own."
    )
    partner_count = fields.Integer(string="Selected", compute="_compute_partner_count")
    preview = fields.Html(compute="_compute_preview")

    @api.model
    def default_get(self, fields):
        result = super().default_get(fields)
        context = self.env.context
        ids = context.get("active_ids", [])
        if context.get("active_model") == "res.partner" and "partner_ids" in fields:
            if result.get("kind") == "branches":
                result["parent_id"] = context.get("active_id")
            else:
                result["partner_ids"] = [(6, 0, ids)]
        if context.get("active_model") == "customer.hierarchy.suggestion":
            result["suggestion_ids"] = [(6, 0, ids)]
        return result

    @api.depends("partner_ids", "suggestion_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.suggestion_ids or wizard.partner_ids)

    @api.depends("kind", "parent_id", "remove", "partner_ids", "suggestion_ids", "new_names")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard._is_complete() and wizard._render_preview()

    def _render_preview(self):
        classified = self._classify()
        totals = Counter(result for result, _reason in classified)
        reasons = Counter((result, reason) for result, reason in classified if reason)
        labels = {
            "new": self.env._("New customers"),
            "change": self.env._("Changed"),
            "keep": self.env._("Kept"),
            "skip": self.env._("Refused"),
        }
        rows = Markup()
        for result, label in labels.items():
            if result == "new" and not totals[result]:
                continue
            rows += Markup("<tr><th>%s</th><th class='text-end'>%s</th></tr>") % (
                label,
                totals[result],
            )
            told = [(key[1], count) for key, count in reasons.most_common() if key[0] == result]
            for reason, count in told[:REASONS_SHOWN]:
                rows += Markup(
                    "<tr class='text-muted'><td class='ps-4'>%s</td>"
                    "<td class='text-end'>%s</td></tr>"
                ) % (reason, count)
        return Markup("<table class='table table-sm'>%s</table>") % rows

    def _classify(self):
        """Return a list of (result, reason), a pair for each customer or suggestion."""
        suggestions, obsolete = self._get_suggestions()
        wanted = self._get_wanted(suggestions)
        classified = self.env["customer.hierarchy.update"]._classify(wanted)
        return [
            *[("new", False) for _name in self._get_new_names()],
            *[(result, reason) for _customer, result, reason in classified],
            *[("skip", reason) for reason in obsolete.values()],
        ]

    def _get_suggestions(self):
        """Return the suggestions that can be accepted, and ``{suggestion: why not}`` of others."""
        if self.kind != "suggestions":
            return self.suggestion_ids.browse(), {}
        suggestions = self.suggestion_ids._origin
        refused = {}
        for suggestion in suggestions:
            if suggestion.state != "new":
                refused[suggestion] = self.env._("answered already")
            elif suggestion.kind == "duplicate":
                refused[suggestion] = self.env._("a duplicate: merge it by itself")
        if self.parent_id:
            # The user's own choice needs no evidence.
            return suggestions.filtered(lambda s: s not in refused), refused
        refused |= suggestions.filtered(lambda s: s not in refused)._get_obsolete()
        return suggestions.filtered(lambda s: s not in refused), refused

    def _get_new_names(self):
        names = (self.new_names or "").splitlines() if self.kind == "branches" else []
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))

    def _get_wanted(self, suggestions):
        """Return ``{customer: values}`` of all customers that are there already.

        :param suggestions: those that can be accepted, see :meth:`_get_suggestions`
        """
        if self.kind == "suggestions":
            return {
                suggestion.partner_id: {
                    "billing_parent_id": (self.parent_id or suggestion.parent_id).id
                }
                for suggestion in suggestions
            }
        removing = self.remove and self.kind == "parent"
        parent_id = False if removing else self.parent_id.id
        return {customer: {"billing_parent_id": parent_id} for customer in self.partner_ids._origin}

    def _is_complete(self):
        """Whether it was said what to do: nobody leaves its parent because a field was empty."""
        if self.kind == "suggestions":
            return bool(self.suggestion_ids)
        return bool(self.parent_id or (self.remove and self.kind == "parent"))

    def action_apply(self):
        """Make the changes and open the record of them, from which they can be undone.

        :raises UserError: where nothing was chosen
        :raises AccessError: for all but invoicing managers
        """
        self.ensure_one()
        updates = self.env["customer.hierarchy.update"]
        updates._check_rights()
        if not self._is_complete():
            raise UserError(self.env._("Choose a billing parent, or No Billing Parent."))
        suggestions, _refused = self._get_suggestions()
        new = self._create_branches()
        wanted = self._get_wanted(suggestions) | {
            customer: {"billing_parent_id": self.parent_id.id} for customer in new
        }
        if not wanted:
            raise UserError(self.env._("There is nothing to change. Choose customers first."))
        update = updates._start(self.kind, wanted, self.parent_id)
        # sudo: users have no right to write suggestions; who may accept was checked.
        suggestions.sudo().write({"state": "accepted", "update_id": update.id})
        return update._get_open_action()

    def _create_branches(self):
        """Create a customer for each new name."""
        company = self.parent_id.company_id
        return self.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "company_id": company.id}
                for name in self._get_new_names()
            ]
        )

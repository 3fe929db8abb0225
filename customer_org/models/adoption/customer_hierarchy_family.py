# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CustomerHierarchyFamily(models.Model):
    """The new suggestions of one proposed head office: a card instead of many pairs."""

    _name = "customer.hierarchy.family"
    _description = "Suggested Hierarchy by Head Office"
    _auto = False
    _order = "certain_count desc, likely_count desc, suggestion_count desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Proposed Head Office", readonly=True)
    suggestion_count = fields.Integer(string="Suggestions", readonly=True)
    certain_count = fields.Integer(string="Certain", readonly=True)
    likely_count = fields.Integer(string="Likely", readonly=True)
    weak_count = fields.Integer(string="Weak", readonly=True)
    duplicate_count = fields.Integer(string="Duplicates", readonly=True)
    suggestion_ids = fields.Many2many(
        "customer.hierarchy.suggestion", compute="_compute_suggestions"
    )
    branch_names = fields.Char(string="Branches", compute="_compute_suggestions")
    currency_id = fields.Many2one("res.currency", compute="_compute_due")
    due = fields.Monetary(
        compute="_compute_due",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="What the proposed head office and its proposed branches owe together.",
    )

    @property
    def _table_query(self):
        # Only what the user may see counts: the rules of suggestions are in their query.
        suggestions = self.env["customer.hierarchy.suggestion"]
        suggestions.flush_model(["family_id", "certainty", "kind", "state"])
        suggestions.check_access("read")
        query = suggestions._search([("state", "=", "new"), ("family_id", "!=", False)])
        return SQL(
            """
            SELECT family_id AS id, family_id AS partner_id, COUNT(*) AS suggestion_count,
                   COUNT(*) FILTER (WHERE kind = 'branch' AND certainty = 'certain')
                   AS certain_count,
                   COUNT(*) FILTER (WHERE kind = 'branch' AND certainty = 'likely') AS likely_count,
                   COUNT(*) FILTER (WHERE kind = 'branch' AND certainty = 'weak') AS weak_count,
                   COUNT(*) FILTER (WHERE kind = 'duplicate') AS duplicate_count
              FROM customer_hierarchy_suggestion
             WHERE id IN %s
          GROUP BY family_id
            """,
            query.subselect(),
        )

    def _compute_suggestions(self):
        suggestions = self.env["customer.hierarchy.suggestion"].search(
            [("state", "=", "new"), ("family_id", "in", self.ids)]
        )
        by_family = suggestions.grouped("family_id")
        for family in self:
            own = by_family.get(family.partner_id, suggestions.browse())
            family.suggestion_ids = own
            names = own.partner_id[:4].mapped("display_name")
            if len(own) > 4:
                names.append(self.env._("%s more", len(own) - 4))
            family.branch_names = ", ".join(names)

    @api.depends_context("company")
    def _compute_due(self):
        # One query for the cards of a page together.
        everybody = self.partner_id | self.suggestion_ids.partner_id
        due = dict(zip(everybody.ids, everybody.mapped("billing_total_due"), strict=True))
        for family in self:
            family.currency_id = self.env.company.currency_id
            customers = family.partner_id | family.suggestion_ids.partner_id
            family.due = sum(due[customer_id] for customer_id in customers.ids)

    def action_open(self):
        """Open the suggestions of this family."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_hierarchy_suggestion"
        )
        return {
            **action,
            "name": self.partner_id.display_name,
            "display_name": self.partner_id.display_name,
            "domain": [("family_id", "=", self.id)],
        }

    def action_accept(self):
        """Accept what is certain of this family; of several after a counted preview.

        :raises UserError: where nothing is
        """
        suggestions = self.suggestion_ids.filtered(
            lambda suggestion: suggestion.kind == "branch" and suggestion.certainty == "certain"
        )
        if not suggestions:
            raise UserError(
                self.env._("Nothing is certain here. Open the family and choose for yourself.")
            )
        return suggestions._open_preview() if len(self) > 1 else suggestions.action_accept()

    def action_dismiss(self):
        """Dismiss all suggestions of these families."""
        self.suggestion_ids.action_dismiss()

    def action_search(self):
        """Find suggestions anew, and show them."""
        return self.env["customer.hierarchy.suggestion"].action_search()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..receivable import OPEN_RECEIVABLE


class CustomerHierarchySuggestion(models.Model):
    """Two customers that may belong together, and why.

    Takes: what `suggestion_search` finds; nothing is changed before somebody accepts.

    Use: :meth:`action_search`, then :meth:`action_accept` or :meth:`action_dismiss`.

    How it works: one row a pair, whichever way round, so that what was dismissed stays so. The
    evidence is kept as data and put in the reader's words: of documents only where the reader may
    see their company.
    """

    _name = "customer.hierarchy.suggestion"
    _description = "Suggested Hierarchy"
    _order = "family_id, kind, certainty_rank desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    parent_id = fields.Many2one(
        "res.partner",
        string="Proposed Billing Parent",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    family_id = fields.Many2one(
        "res.partner",
        string="Proposed Head Office",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The top of the hierarchy that would come of all suggestions.",
    )
    kind = fields.Selection(
        [("branch", "Branch"), ("duplicate", "Duplicate")],
        required=True,
        readonly=True,
        default="branch",
        help="A branch is billed under the other customer; a duplicate is the same customer twice.",
    )
    certainty = fields.Selection(
        [("certain", "Certain"), ("likely", "Likely"), ("weak", "Weak")],
        required=True,
        readonly=True,
        default="weak",
    )
    certainty_rank = fields.Integer(required=True, readonly=True, default=1)
    evidence = fields.Json(readonly=True)
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        readonly=True,
        help="The companies whose documents are the only reason; none where the customers' own "
        "data are one.",
    )
    reason = fields.Char(compute="_compute_reason")
    effect = fields.Text(string="What Accepting Changes", compute="_compute_effect")
    state = fields.Selection(
        [("new", "New"), ("accepted", "Accepted"), ("dismissed", "Dismissed")],
        required=True,
        readonly=True,
        default="new",
        index=True,
    )
    update_id = fields.Many2one(
        "customer.hierarchy.update", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _pair_uniq = models.UniqueIndex(
        "(LEAST(partner_id, parent_id), GREATEST(partner_id, parent_id))"
    )
    _not_itself = models.Constraint(
        "CHECK (partner_id != parent_id)", "Nobody can be suggested to belong under itself."
    )

    @api.depends("partner_id.name", "parent_id.name")
    def _compute_display_name(self):
        for suggestion in self:
            suggestion.display_name = self.env._(
                "%(customer)s under %(parent)s",
                customer=suggestion.partner_id.display_name,
                parent=suggestion.parent_id.display_name,
            )

    @api.depends("evidence", "kind", "partner_id.name", "parent_id.name")
    @api.depends_context("lang", "uid")
    def _compute_reason(self):
        # Documents of companies that the user may not see are no reason to tell.
        company_ids = set(self.env.user.company_ids.ids)
        known = set(self._get_reasons())
        for suggestion in self:
            names = {
                "customer": suggestion.partner_id.display_name,
                "parent": suggestion.parent_id.display_name,
                "is_duplicate": suggestion.kind == "duplicate",
            }
            texts = [
                getattr(self, f"_describe_{item['code']}")(names, item["values"])
                for item in suggestion.evidence or ()
                # A reason may have gone with the addon that brought it.
                if item["code"] in known
                and (self.env.su or not item["company_id"] or item["company_id"] in company_ids)
            ]
            suggestion.reason = "; ".join(dict.fromkeys(texts))

    @api.depends("kind", "partner_id", "parent_id")
    @api.depends_context("uid", "company", "lang")
    def _compute_effect(self):
        self.effect = False
        if not self.env["account.move.line"].has_access("read"):
            return
        counts = self._count_open_documents()
        for suggestion in self:
            suggestion.effect = suggestion._describe_effect(counts)

    def _count_open_documents(self):
        """Return the number of open invoices and credits by customer; one query."""
        customers = self.partner_id | self.parent_id
        groups = self.env["account.move.line"]._read_group(
            [
                *OPEN_RECEIVABLE,
                ("partner_id.commercial_partner_id", "in", customers.ids),
                ("company_id", "child_of", self.env.company.root_id.id),
            ],
            ["partner_id"],
            ["move_id:count_distinct"],
        )
        counts = {}
        for partner, count in groups:
            customer = partner.commercial_partner_id
            counts[customer] = counts.get(customer, 0) + count
        return counts

    def _describe_effect(self, counts):
        customer, parent = self.partner_id, self.parent_id
        currency = self.env.company.currency_id
        figures = {
            "customer": customer.display_name,
            "parent": parent.display_name,
            "customer_due": currency.format(customer.billing_total_due),
            "parent_due": currency.format(parent.billing_total_due),
            "customer_count": counts.get(customer, 0),
            "parent_count": counts.get(parent, 0),
        }
        if self.kind == "duplicate":
            return self.env._(
                "Merging opens Odoo's own screen with both: %(customer)s owes %(customer_due)s on "
                "%(customer_count)s open documents, %(parent)s %(parent_due)s on %(parent_count)s.",
                **figures,
            )
        return self.env._(
            "%(customer)s will be billed under %(parent)s. Who sees what does not change: "
            "portal users of %(parent)s see nothing of it until it is allowed. No document "
            "changes: %(customer)s owes %(customer_due)s on %(customer_count)s open documents, "
            "%(parent)s %(parent_due)s on %(parent_count)s.",
            **figures,
        )

    @api.model
    @api.private
    def _get_reasons(self):
        """Return the codes of all reasons.

        To add a reason, append its code, and write two methods. ``_find_<code>(customers)`` takes
        ``{id: Customer}``, a plain tuple each, and returns a list of ``Evidence``;
        ``_describe_<code>(names, values)`` puts the evidence's values in words.
        """
        return []

    # What a user does

    def action_accept(self):
        """Bill the customers under their proposed parents; send a duplicate to core's merge.

        :return: the action of the update, or of core's merge wizard
        :raises UserError: where one does not hold any more, or of several one is a duplicate
        :raises AccessError: for all but invoicing managers
        """
        self.env["customer.hierarchy.update"]._check_rights()
        self._check_open()
        duplicates = self.filtered(lambda suggestion: suggestion.kind == "duplicate")
        if duplicates:
            if len(self) > 1:
                raise UserError(
                    self.env._(
                        "Duplicates are merged one by one: choose either one duplicate or "
                        "branches only."
                    )
                )
            return self._open_merge()
        obsolete = self._get_obsolete()
        if obsolete:
            suggestion, reason = next(iter(obsolete.items()))
            raise UserError(
                self.env._(
                    "%(suggestion)s does not hold any more: %(reason)s. Search again.",
                    suggestion=suggestion.display_name,
                    reason=reason,
                )
            )
        return self._accept()._get_open_action()

    def _open_preview(self):
        """Return the action that shows what accepting all of these would change."""
        wizard = self.env["customer.hierarchy.update.wizard"].create(
            {"kind": "suggestions", "suggestion_ids": [Command.set(self.ids)]}
        )
        action = "customer_org.action_customer_hierarchy_accept_suggestions"
        return {**self.env["ir.actions.act_window"]._for_xml_id(action), "res_id": wizard.id}

    def _check_open(self):
        """Refuse what was answered already.

        :raises UserError: for an empty selection, too
        """
        self.check_access("read")
        self.lock_for_update()
        if not self or self.filtered(lambda suggestion: suggestion.state != "new"):
            raise UserError(
                self.env._("Only new suggestions can be accepted or dismissed. Search again.")
            )

    def _accept(self):
        """Make the update of these suggestions, which hold; return it."""
        wanted = {
            suggestion.partner_id: {"billing_parent_id": suggestion.parent_id.id}
            for suggestion in self
        }
        parents = self.parent_id
        update = self.env["customer.hierarchy.update"]._start(
            "suggestions", wanted, parents if len(parents) == 1 else None
        )
        # sudo: users have no right to write suggestions; who may accept was checked.
        self.sudo().write({"state": "accepted", "update_id": update.id})
        return update

    def _open_merge(self):
        """Return the action of core's merge wizard with both customers chosen."""
        if obsolete := self._get_obsolete():
            raise UserError(
                self.env._(
                    "%(suggestion)s does not hold any more: %(reason)s. Search again.",
                    suggestion=self.display_name,
                    reason=obsolete[self],
                )
            )
        # sudo: as in `_accept`. A search proposes it again while there are two of them.
        self.sudo().state = "accepted"
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("base.action_partner_merge"),
            "context": {
                "active_model": "res.partner",
                "active_ids": [self.partner_id.id, self.parent_id.id],
                "default_dst_partner_id": self.parent_id.id,
            },
        }

    def action_dismiss(self):
        """Never suggest these pairs again.

        :raises UserError: for what was answered already
        :raises AccessError: for all but invoicing managers
        """
        self.env["customer.hierarchy.update"]._check_rights()
        self._check_open()
        # sudo: as in `_accept`.
        self.sudo().state = "dismissed"

    def action_reopen(self):
        """Propose again what was dismissed by mistake.

        :raises AccessError: for all but invoicing managers
        """
        self.env["customer.hierarchy.update"]._check_rights()
        self.check_access("read")
        dismissed = self.filtered(lambda suggestion: suggestion.state == "dismissed")
        # sudo: as in `_accept`.
        dismissed.sudo().state = "new"

    def action_open_both(self):
        """Open both customers in a list."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", (self.partner_id | self.parent_id).ids)],
            "context": {"active_test": False},
        }

    @api.model
    @api.private
    def _follow_merge(self, merged, kept):
        """Take suggestions along when ``merged`` customers become ``kept``.

        What was dismissed stays so for the customer that is kept; the rest is found anew.
        """
        touched = self.search(
            ["|", ("partner_id", "in", merged.ids), ("parent_id", "in", merged.ids)]
        )
        dismissed = touched.filtered(lambda suggestion: suggestion.state == "dismissed")
        (touched - dismissed).unlink()
        known = {
            frozenset((old.partner_id.id, old.parent_id.id))
            for old in self.search(["|", ("partner_id", "=", kept.id), ("parent_id", "=", kept.id)])
            - dismissed
        }
        for suggestion in dismissed:
            pair = [
                kept.id if customer in merged else customer.id
                for customer in (suggestion.partner_id, suggestion.parent_id)
            ]
            if pair[0] == pair[1] or frozenset(pair) in known:
                suggestion.unlink()
            else:
                known.add(frozenset(pair))
                suggestion.write({"partner_id": pair[0], "parent_id": pair[1]})


class CustomerHierarchyUpdate(models.Model):
    _inherit = "customer.hierarchy.update"

    def _reopen_suggestions(self, lines):
        """What was accepted and is undone can be decided anew."""
        super()._reopen_suggestions(lines)
        # sudo: users have no right to write suggestions; who may undo was checked.
        self.env["customer.hierarchy.suggestion"].sudo().search(
            [
                ("update_id", "in", self.ids),
                ("state", "=", "accepted"),
                ("partner_id", "in", lines.partner_id.ids),
            ]
        ).write({"state": "new", "update_id": False})

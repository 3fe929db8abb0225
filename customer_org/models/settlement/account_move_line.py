# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK

from .account_partial_reconcile import is_undo
from .settlement_plan import OpenItem, SettlementPlan


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    settlement_line_ids = fields.One2many(
        "customer.settlement.line", "credit_line_id", string="Settlements"
    )

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        """Settle what belongs to one hierarchy, and leave the rest to core.

        Lines of one customer cost nothing here; lines of several cost one indexed look-up.
        """
        leaves = [
            leaf
            for item in reconciliation_plan
            for leaf in self._flatten_reconciliation_plan(item)
            if len(leaf.partner_id) > 1
        ]
        matches = self._plan_customer_settlements(leaves) if leaves else []
        if matches:
            settled = self.env["customer.settlement"]._settle(matches)
            reconciliation_plan = self._prune_reconciliation_plan(reconciliation_plan, settled)
        return super()._reconcile_plan(reconciliation_plan)

    @api.model
    def _flatten_reconciliation_plan(self, item):
        """Return the groups of lines of a plan's item in the order in which core matches them."""
        if isinstance(item, models.BaseModel):
            return [item]
        leaves = [leaf for child in item for leaf in self._flatten_reconciliation_plan(child)]
        return leaves + [self.union(*leaves)] if leaves else []

    @api.model
    def _prune_reconciliation_plan(self, item, settled):
        """Take out of the groups that held ``settled`` lines what has no counterpart any more."""
        if not isinstance(item, models.BaseModel):
            children = [self._prune_reconciliation_plan(child, settled) for child in item]
            return [child for child in children if child]
        if not item & settled:
            return item
        item = item.filtered(lambda line: not line.reconciled)
        signs = {line.balance > 0 or line.amount_currency > 0 for line in item}
        return item if len(signs) > 1 else self.browse()

    @api.model
    def _plan_customer_settlements(self, leaves):
        """Match the open receivable items of groups that hold several customers of a hierarchy.

        Also where each customer ends up with its own items: core would pair those of different
        customers.

        :param leaves: list of recordsets of lines that were asked to be reconciled together
        :return: list of :class:`settlement_plan.Match`
        """
        candidates = [leaf.filtered(lambda line: line._is_settleable()) for leaf in leaves]
        customers = self.union(*candidates).partner_id.commercial_partner_id
        if len(customers) < 2:
            return []
        ancestors = self.env["customer.hierarchy.link"]._get_ancestors(customers.ids)
        roots = {customer_id: path[-1] for customer_id, path in ancestors.items()}
        groups = []
        for leaf, lines in zip(leaves, candidates, strict=True):
            by_root = lines.grouped(
                lambda line: roots.get(line.partner_id.commercial_partner_id.id)
            )
            by_root.pop(None, None)
            groups += [
                (leaf, lines)
                for lines in by_root.values()
                if len(lines.partner_id.commercial_partner_id) > 1
            ]
        if not groups:
            return []
        self.union(*(lines for _leaf, lines in groups))._lock_open_items()
        items, matches = {}, []
        for leaf, lines in groups:
            for same_account in leaf.grouped("account_id").values():
                same_account._check_amls_exigibility_for_reconciliation()
            for line in lines:
                if line not in items:
                    items[line] = OpenItem(line, line.partner_id.commercial_partner_id.id)
            plan = SettlementPlan(
                [items[line] for line in lines if items[line].is_open],
                ancestors,
                self._prepare_reconciliation_single_partial,
            )
            matches += plan.run()
        return matches

    @api.private
    def _plan_limited_settlement(self, limits, get_order=None):
        """Match the open items in ``self``, of one hierarchy, up to typed amounts.

        Post with ``self.env["customer.settlement"]._settle(matches)``. What a debt loses is in
        ``match.debt_paid[1]``; less than its limit where the credits in ``self`` don't suffice.

        :param dict limits: ``{line: most that may be settled of it}``, positive, in the line's own
            currency; a line that is missing may be settled whole
        :param get_order: see :class:`settlement_plan.SettlementPlan`
        :return: list of :class:`settlement_plan.Match`, those inside one customer too
        """
        lines = self.filtered(lambda line: line._is_settleable())
        if not lines:
            return []
        customers = lines.partner_id.commercial_partner_id
        ancestors = {customer_id: [customer_id] for customer_id in customers.ids}
        ancestors.update(self.env["customer.hierarchy.link"]._get_ancestors(customers.ids))
        items = [
            OpenItem(line, line.partner_id.commercial_partner_id.id, limits.get(line))
            for line in lines
        ]
        match_amounts = self._prepare_reconciliation_single_partial
        return SettlementPlan(items, ancestors, match_amounts, get_order).run()

    def _is_settleable(self):
        """Whether this line is an open item of a customer that a settlement may use."""
        self.ensure_one()
        return (
            self.partner_id
            and self.parent_state == "posted"
            and not self.reconciled
            and self.account_type == "asset_receivable"
            and not self.move_id.customer_settlement_id
        )

    def _lock_open_items(self):
        """Wait for others who use these items; who comes second starts again with what is left.

        The lock fails with a serialization error if the items changed meanwhile, and Odoo tries
        the whole call again.
        """
        self.env.cr.execute(
            SQL(
                "SELECT id FROM account_move_line WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )

    @api.model
    def _prepare_reconciliation_plan(self, plan, amls_values_map, shadowed_aml_values=None):
        """Take the matches that a settlement has already worked out, else core's own."""
        results = self.env.cr.cache.get("customer_settlement_results")
        if results and (key := frozenset(plan["aml_ids"])) in results:
            return results[key]
        return super()._prepare_reconciliation_plan(plan, amls_values_map, shadowed_aml_values)

    def _get_outside_partials(self):
        """Return the matches of settlement legs with what is no settlement's and no exchange's."""
        legs = set(self)
        return (self.matched_debit_ids | self.matched_credit_ids).filtered(
            lambda partial: (
                not any(
                    line.move_id.customer_settlement_id or line.move_id.exchange_diff_partial_ids
                    # One by one: a union would read the moves of each partial by itself.
                    for line in (partial.debit_move_id, partial.credit_move_id)
                    if line not in legs
                )
            )
        )

    def write(self, vals):
        if self._is_settlement_edit(vals):
            self.move_id._raise_settlement_entry()
        return super().write(vals)

    def _is_settlement_edit(self, vals):
        """Whether ``vals`` changes what a posted entry of a settlement says.

        Core itself moves items when a customer becomes another one's contact; that may pass.
        """
        fnames = {"account_id", "balance", "debit", "credit", "amount_currency", "partner_id"}
        return (
            fnames & vals.keys()
            and not is_undo(self.env)
            and self.env.context.get("bypass_lock_check") is not BYPASS_LOCK_CHECK
            and any(
                line.parent_state == "posted" and line.move_id.customer_settlement_id
                for line in self
            )
        )

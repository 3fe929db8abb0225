# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from .hand_over import note_exchange_moves, pop_results
from .settlement_plan import OpenItem, SettlementPlan


class AccountMoveLine(models.Model):
    """The one hook of all paths: what is reconciled between customers of a hierarchy is settled.

    Lines of one customer cost nothing here; lines of several cost one indexed look-up. The groups
    of a plan are worked off in core's order, and nothing of one hierarchy's several customers is
    left to core's own pairing.
    """

    _inherit = "account.move.line"

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        """Settle what belongs to one hierarchy, and leave the rest to core."""
        ancestors = self._get_ancestors_in_plan(reconciliation_plan)
        if not ancestors:
            return super()._reconcile_plan(reconciliation_plan)
        done, queue = self.browse(), []
        for step in self._get_plan_steps(reconciliation_plan, ancestors):
            step = self._drop_done(step, done)
            if not isinstance(step, models.BaseModel) or not step._get_crossing(ancestors):
                queue.append(step)
                done |= self.union(*self._flatten_reconciliation_plan(step))
                continue
            if queue:
                super()._reconcile_plan(queue)
                step = self._drop_done(step, done)
            rest = step._settle_crossing(ancestors)
            queue = [rest] if rest else []
            done |= step
        return super()._reconcile_plan(queue) if queue else None

    @api.model
    def _get_ancestors_in_plan(self, reconciliation_plan):
        """Return ``{customer id: [itself, its parent, …]}``, empty if the whole plan is core's."""
        leaves = [
            leaf
            for item in reconciliation_plan
            for leaf in self._flatten_reconciliation_plan(item)
            if len(leaf.partner_id) > 1
        ]
        lines = self.union(*leaves).filtered(lambda line: line._is_settleable())
        customers = lines.partner_id.commercial_partner_id
        if len(customers) < 2:
            return {}
        ancestors = self.env["customer.hierarchy.link"]._get_ancestors(customers.ids)
        return ancestors if any(leaf._get_crossing(ancestors) for leaf in leaves) else {}

    @api.model
    def _flatten_reconciliation_plan(self, item):
        """Return the groups of lines of a plan's item in the order in which core matches them."""
        if isinstance(item, models.BaseModel):
            return [item]
        leaves = [leaf for child in item for leaf in self._flatten_reconciliation_plan(child)]
        return leaves + [self.union(*leaves)] if leaves else []

    @api.model
    def _get_plan_steps(self, reconciliation_plan, ancestors):
        """Return the plan's items, those with a group that crosses customers group by group."""
        steps = []
        for item in reconciliation_plan:
            leaves = self._flatten_reconciliation_plan(item)
            crosses = any(leaf._get_crossing(ancestors) for leaf in leaves)
            steps += leaves if crosses else [item]
        return steps

    @api.model
    def _drop_done(self, item, done):
        """Take out of the groups what earlier ones have used up, as core does inside a plan."""
        if not isinstance(item, models.BaseModel):
            return [self._drop_done(child, done) for child in item]
        return item - (item & done).filtered("reconciled")

    def _get_crossing(self, ancestors):
        """Return the open items of several customers of one hierarchy, hierarchy by hierarchy."""
        by_root = self.filtered(lambda line: line._is_settleable()).grouped(
            lambda line: ancestors.get(line.partner_id.commercial_partner_id.id, [False])[-1]
        )
        by_root.pop(False, None)
        return [
            lines for lines in by_root.values() if len(lines.partner_id.commercial_partner_id) > 1
        ]

    def _settle_crossing(self, ancestors):
        """Settle one group of lines; return what core may still match of it.

        Core matches across customers what it is given: of a hierarchy's several customers it gets
        only what has no counterpart among them, which strangers and drafts may pay or be paid by.
        """
        for same_account in self.grouped("account_id").values():
            same_account._check_amls_exigibility_for_reconciliation()
        crossing = self._get_crossing(ancestors)
        nobodys = self.filtered(lambda line: line._is_settleable_of_nobody())
        self.union(*crossing, nobodys)._lock_open_items()
        items, matches = {}, []
        for lines in crossing:
            for line in self & (lines | nobodys):
                if line not in items:
                    items[line] = OpenItem(line, line.partner_id.commercial_partner_id.id)
            plan = SettlementPlan(
                [items[line] for line in self & (lines | nobodys) if items[line].is_open],
                ancestors,
                self._prepare_reconciliation_single_partial,
            )
            matches += plan.run()
        if matches:
            self.env["customer.settlement"]._settle(matches)
        rest = self.filtered(lambda line: not line.reconciled)
        for lines in rest._get_crossing(ancestors):
            if lines._has_both_signs():
                rest -= lines
        return rest if rest._has_both_signs() else self.browse()

    def _has_both_signs(self):
        return len({line.balance > 0 or line.amount_currency > 0 for line in self}) > 1

    def _is_settleable_of_nobody(self):
        """Whether this is an open item without a customer, such as one to be cleared."""
        self.ensure_one()
        return (
            not self.partner_id
            and self.parent_state == "posted"
            and not self.reconciled
            and self.account_type == "asset_receivable"
        )

    @api.model
    def _prepare_reconciliation_plan(self, plan, amls_values_map, shadowed_aml_values=None):
        """Take the matches that a settlement has already worked out, else core's own."""
        results = pop_results(self.env, plan["aml_ids"])
        if results is not None:
            return results
        return super()._prepare_reconciliation_plan(plan, amls_values_map, shadowed_aml_values)

    @api.model
    def _create_exchange_difference_moves(self, exchange_diff_values_list):
        """Note which match each entry of a settlement is of, and keep them from core.

        Core would link each to the first match of one of its items, after a comparison of all
        with all.
        """
        moves = super()._create_exchange_difference_moves(exchange_diff_values_list)
        is_noted = note_exchange_moves(self.env, exchange_diff_values_list, moves)
        return moves.browse() if is_noted else moves

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain

from ..receivable import USABLE_CREDIT
from .settlement_plan import OpenItem, SettlementPlan


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.private
    def _find_nearer_credits(self, payers):
        """Return the usable credits that are nearer to these debts than those of ``payers``.

        :param self: debts
        :param payers: the customers whose credits are about to pay
        :return: credits of the debts' own customers, and of those between them and the nearest
            payer above
        """
        paths = self.env["customer.hierarchy.link"]._get_ancestors(
            self.partner_id.commercial_partner_id.ids
        )
        nearer = set()
        for path in paths.values():
            above = next((place for place, id_ in enumerate(path) if id_ in payers.ids), 0)
            nearer.update(path[:above])
        if not nearer:
            return self.browse()
        found = self.with_context(active_test=False).search(
            USABLE_CREDIT
            & Domain("partner_id.commercial_partner_id", "in", list(nearer))
            & Domain("company_id", "in", self.company_id.ids)
        )
        # Core puts the domain into the context of what it finds.
        return found.with_env(self.env)

    @api.private
    def _plan_auto_settlement(self, credits, nearer, ancestors):
        """Match these debts of one hierarchy with ``credits``, but for what ``nearer`` ones cover.

        :param dict ancestors: of the items' customers, see :meth:`_get_settling_ancestors`
        :return: list of :class:`.settlement_plan.Match`
        """
        covered = self._get_covered_amounts(nearer, ancestors)
        limits = {
            debt: abs(debt.amount_residual_currency) - amount for debt, amount in covered.items()
        }
        debts = self.filtered(
            lambda debt: debt not in limits or not debt.currency_id.is_zero(limits[debt])
        )
        return (debts | credits)._get_settlement_plan(limits, ancestors).run()

    @api.private
    def _get_covered_amounts(self, credits, ancestors=None):
        """Return how much of these debts nearer ``credits`` will pay, though nobody matched it yet.

        Whose credit is further up leaves that much out: automatic settlement and proposals do.

        :param self: open debts of one hierarchy
        :param credits: open credits of the debts' own customers and of customers above them,
            nearer than who is about to pay
        :param dict ancestors: of the items' customers, if they are known already
        :return: ``{debt: amount}``, positive, in the debt's own currency; others are missing
        """
        if not self or not credits:
            return {}
        if ancestors is None:
            ancestors = (self | credits)._get_settling_ancestors()
        items = [
            OpenItem(line, line.partner_id.commercial_partner_id.id) for line in self | credits
        ]
        plan = SettlementPlan(items, ancestors, self._prepare_reconciliation_single_partial)
        covered = {}
        for match in plan.run_lineage():
            debt = match.debt.line
            covered[debt] = covered.get(debt, 0.0) + match.debt_paid[1]
        return covered

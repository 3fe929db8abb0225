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
        return lines._get_settlement_plan(limits, lines._get_settling_ancestors(), get_order).run()

    def _get_settling_ancestors(self):
        """Return ``{id: [itself, its parent, …]}`` of the customers of these items."""
        customers = self.partner_id.commercial_partner_id
        ancestors = {customer_id: [customer_id] for customer_id in customers.ids}
        ancestors.update(self.env["customer.hierarchy.link"]._get_ancestors(customers.ids))
        return ancestors

    def _get_settlement_plan(self, limits, ancestors, get_order=None):
        """Return the plan of these open items of one hierarchy, see :class:`SettlementPlan`."""
        items = [
            OpenItem(line, line.partner_id.commercial_partner_id.id, limits.get(line))
            # In the order in which they were made, where due dates do not tell.
            for line in self.sorted("id")
        ]
        match_amounts = self._prepare_reconciliation_single_partial
        return SettlementPlan(items, ancestors, match_amounts, get_order)

    def _is_settleable(self):
        """Whether this line is an open item of a customer that a settlement may use.

        Wider than what is offered (``USABLE_CREDIT``, ``DEBT``): who matches items by hand may
        take blocked ones, too, as in core.
        """
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

    def write(self, vals):
        """Protect the entries of settlements, and follow items that become another customer's."""
        if self._is_settlement_edit(vals):
            self.move_id._raise_settlement_entry()
        result = super().write(vals)
        if "partner_id" in vals:
            self._look_again_at_matches()
        return result

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

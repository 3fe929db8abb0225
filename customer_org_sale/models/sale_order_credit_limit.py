# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_confirm(self):
        overridden = self._check_credit_limits()
        result = super().action_confirm()
        self.env["account.move"]._log_credit_limit_override(overridden)
        return result

    def _check_credit_limits(self, may_exceed=None):
        """Return the warnings that are overridden by confirming these quotations, by order.

        :param may_exceed: whether limits may be exceeded; by default, whether the user may
        :raises UserError: if a limit is exceeded and the user may not do that
        """
        return self.env["account.move"]._check_credit_limits(
            [
                (order, order.amount_total / order.currency_rate, 0.0)
                for order in self
                if order.company_id._is_credit_limit_blocking() and order.state in ("draft", "sent")
            ],
            may_exceed=may_exceed,
        )

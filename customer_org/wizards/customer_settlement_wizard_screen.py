# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .customer_settlement_wizard import REFILL
from .settlement_grid import SettlementGrid
from .settlement_grid_page import GridPage, GridView


class CustomerSettlementWizard(models.TransientModel):
    """What the settlement screen asks the wizard.

    Every answer is made of what is stored: no screen shows what posting would not book.
    """

    _inherit = "customer.settlement.wizard"

    @api.onchange("policy", "branch_ids", "date_due_until", "credit_ids", "debt_ids")
    def _onchange_choices(self):
        """Ask clients to call :meth:`onchange`, which fills in the amounts."""

    def onchange(self, values, field_names, fields_spec):
        """Answer changed choices with the amounts that saving them would fill in.

        The ordinary way compares all lines before and after: seconds where there are thousands.
        """
        choices = REFILL | {"credit_ids", "debt_ids"}
        if not (self and field_names and set(field_names) <= choices):
            return super().onchange(values, field_names, fields_spec)
        self.check_access("write")
        wizard = self.new({name: values[name] for name in REFILL & values.keys()}, origin=self)
        grid = SettlementGrid(wizard)
        grid.currency = self.currency_id
        commands = [*(values.get("credit_ids") or []), *(values.get("debt_ids") or [])]
        changes = {line[1]: line[2] for line in commands if line[0] == Command.UPDATE}
        grid.read_lines(changes)
        result = {}
        if set(field_names) == {"debt_ids"}:
            # A typed amount changes no other.
            grid.apply_amounts(changes)
        else:
            shown = {
                row.id: changes.get(row.id, {}).get("amount", row.amount)
                for row in grid.rows
                if row.kind == "debt" and row.in_scope
            }
            grid.fill()
            result["debt_ids"] = [
                Command.update(row.id, {"amount": row.amount})
                for row in grid.rows
                if row.id in shown and row.amount != shown[row.id]
            ]
        return {"value": {**result, **grid.get_totals()}}

    def get_grid(self, view=None):
        """Return what the screen shows; see :class:`settlement_grid_page.GridPage`.

        :param dict view: the search, the page and the unfolded branches
        """
        self.ensure_one()
        self.check_access("read")
        grid = SettlementGrid(self)
        grid.read_lines()
        grid.explain()
        return GridPage(grid, GridView.from_client(view)).get_values()

    def change_grid(self, what, ids, value, view=None):
        """Type an amount, or tick: ``True`` is all of it, ``False`` nothing; return the screen.

        :param str what: ``amount`` or ``tick`` of lines, ``reason``: of the rest of lines,
            ``credit``: whether lines are used, ``credits``: whether all are,
            ``branch``: tick all invoices of these customers,
            ``found``: all that is found
        :param list ids: of lines, of customers for ``branch``
        :raises ValueError: if it is asked for anything else
        """
        self.ensure_one()
        if what not in ("amount", "tick", "reason", "credit", "credits", "branch", "found"):
            raise ValueError(f"A grid has no {what!r} to change")
        lines = self.env["customer.settlement.wizard.line"].search(
            [("wizard_id", "=", self.id), ("id", "in", ids)]
        )
        if what == "amount":
            lines.write({"amount": value, "is_typed": True})
        elif what == "reason":
            reason = self.env["customer.deduction.reason"].search([("id", "=", value)])
            lines.deduction_reason_id = reason
        elif what == "credit":
            lines.selected = bool(value)
        elif what == "credits":
            self.credit_ids.selected = bool(value)
        else:
            self.check_access("write")
            grid = SettlementGrid(self)
            grid.read_lines()
            rows = GridPage(grid, GridView.from_client(view)).debts
            if what == "tick":
                rows = [row for row in rows if row.id in set(lines.ids)]
            elif what == "branch":
                rows = [row for row in rows if row.customer_id in ids]
            grid.type_amounts({row.id: row.amount_open if value else 0.0 for row in rows})
            self._forget_preview()
        return self.get_grid(view)

    def get_preview(self):
        """Return the settlements that posting makes, each with its journal items.

        :return: list of ``{"title", "legs"}``; a message instead where nothing can be posted
        """
        self.ensure_one()
        self.check_access("read")
        try:
            self.action_preview()
        except UserError as error:
            return {"message": str(error), "settlements": []}
        return {
            "message": "",
            "settlements": [
                {"title": title, "legs": [leg._get_values() for leg in legs]}
                for title, legs in self.leg_ids.grouped("title").items()
            ],
        }

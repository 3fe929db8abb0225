# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import format_date

from ..models.receivable import get_today


class CustomerAgedReceivableWizard(models.TransientModel):
    """Ask for the day of the aged receivable."""

    _name = "customer.aged.receivable.wizard"
    _description = "Aged Receivable as of a Date"

    date = fields.Date(string="As of", required=True, default=lambda self: get_today(self.env))

    def action_open(self):
        """Open the report as it was at the end of the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_aged_receivable"
        )
        return {
            **action,
            "name": self.env._("Aged Receivable as of %s", format_date(self.env, self.date)),
            "path": False,
            "context": {"customer_aged_as_of": fields.Date.to_string(self.date)},
        }

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import format_date


class CustomerSettlementWizardLeg(models.TransientModel):
    """A journal item that posting would make."""

    _name = "customer.settlement.wizard.leg"
    _inherit = "customer.guarded.fields"
    _guard_readonly = True
    _description = "Previewed Journal Item"
    _order = "id"
    _rec_name = "name"

    wizard_id = fields.Many2one(
        "customer.settlement.wizard", required=True, readonly=True, index=True, ondelete="cascade"
    )
    title = fields.Char(string="Settlement", readonly=True)
    date = fields.Date(readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    name = fields.Char(string="Label", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_currency = fields.Monetary(string="Amount in Currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="wizard_id.company_id.currency_id", string="Company Currency"
    )
    debit = fields.Monetary(currency_field="company_currency_id", readonly=True)
    credit = fields.Monetary(currency_field="company_currency_id", readonly=True)

    @api.model
    @api.private
    def _create_preview(self, wizard, matches):
        """Store the journal items of ``matches``, entry by entry, as posting would make them."""
        settlements = self.env["customer.settlement"]
        vals_list = []
        for entry in settlements._plan_entries(matches):
            date = settlements._get_open_date(entry.company, entry.date)
            title = self.env._(
                "%(payer)s, %(date)s",
                payer=entry.payer.display_name,
                date=format_date(self.env, date),
            )
            for leg in entry.legs:
                vals = leg.get_values()
                balance = vals.pop("balance")
                vals_list.append(
                    {
                        **vals,
                        "wizard_id": wizard.id,
                        "title": title,
                        "date": date,
                        "debit": max(balance, 0.0),
                        "credit": max(-balance, 0.0),
                    }
                )
        return self._as_code().create(vals_list)

    def _get_values(self):
        """Return what the screen shows of this item."""
        self.ensure_one()
        return {
            "id": self.id,
            "account": self.account_id.display_name,
            "customer": self.partner_id.display_name,
            "name": self.name,
            "currency_id": self.company_currency_id.id,
            "debit": self.debit,
            "credit": self.credit,
        }

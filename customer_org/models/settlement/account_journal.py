# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _fill_sale_purchase_dashboard_data(self, dashboard_data):
        """Say on the cards of sales journals how many head offices wait to be settled."""
        super()._fill_sale_purchase_dashboard_data(dashboard_data)
        sales = self.filtered(lambda journal: journal.type == "sale")
        if not sales or not self.env["customer.to.settle"].has_access("read"):
            return
        groups = self.env["customer.to.settle"]._read_group(
            [("company_id", "in", sales.company_id.ids)],
            ["company_id"],
            ["__count", "amount_credit:sum"],
        )
        waiting = {company: (count, credit) for company, count, credit in groups}
        for journal in sales:
            count, credit = waiting.get(journal.company_id, (0, 0.0))
            dashboard_data[journal.id].update(
                to_settle_count=count,
                to_settle_credit=journal.company_id.currency_id.format(credit),
            )

    def action_open_to_settle(self):
        """Open the head offices that wait to be settled in the company of this journal."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_to_settle"
        )
        return {**action, "domain": [("company_id", "in", self.company_id.ids)]}

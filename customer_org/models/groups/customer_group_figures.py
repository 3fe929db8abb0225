# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..receivable import OPEN_RECEIVABLE, get_three_numbers, get_today

GROUPS = "account.group_account_invoice,account.group_account_readonly"
GRAPH_MONTHS = 12


class CustomerGroup(models.Model):
    """What a group brings in and owes: one query per figure, for all groups that are shown.

    Revenue goes by the group that was stamped on the invoices, what is due by the members of
    today. A group counts neither what is its subgroups': the groups add up to the whole.
    """

    _inherit = "customer.group"

    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    total_invoiced = fields.Monetary(
        compute="_compute_total_invoiced",
        groups=GROUPS,
        help="Posted invoices less credit notes of members of this group, without tax, in the "
        "company's currency. Subgroups are not included.",
    )
    revenue_this_year = fields.Monetary(
        compute="_compute_revenue",
        groups=GROUPS,
        help="Invoiced in this fiscal year to customers that were in this group then: posted "
        "invoices less credit notes, without tax, in the company's currency. Subgroups are not "
        "included.",
    )
    revenue_last_year = fields.Monetary(
        compute="_compute_revenue",
        groups=GROUPS,
        help="The same for the whole of the fiscal year before.",
    )
    revenue_graph = fields.Text(
        compute="_compute_revenue_graph",
        groups=GROUPS,
        help="The revenue of the last twelve months, this one included; empty where there is none.",
    )
    total_due = fields.Monetary(
        compute="_compute_due",
        groups=GROUPS,
        help="Open receivable of the present members, net of open credits, in the company's "
        "currency. Members of subgroups are not included.",
    )
    total_overdue = fields.Monetary(
        compute="_compute_due",
        groups=GROUPS,
        help="The open debts of the present members whose due date has passed, before credits.",
    )
    total_credit = fields.Monetary(
        compute="_compute_due",
        groups=GROUPS,
        help="The open credits of the present members: what is due is the open debts less these.",
    )

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_total_invoiced(self):
        totals = dict(
            self.env["account.move"]._read_group(
                self._get_revenue_domain(),
                ["customer_group_id"],
                ["amount_untaxed_signed:sum"],
            )
        )
        for group in self:
            group.total_invoiced = totals.get(group._origin, 0.0)

    @api.depends_context("company")
    def _compute_revenue(self):
        get_year = self.env.company.compute_fiscalyear_dates
        this_year = get_year(fields.Date.context_today(self))
        last_year = get_year(this_year["date_from"] - timedelta(days=1))
        moves = self.env["account.move"]
        for fname, year in (("revenue_this_year", this_year), ("revenue_last_year", last_year)):
            totals = dict(
                moves._read_group(
                    self._get_revenue_domain(year["date_from"], year["date_to"]),
                    ["customer_group_id"],
                    ["amount_untaxed_signed:sum"],
                )
            )
            for group in self:
                group[fname] = totals.get(group._origin, 0.0)

    @api.depends_context("company")
    def _compute_revenue_graph(self):
        """Fill the graph of core's journal dashboard with a bar per month."""
        this_month = fields.Date.context_today(self).replace(day=1)
        months = [this_month - relativedelta(months=back) for back in range(GRAPH_MONTHS)][::-1]
        revenue = defaultdict(dict)
        for group, month, amount in self.env["account.move"]._read_group(
            self._get_revenue_domain(months[0], this_month + relativedelta(months=1, days=-1)),
            ["customer_group_id", "invoice_date:month"],
            ["amount_untaxed_signed:sum"],
        ):
            revenue[group][month] = amount
        labels = [format_date(self.env, month, date_format="MMM") for month in months]
        currency = self.env.company.currency_id
        for group in self:
            by_month = revenue[group._origin]
            values = [
                {"label": label, "value": currency.round(by_month.get(month, 0.0)), "type": "past"}
                for month, label in zip(months, labels, strict=True)
            ]
            if not any(value["value"] for value in values):
                group.revenue_graph = False
                continue
            graph = {"key": self.env._("Revenue"), "values": values, "is_sample_data": False}
            group.revenue_graph = json.dumps([graph])

    def _get_revenue_domain(self, date_from=None, date_to=None):
        """Domain of the posted invoices and credit notes of these groups, by invoice date."""
        domain = Domain(
            [
                ("customer_group_id", "in", self.ids),
                ("state", "=", "posted"),
                ("company_id", "child_of", self.env.company.root_id.id),
            ]
        )
        if date_from:
            domain &= Domain("invoice_date", ">=", date_from)
        if date_to:
            domain &= Domain("invoice_date", "<=", date_to)
        return domain

    @api.depends_context("company")
    def _compute_due(self):
        """Sum what the present members owe: one query."""
        items = self.env["account.move.line"]
        # As core's `credit`: the sum of customers the user may read, not their items.
        query = items._search(self._get_due_domain(), bypass_access=True)
        items.flush_model(["amount_residual", "date", "date_maturity", "partner_id"])
        self.env["res.partner"].flush_model(["customer_group_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT member.customer_group_id, %(numbers)s
                  FROM %(from_clause)s
                  JOIN res_partner contact ON contact.id = account_move_line.partner_id
                  JOIN res_partner member ON member.id = contact.commercial_partner_id
                 WHERE %(where_clause)s AND member.customer_group_id = ANY(%(ids)s)
              GROUP BY member.customer_group_id
                """,
                numbers=get_three_numbers("account_move_line", get_today(self.env)),
                ids=self.ids,
                from_clause=query.from_clause,
                where_clause=query.where_clause,
            )
        )
        totals = {group_id: numbers for group_id, *numbers in rows}
        for group in self:
            numbers = totals.get(group._origin.id, (0.0, 0.0, 0.0))
            group.total_due, group.total_overdue, group.total_credit = numbers

    def _get_due_domain(self):
        return OPEN_RECEIVABLE & Domain("company_id", "child_of", self.env.company.root_id.id)

    def action_open_due(self):
        """Open the open receivable items of the present members."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_org.action_billing_due")
        domain = self._get_due_domain() & Domain(
            "partner_id.commercial_partner_id.customer_group_id", "=", self.id
        )
        return {**action, "name": self.env._("Due of %s", self.display_name), "domain": domain}

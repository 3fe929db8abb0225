# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

GROUPS = "account.group_account_invoice,account.group_account_readonly"


class ResPartner(models.Model):
    """Figures of head offices on their form; others have none and cost no query."""

    _inherit = "res.partner"

    head_office_due = fields.Monetary(
        string="Due with Branches",
        compute="_compute_head_office_totals",
        groups=GROUPS,
        help="Open receivable of the head office and all customers billed below it, net of open "
        "credits, in the company's currency.",
    )
    head_office_overdue = fields.Monetary(
        string="Overdue with Branches",
        compute="_compute_head_office_totals",
        groups=GROUPS,
        help="The part of it whose due date has passed, net of open credits.",
    )
    head_office_days_to_pay = fields.Float(
        string="Average Days to Pay",
        compute="_compute_head_office_days_to_pay",
        digits=(16, 1),
        groups=GROUPS,
        help="From an invoice's date to the last payment or credit note that it was matched with, "
        "on average over the invoices of the head office and all customers billed below it that "
        "became paid in the last twelve months. Each invoice counts once, whatever its amount.",
    )

    @api.depends_context("company")
    def _compute_head_office_totals(self):
        head_offices = self.filtered("billing_branch_count")
        for partner in self - head_offices:
            partner.head_office_due = partner.head_office_overdue = 0.0
        for partner in head_offices:
            partner.head_office_due = partner.billing_total_due
            partner.head_office_overdue = partner.billing_total_overdue

    @api.depends_context("company")
    def _compute_head_office_days_to_pay(self):
        """Average over the subtree: one query for all head offices, none where there is none."""
        head_offices = self.filtered("billing_branch_count")
        days = head_offices._get_days_to_pay() if head_offices else {}
        for partner in self:
            partner.head_office_days_to_pay = days.get(partner._origin.id, 0.0)

    def _get_days_to_pay(self):
        """Return ``{head office id: average days}``; those without a paid invoice are missing.

        As the totals: the sum of customers the user may read, not their documents.
        """
        self.env["account.move"].flush_model(["invoice_date", "payment_state", "state"])
        self.env["account.move.line"].flush_model(["display_type", "partner_id"])
        self.env["account.partial.reconcile"].flush_model(["debit_move_id", "max_date"])
        companies = self.env["res.company"].sudo()
        # sudo: branches of the current company, as core's `credit` counts them.
        companies = companies.search([("id", "child_of", self.env.company.root_id.id)])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT ancestor_id, AVG(paid_on - invoice_date)::float
                      FROM (
                            SELECT link.ancestor_id, move.invoice_date,
                                   MAX(partial.max_date) AS paid_on
                              FROM customer_hierarchy_link link
                              JOIN account_move_line line
                                ON line.partner_id = link.descendant_id
                               AND line.display_type = 'payment_term'
                              JOIN account_partial_reconcile partial
                                ON partial.debit_move_id = line.id
                               AND partial.max_date > %(since)s
                              JOIN account_move move ON move.id = line.move_id
                             WHERE link.ancestor_id = ANY(%(ids)s)
                               AND move.company_id = ANY(%(companies)s)
                               AND move.move_type IN ('out_invoice', 'out_receipt')
                               AND move.state = 'posted'
                               AND move.payment_state IN ('in_payment', 'paid')
                          GROUP BY link.ancestor_id, move.id
                      ) invoice
                  GROUP BY ancestor_id
                    """,
                    ids=self.ids,
                    companies=companies.ids,
                    since=fields.Date.context_today(self) - relativedelta(years=1),
                )
            )
        )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..receivable import OPEN_RECEIVABLE, get_three_numbers, get_today

GROUPS = "account.group_account_invoice,account.group_account_readonly"
#: Due, overdue, credit.
TOTALS = ("billing_total_due", "billing_total_overdue", "billing_total_credit")


class ResPartner(models.Model):
    """What a customer owes with all below it; head offices have it on their form.

    The same three numbers wherever one reads what is owed: due, overdue, credit.
    """

    _inherit = "res.partner"

    billing_total_due = fields.Monetary(
        string="Consolidated Due",
        compute="_compute_billing_totals",
        groups=GROUPS,
        help="Open receivable of the customer and all customers billed below it, net of open "
        "credits, in the company's currency.",
    )
    billing_total_overdue = fields.Monetary(
        string="Consolidated Overdue",
        compute="_compute_billing_totals",
        groups=GROUPS,
        help="The open debts among it whose due date has passed, before credits.",
    )
    billing_total_credit = fields.Monetary(
        string="Consolidated Credit",
        compute="_compute_billing_totals",
        groups=GROUPS,
        help="The open credits of the customer and all customers billed below it: what is due is "
        "the open debts less these.",
    )
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
        help="The open debts among it whose due date has passed, before credits.",
    )
    head_office_credit = fields.Monetary(
        string="Credit with Branches",
        compute="_compute_head_office_totals",
        groups=GROUPS,
        help="Open credits of the head office and all customers billed below it.",
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
    def _compute_billing_totals(self):
        """Sum the open receivable below each customer: one query, whatever the depth.

        Companies and sign are those of core's ``credit``; archived customers are included, and
        what is booked on their contacts.
        """
        totals = self._get_billing_totals() if self.ids else {}
        for partner in self:
            numbers = totals.get(partner._origin.id, (0.0, 0.0, 0.0))
            for fname, amount in zip(TOTALS, numbers, strict=True):
                partner[fname] = amount

    def _get_billing_totals(self):
        """Return ``{customer id: (due, overdue, credit)}``; who owes nothing is missing."""
        lines = self.env["account.move.line"]
        domain = OPEN_RECEIVABLE & Domain("company_id", "child_of", self.env.company.root_id.id)
        # As core's `credit`: the sum of a customer the user may read, not its items.
        query = lines._search(domain, bypass_access=True)
        lines.flush_model(["amount_residual", "date", "date_maturity", "partner_id"])
        # Customers below, their contacts, and customers in no hierarchy apart: PostgreSQL
        # can't tell how many all together are, and sorts all items for fear of many.
        rows = self.env.execute_query(
            SQL(
                """
                WITH contact AS MATERIALIZED (
                    SELECT link.ancestor_id, partner.id
                      FROM customer_hierarchy_link link
                      JOIN res_partner partner
                        ON partner.commercial_partner_id = link.descendant_id
                       AND partner.parent_id IS NOT NULL
                       AND partner.id != link.descendant_id
                     WHERE link.ancestor_id = ANY(%(ids)s)
                )
                SELECT id, SUM(due), SUM(overdue), SUM(credit)
                  FROM (
                    SELECT link.ancestor_id AS id, %(sums)s
                      FROM %(from_clause)s
                      JOIN customer_hierarchy_link link
                        ON link.descendant_id = account_move_line.partner_id
                     WHERE %(where_clause)s AND link.ancestor_id = ANY(%(ids)s)
                  GROUP BY link.ancestor_id
                     UNION ALL
                    SELECT contact.ancestor_id, %(sums)s
                      FROM %(from_clause)s
                      JOIN contact ON contact.id = account_move_line.partner_id
                     WHERE %(where_clause)s
                  GROUP BY contact.ancestor_id
                     UNION ALL
                    SELECT account_move_line.partner_id, %(sums)s
                      FROM %(from_clause)s
                     WHERE %(where_clause)s AND account_move_line.partner_id IN (
                            SELECT customer.id FROM unnest(%(ids)s::int[]) customer(id)
                             WHERE NOT EXISTS (
                                SELECT FROM customer_hierarchy_link link
                                 WHERE link.ancestor_id = customer.id
                                   AND link.descendant_id = customer.id
                             )
                     )
                  GROUP BY account_move_line.partner_id
                  ) part
              GROUP BY id
                """,
                sums=get_three_numbers("account_move_line", get_today(self.env)),
                ids=self.ids,
                from_clause=query.from_clause,
                where_clause=query.where_clause,
            )
        )
        return {partner_id: numbers for partner_id, *numbers in rows}

    @api.depends_context("company")
    def _compute_head_office_totals(self):
        head_offices = self.filtered("billing_branch_count")
        others = self - head_offices
        others.head_office_due = others.head_office_overdue = others.head_office_credit = 0.0
        for partner in head_offices:
            partner.head_office_due = partner.billing_total_due
            partner.head_office_overdue = partner.billing_total_overdue
            partner.head_office_credit = partner.billing_total_credit

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
        # sudo: branches of the current company, as core's `credit` counts them.
        companies = self.env["res.company"].sudo()
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
                    since=get_today(self.env) - relativedelta(years=1),
                )
            )
        )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.receivable import DEBT, USABLE_CREDIT, get_due_date


class CustomerToSettle(models.Model):
    """Head offices with unspent credit and open invoices of their own or below: one row each.

    By company, in its currency. What counts as a credit and as a debt is what the settlement
    screen offers.
    """

    _name = "customer.to.settle"
    _description = "Head Office to Settle"
    _auto = False
    _rec_name = "payer_id"
    _order = "date_oldest, id"

    payer_id = fields.Many2one("res.partner", string="Head Office", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", string="Currency", readonly=True)
    billing_auto_settle = fields.Boolean(related="payer_id.billing_auto_settle")
    amount_credit = fields.Monetary(
        string="Credit",
        currency_field="company_currency_id",
        readonly=True,
        help="What is unspent of the head office's payments and credit notes.",
    )
    amount_open = fields.Monetary(
        string="Open",
        currency_field="company_currency_id",
        readonly=True,
        help="What is open on its own invoices and those of its branches.",
    )
    debt_count = fields.Integer(string="Open Invoices", readonly=True)
    date_oldest = fields.Date(
        string="Oldest Due", readonly=True, help="The earliest due date of the open invoices."
    )
    amount_settle = fields.Monetary(
        string="Can Be Settled",
        currency_field="company_currency_id",
        compute="_compute_amount_settle",
        help="What automatic settlement would pay now. What the credits of nearer customers cover "
        "is left to them.",
    )

    _depends = {
        "account.move": ["move_type", "payment_state"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "balance",
            "company_id",
            "date",
            "date_maturity",
            "move_id",
            "parent_state",
            "partner_id",
            "reconciled",
            "amount_residual_currency",
            "payment_id",
            "statement_line_id",
        ],
        "account.payment": ["state"],
        "customer.hierarchy.link": ["ancestor_id", "depth", "descendant_id"],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id"],
    }

    @property
    def _table_query(self):
        # Credits first: few customers have any, and only what is owed below these is looked up.
        # Payers and debtors are not joined: the database can't know how many there are, and would
        # compare all with all.
        return SQL(
            """
            WITH payer AS MATERIALIZED (%(payers)s), customer AS MATERIALIZED (%(debtors)s)
            SELECT MIN(part.id) AS id, part.payer_id, part.company_id,
                   company.currency_id AS company_currency_id,
                   SUM(part.credit) AS amount_credit, SUM(part.debt) AS amount_open,
                   SUM(part.debt_count)::int AS debt_count, MIN(part.date_oldest) AS date_oldest
              FROM (
                    SELECT id, customer_id AS payer_id, company_id, credit, NULL::numeric AS debt,
                           0 AS debt_count, NULL::date AS date_oldest, 0 AS depth
                      FROM payer
                 UNION ALL
                    SELECT NULL, link.ancestor_id, customer.company_id, NULL, customer.debt,
                           customer.debt_count, customer.date_oldest, link.depth
                      FROM customer
                      JOIN customer_hierarchy_link link ON link.descendant_id = customer.customer_id
                   ) part
              JOIN res_company company ON company.id = part.company_id
          GROUP BY part.payer_id, part.company_id, company.currency_id
            HAVING SUM(part.credit) > 0 AND SUM(part.debt) FILTER (WHERE part.depth > 0) > 0
            """,
            # What is left of them in the company's currency: core has an index of such items.
            payers=self._get_customers(
                USABLE_CREDIT & Domain("amount_residual", "<", 0.0),
                SQL("SELECT descendant_id FROM customer_hierarchy_link"),
            ),
            debtors=self._get_customers(
                DEBT,
                SQL(
                    """
                    SELECT link.descendant_id
                      FROM payer
                      JOIN customer_hierarchy_link link ON link.ancestor_id = payer.customer_id
                    """
                ),
            ),
        )

    @api.model
    def _get_customers(self, domain, customers):
        """Return the SQL of what each customer has and owes, in each company.

        :param domain: of the credits and debts that count
        :param SQL customers: query of the customers looked at
        """
        # The rules of this model decide what is shown, not those of journal items.
        items = self.env["account.move.line"]._search(domain, bypass_access=True)
        return SQL(
            """
            SELECT MIN(item.id) AS id, item.customer_id, item.company_id,
                   SUM(-item.amount) FILTER (WHERE item.is_credit) AS credit,
                   SUM(item.amount) FILTER (WHERE NOT item.is_credit) AS debt,
                   COUNT(*) FILTER (WHERE NOT item.is_credit) AS debt_count,
                   MIN(item.date_due) FILTER (WHERE NOT item.is_credit) AS date_oldest
              FROM (
                    SELECT account_move_line.id, account_move_line.company_id,
                           partner.commercial_partner_id AS customer_id,
                           account_move_line.amount_residual AS amount,
                           account_move_line.balance < 0 AS is_credit,
                           %(date_due)s AS date_due
                      FROM %(from_clause)s
                      JOIN res_partner partner ON partner.id = account_move_line.partner_id
                     WHERE %(where_clause)s
                       AND account_move_line.company_id = ANY(%(company_ids)s)
                       AND partner.commercial_partner_id IN (%(customers)s)
                   ) item
          GROUP BY item.customer_id, item.company_id
            """,
            date_due=get_due_date("account_move_line"),
            from_clause=items.from_clause,
            where_clause=items.where_clause,
            company_ids=self.env.companies.ids,
            customers=customers,
        )

    def _compute_amount_settle(self):
        """Let nearer customers' credits pay theirs, then the head office what is left.

        By the sums of each customer: it does not matter here which of its invoices are paid.
        """
        families = self._read_families()
        links = self.env["customer.hierarchy.link"]
        paths = links._get_ancestors([row[1] for rows in families.values() for row in rows])
        for waiting in self:
            rows = families[waiting.payer_id.id, waiting.company_id.id]
            nearer = {row[1]: row[2] or 0.0 for row in rows if row[1] != row[0]}
            left = 0.0
            # From the leaves up: each debt finds the nearest credit first.
            for _payer_id, customer_id, _credit, debt in sorted(
                rows, key=lambda row: -len(paths[row[1]])
            ):
                debt = debt or 0.0
                for id_ in paths[customer_id]:
                    used = min(debt, nearer.get(id_, 0.0))
                    nearer[id_] = nearer.get(id_, 0.0) - used
                    debt -= used
                left += debt
            currency = waiting.company_currency_id
            waiting.amount_settle = currency.round(min(waiting.amount_credit, left))

    def _read_families(self):
        """Return ``{(payer id, company id): [(payer id, customer id, its credit, its debt)]}``."""
        families = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                WITH customer AS MATERIALIZED (%(customers)s)
                SELECT link.ancestor_id, customer.customer_id, customer.credit, customer.debt,
                       customer.company_id
                  FROM customer_hierarchy_link link
                  JOIN customer ON customer.customer_id = link.descendant_id
                 WHERE link.ancestor_id = ANY(%(payer_ids)s)
                """,
                customers=self._get_customers(
                    USABLE_CREDIT | self.env["res.partner"]._get_auto_settle_debts(),
                    SQL(
                        "SELECT descendant_id FROM customer_hierarchy_link"
                        " WHERE ancestor_id = ANY(%s)",
                        self.payer_id.ids,
                    ),
                ),
                payer_ids=self.payer_id.ids,
            )
        )
        for *row, company_id in rows:
            families[row[0], company_id].append(row)
        return families

    def action_settle(self):
        """Open the settlement screen of this head office, in its company."""
        self.ensure_one()
        payer = self.payer_id.with_company(self.company_id)
        return payer.env["customer.settlement.wizard"]._open(payer, self.company_id)

    def action_settle_all(self):
        """Show what automatic settlement would do with these, to be posted at once."""
        batch = self.env["customer.settlement.batch"]._create_for(self)
        return batch._get_records_action(name=self.env._("Settle"), target="new")

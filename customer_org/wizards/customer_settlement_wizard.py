# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..models.receivable import get_unusable_reason
from ..models.settlement.allocation import allocate_in_order, allocate_pro_rata


class CustomerSettlementWizard(models.TransientModel):
    """All open credits and invoices of a hierarchy in one grid, and what shall pay what.

    Takes: a payer, the customer whose credits are used; maybe some documents of it.

    Use: :meth:`_open`; change policy and filters and :meth:`action_propose`, or type amounts;
    :meth:`action_preview` shows the journal items, :meth:`action_post` posts them. What the grid
    says is what is posted: policies only fill in the amounts.

    How it works: one statement each loads and fills the lines, whatever their number. The plan
    (:class:`settlement_plan.SettlementPlan`) is made for the preview, again when posting, and
    for the proposal where several currencies or accounts leave the amounts to core's arithmetic.
    """

    _name = "customer.settlement.wizard"
    _description = "Settle Branches' Invoices"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        required=True,
        domain="[('billing_child_ids', '!=', False)]",
        help="The customer whose credits pay. Its own invoices and those of all customers billed "
        "below it can be paid.",
    )
    credit_move_ids = fields.Many2many(
        "account.move", "customer_settlement_wizard_credit_move_rel", readonly=True
    )
    debt_move_ids = fields.Many2many(
        "account.move", "customer_settlement_wizard_debt_move_rel", readonly=True
    )
    policy = fields.Selection(
        [
            ("oldest", "Oldest due first"),
            ("own", "Own invoices first"),
            ("pro_rata", "Pro rata"),
            ("manual", "Manual"),
        ],
        required=True,
        default="oldest",
        help="Oldest due first: whatever the customer, the earliest due date is paid first.\n"
        "Own invoices first: the head office's own invoices, then those of its branches.\n"
        "Pro rata: every invoice gets the same share of what is open.\n"
        "Manual: only the amounts that you type.",
    )
    branch_ids = fields.Many2many(
        "res.partner",
        string="Only Branches",
        domain="[('billing_ancestor_link_ids.ancestor_id', '=', payer_id)]",
        context={"active_test": False},
        help="Pay only invoices of these customers and of those billed below them.",
    )
    date_due_until = fields.Date(
        string="Due Until", help="Pay only invoices that are due by this day."
    )
    state = fields.Selection(
        [("amounts", "Amounts"), ("preview", "Preview")], required=True, default="amounts"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    credit_ids = fields.One2many(
        "customer.settlement.wizard.line", "wizard_id", domain=[("kind", "=", "credit")]
    )
    debt_ids = fields.One2many(
        "customer.settlement.wizard.line",
        "wizard_id",
        domain=[("kind", "=", "debt"), ("in_scope", "=", True)],
    )
    skipped_ids = fields.One2many(
        "customer.settlement.wizard.line", "wizard_id", domain=[("reason", "!=", False)]
    )
    leg_ids = fields.One2many("customer.settlement.wizard.leg", "wizard_id", readonly=True)
    amount_available = fields.Monetary(string="Chosen Credit", compute="_compute_totals")
    amount_allocated = fields.Monetary(string="Allocated", compute="_compute_totals")
    amount_left = fields.Monetary(string="Left", compute="_compute_totals")

    @api.depends("payer_id")
    def _compute_display_name(self):
        for wizard in self:
            payer = wizard.payer_id.display_name
            wizard.display_name = (
                self.env._("Settle Credits of %s", payer) if payer else self.env._("New Settlement")
            )

    @api.depends("credit_ids.selected", "debt_ids.amount")
    def _compute_totals(self):
        for wizard in self:
            wizard.update(wizard._get_totals())

    def _get_totals(self, changes=None):
        """Return the totals of the saved lines, as if ``changes`` were saved too.

        :param dict changes: ``{line id: values}``
        """
        self.ensure_one()
        changes = changes or {}
        self.env["customer.settlement.wizard.line"].flush_model()
        in_total = SQL(
            "CASE WHEN currency_id = %s THEN 1"
            " ELSE amount_open_company / NULLIF(amount_open, 0) END",
            self.currency_id.id or None,
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT SUM(amount_open * %(in_total)s) FILTER (WHERE kind = 'credit' AND selected),
                       SUM(amount * %(in_total)s) FILTER (WHERE kind = 'debt')
                  FROM customer_settlement_wizard_line
                 WHERE wizard_id = %(wizard_id)s
                   AND kind IN ('credit', 'debt')
                   AND NOT id = ANY(%(changed)s)
                """,
                in_total=in_total,
                wizard_id=self._origin.id or 0,
                changed=list(changes),
            )
        )
        available, allocated = (amount or 0.0 for amount in rows[0])
        for line in self.env["customer.settlement.wizard.line"].browse(changes):
            values = {"amount": line.amount, "selected": line.selected, **changes[line.id]}
            if line.kind == "debt":
                allocated += line._convert(values["amount"])
            elif values["selected"]:
                available += line._convert(line.amount_open)
        currency = self.currency_id or self.company_id.currency_id
        available, allocated = currency.round(available), currency.round(allocated)
        return {
            "amount_available": available,
            "amount_allocated": allocated,
            "amount_left": currency.round(available - allocated),
        }

    def onchange(self, values, field_names, fields_spec):
        """Answer a typed amount or a chosen credit with the totals alone.

        The ordinary way compares all lines before and after: seconds where there are thousands.
        """
        if self and field_names and set(field_names) <= {"credit_ids", "debt_ids"}:
            self.check_access("write")
            changes = {
                command[1]: command[2]
                for fname in ("credit_ids", "debt_ids")
                for command in values.get(fname) or []
                if command[0] == Command.UPDATE
            }
            return {"value": self._get_totals(changes)}
        return super().onchange(values, field_names, fields_spec)

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    @api.private
    def _open(self, payer, company=None, credit_moves=None, debt_moves=None):
        """Return the action that shows the wizard.

        :param payer: the customer whose credits pay
        :param company: whose documents are settled, the current one by default
        :param credit_moves: the documents whose credits are chosen at first; all of the payer's
        :param debt_moves: the documents that may be paid; all of the hierarchy's
        :raises UserError: if the customer is in no hierarchy
        """
        wizard = self.create(
            {
                "payer_id": payer.commercial_partner_id.id,
                "company_id": (company or self.env.company).id,
                "credit_move_ids": [Command.set(credit_moves.ids if credit_moves else [])],
                "debt_move_ids": [Command.set(debt_moves.ids if debt_moves else [])],
            }
        )
        return wizard._get_records_action(name=self.env._("Settle Branches' Invoices"))

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._load()
        return wizards

    def _load(self):
        """Load the open items as they are now, and propose amounts."""
        self.ensure_one()
        self.company_id._check_own_company()
        self.payer_id.check_access("read")
        path = self.env["customer.hierarchy.link"]._get_ancestors(self.payer_id.ids)
        if not path:
            raise UserError(
                self.env._(
                    "%s has no billing parent and no branches, so there is nothing to settle. "
                    "Choose a customer of a billing hierarchy.",
                    self.payer_id.display_name,
                )
            )
        # The lines are copies without a meaning of their own: nobody else refers to them.
        self.env.cr.execute(
            SQL("DELETE FROM customer_settlement_wizard_line WHERE wizard_id = %s", self.id)
        )
        self._insert_lines(path[self.payer_id.id])
        self.invalidate_recordset()
        currency_ids = [
            currency_id
            for (currency_id,) in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT currency_id FROM customer_settlement_wizard_line
                     WHERE wizard_id = %s AND kind IN ('credit', 'debt')
                    """,
                    self.id,
                )
            )
        ]
        company_currency = self.company_id.currency_id
        self.currency_id = currency_ids[0] if len(currency_ids) == 1 else company_currency
        self._propose()

    def _get_candidate_domain(self, path):
        """Domain of the journal items that are offered, or shown with the reason why not."""
        own = Domain("partner_id", "in", self._get_contact_ids(path[:1]))
        below = Domain(
            "partner_id.commercial_partner_id.billing_ancestor_link_ids.ancestor_id",
            "=",
            self.payer_id.id,
        )
        above = Domain("partner_id", "in", self._get_contact_ids(path[1:])) & Domain(
            "balance", "<", 0.0
        )
        open_items = Domain(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "in", ("draft", "posted")),
                ("reconciled", "=", False),
                ("move_id.customer_settlement_id", "=", False),
            ]
        )
        if not self.debt_move_ids:
            return open_items & (own | below | above)
        chosen = Domain("move_id", "in", (self.debt_move_ids | self.credit_move_ids).ids) & Domain(
            "account_type", "in", ("asset_receivable", "liability_payable")
        )
        credits = (own | above) & Domain("balance", "<", 0.0)
        return chosen | (open_items & credits)

    def _get_contact_ids(self, customer_ids):
        partners = self.env["res.partner"].with_context(active_test=False)
        return partners.search([("commercial_partner_id", "in", customer_ids)]).ids

    def _insert_lines(self, path):
        """Insert one line per candidate: one statement, under the user's record rules."""
        items = self.env["account.move.line"].with_context(active_test=False)
        items.flush_model()
        self.env["account.move"].flush_model(["payment_state", "move_type"])
        self.env["account.payment"].flush_model(["state"])
        query = items._search(self._get_candidate_domain(path))
        reason = SQL(
            """
            CASE WHEN account_move_line.company_id != %(company_id)s THEN 'company'
                 ELSE COALESCE(%(unusable)s, CASE
                     WHEN account_move_line.balance < 0
                          AND customer.commercial_partner_id != ALL(%(path)s) THEN 'branch_credit'
                     WHEN account_move_line.balance > 0 AND below.id IS NULL THEN 'hierarchy'
                 END)
            END
            """,
            company_id=self.company_id.id,
            unusable=get_unusable_reason("account_move_line", "move", "payment"),
            path=path,
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_settlement_wizard_line
                            (create_uid, create_date, wizard_id, move_line_id, partner_id,
                             currency_id, date, date_maturity, amount_open, amount_open_company,
                             amount, reason, kind, in_scope, is_own, selected)
                SELECT %(uid)s, %(now)s, %(wizard_id)s, item.id, item.customer_id,
                       item.currency_id, item.date, COALESCE(item.date_maturity, item.date),
                       item.amount_open, item.amount_open_company,
                       0,
                       CASE WHEN item.reason IS NULL AND item.balance > 0 THEN 'no_credit'
                            ELSE item.reason
                       END,
                       CASE WHEN item.reason IS NOT NULL THEN 'skipped'
                            WHEN item.balance > 0 THEN 'debt'
                            ELSE 'credit'
                       END,
                       TRUE,
                       item.customer_id = %(payer_id)s,
                       item.reason IS NULL AND item.balance < 0 AND %(selected)s
                  FROM (
                        SELECT account_move_line.id, account_move_line.move_id,
                               customer.commercial_partner_id AS customer_id,
                               account_move_line.currency_id, account_move_line.date,
                               account_move_line.date_maturity, account_move_line.balance,
                               ABS(account_move_line.amount_residual_currency) AS amount_open,
                               ABS(account_move_line.amount_residual) AS amount_open_company,
                               %(reason)s AS reason
                          FROM %(from_clause)s
                          JOIN account_move move ON move.id = account_move_line.move_id
                          JOIN res_partner customer ON customer.id = account_move_line.partner_id
                     LEFT JOIN account_payment payment
                            ON payment.id = account_move_line.payment_id
                     LEFT JOIN customer_hierarchy_link below
                            ON below.ancestor_id = %(payer_id)s
                           AND below.descendant_id = customer.commercial_partner_id
                         WHERE %(where_clause)s
                  ) item
                """,
                uid=self.env.uid,
                now=self.env.cr.now(),
                wizard_id=self.id,
                payer_id=self.payer_id.id,
                selected=SQL("item.move_id IN %s", tuple(self.credit_move_ids.ids))
                if self.credit_move_ids
                else SQL("item.customer_id = %s", self.payer_id.id),
                reason=reason,
                from_clause=query.from_clause,
                where_clause=query.where_clause or SQL("TRUE"),
            )
        )

    # ------------------------------------------------------------------
    # Proposing amounts
    # ------------------------------------------------------------------

    def action_propose(self):
        """Fill in the amounts by the policy, for the invoices that the filters leave."""
        self._propose()

    def action_refresh(self):
        """Load the open items again, and propose amounts anew."""
        self._load()

    def _propose(self):
        self.ensure_one()
        self._apply_filters()
        if self.policy != "manual":
            if self._has_one_ledger():
                amounts = self._allocate()
            else:
                amounts = self._allocate_by_plan()
            self._write_amounts(amounts)
        self._explain_unpaid()
        self.leg_ids.unlink()
        self.state = "amounts"

    def _apply_filters(self):
        """Mark the invoices that the filters leave; what they hide is not paid."""
        self.env.flush_all()
        in_scope = [SQL("TRUE")]
        if self.date_due_until:
            in_scope.append(SQL("date_maturity <= %s", self.date_due_until))
        if self.branch_ids:
            in_scope.append(
                SQL(
                    """
                    partner_id IN (
                        SELECT descendant_id FROM customer_hierarchy_link WHERE ancestor_id IN %s
                    )
                    """,
                    tuple(self.branch_ids.ids),
                )
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_settlement_wizard_line line
                   SET in_scope = scope.in_scope,
                       amount = CASE WHEN scope.in_scope THEN line.amount ELSE 0 END
                  FROM (
                        SELECT id, %s AS in_scope
                          FROM customer_settlement_wizard_line
                         WHERE wizard_id = %s AND kind = 'debt'
                  ) scope
                 WHERE line.id = scope.id AND line.in_scope != scope.in_scope
                """,
                SQL(" AND ").join(in_scope),
                self.id,
            )
        )
        self._invalidate_lines()

    def _has_one_ledger(self):
        """Whether amounts can just be added up: one currency, and the payer has one account."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(DISTINCT line.currency_id) > 1
                       OR COUNT(DISTINCT item.account_id) FILTER (WHERE line.is_own) > 1
                  FROM customer_settlement_wizard_line line
                  JOIN account_move_line item ON item.id = line.move_line_id
                 WHERE line.wizard_id = %s
                   AND ((line.kind = 'credit' AND line.selected)
                        OR (line.kind = 'debt' AND line.in_scope))
                """,
                self.id,
            )
        )
        return not rows[0][0]

    def _allocate(self):
        """Return ``{line id: amount}`` for lines of one currency."""
        debts = self._fetch_debts()
        covered = {line.id: line._convert(part) for line, part in self._get_covered().items()}
        amounts = [amount - covered.get(line_id, 0.0) for line_id, amount in debts]
        available = self._get_totals()["amount_available"]
        allocate = allocate_pro_rata if self.policy == "pro_rata" else allocate_in_order
        parts = allocate(available, amounts, self.currency_id.rounding)
        return {line_id: part for (line_id, _amount), part in zip(debts, parts, strict=True)}

    def _get_covered(self):
        """Return ``{line: amount}`` of the invoices that credits nearer than the chosen will pay.

        In the invoice's currency; nobody has matched them yet, but they were sent for these.
        """
        debts = {line.move_line_id: line for line in self.debt_ids}
        items = self.env["account.move.line"].union(*debts)
        nearer = items._find_nearer_credits(self._get_chosen_credits().partner_id)
        covered = items._get_covered_amounts(nearer)
        return {debts[item]: amount for item, amount in covered.items()}

    def _fetch_debts(self):
        """Return ``(line id, open amount in the wizard's currency)``, first to be paid first."""
        own_first = SQL("is_own DESC,") if self.policy == "own" else SQL()
        in_total = SQL(
            "CASE WHEN currency_id = %s THEN amount_open ELSE amount_open_company END",
            self.currency_id.id,
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT id, %s FROM customer_settlement_wizard_line
                 WHERE wizard_id = %s AND kind = 'debt' AND in_scope
              ORDER BY %s date_maturity, move_line_id
                """,
                in_total,
                self.id,
                own_first,
            )
        )

    def _allocate_by_plan(self):
        """Return ``{line id: amount}`` that the plan can really pay, by core's own arithmetic."""
        lines = {line.move_line_id: line for line in self.debt_ids}
        limits = {
            line.move_line_id: line.amount_open - amount
            for line, amount in self._get_covered().items()
        }
        if self.policy == "pro_rata":
            parts = self._allocate()
            for item, line in lines.items():
                share = parts[line.id] / line._convert(line.amount_open)
                limits[item] = line.currency_id.round(line.amount_open * share)
        items = [
            item
            for item in lines
            if item not in limits or not item.currency_id.is_zero(limits[item])
        ]
        paid = self._get_paid(self._plan(self.env["account.move.line"].union(*items), limits))
        return {
            line.id: line.currency_id.round(paid.get(item, 0.0)) for item, line in lines.items()
        }

    def _write_amounts(self, amounts):
        """Store ``{line id: amount}``: one statement for thousands of lines."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_settlement_wizard_line line
                   SET amount = proposal.amount,
                       reason = CASE WHEN proposal.amount > 0 THEN NULL ELSE line.reason END
                  FROM (SELECT unnest(%s::int[]) AS id, unnest(%s::numeric[]) AS amount) proposal
                 WHERE line.id = proposal.id AND line.amount IS DISTINCT FROM proposal.amount
                """,
                list(amounts),
                list(amounts.values()),
            )
        )
        self._invalidate_lines()

    def _explain_unpaid(self):
        """Say of each invoice that gets nothing why that is so."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_settlement_wizard_line
                   SET reason = %(reason)s
                 WHERE wizard_id = %(wizard_id)s
                   AND kind = 'debt'
                   AND reason IS DISTINCT FROM %(reason)s
                """,
                wizard_id=self.id,
                reason=SQL(
                    """
                    CASE WHEN amount > 0 THEN NULL WHEN NOT in_scope THEN 'filtered' ELSE %s END
                    """,
                    "no_amount" if self._get_totals()["amount_left"] > 0 else "no_credit",
                ),
            )
        )
        self._invalidate_lines()

    def _invalidate_lines(self):
        self.env["customer.settlement.wizard.line"].invalidate_model(flush=False)
        self.invalidate_recordset(flush=False)

    # ------------------------------------------------------------------
    # Previewing and posting
    # ------------------------------------------------------------------

    def action_preview(self):
        """Show the journal items that posting makes, and what is skipped."""
        self.ensure_one()
        matches = self._plan_checked()
        self._explain_unpaid()
        self.leg_ids.unlink()
        self.env["customer.settlement.wizard.leg"]._create_preview(self, matches)
        self.state = "preview"

    def action_back(self):
        """Return to the amounts."""
        self.state = "amounts"

    def action_post(self):
        """Post the settlement of the amounts in the grid and open it.

        :raises UserError: if amounts exceed what is open or the chosen credit, or if documents
            changed meanwhile; nothing is posted then
        """
        self.ensure_one()
        self.env["account.partial.reconcile"].check_access("create")
        settlements = self.env["customer.settlement"]
        of_credits = [
            ("line_ids.credit_line_id", "in", self._get_chosen_credits().move_line_id.ids)
        ]
        matches = self._plan_checked()
        former = settlements.search(of_credits)
        settlements._settle(matches)
        return self._open_result(settlements.search(of_credits) - former, matches)

    def _open_result(self, settlements, matches):
        if settlements:
            return settlements._get_records_action(name=self.env._("Settlements"))
        paid = self.env["account.move"].union(*(match.debt.line.move_id for match in matches))
        return paid._get_records_action(name=self.env._("Settled Invoices"))

    def _get_chosen_credits(self):
        return self.credit_ids.filtered("selected")

    def _get_paid_lines(self):
        return self.env["customer.settlement.wizard.line"].search(
            [("wizard_id", "=", self.id), ("kind", "=", "debt"), ("amount", ">", 0.0)]
        )

    def _plan_checked(self):
        """Return the matches of just the amounts in the grid, after locking their items."""
        lines = self._get_paid_lines()
        credits = self._get_chosen_credits()
        if not lines or not credits:
            raise UserError(
                self.env._(
                    "Nothing to settle yet. Choose at least one credit and type an amount for at "
                    "least one invoice."
                )
            )
        (lines | credits).move_line_id._lock_open_items()
        (lines | credits)._check_unchanged()
        self._check_against_ledger((lines | credits).move_line_id)
        self._check_credit_suffices()
        items = lines.move_line_id
        limits = {line.move_line_id: line.amount for line in lines}
        matches = self._plan(items, limits)
        paid = self._get_paid(matches)
        short = lines.filtered(
            lambda line: line.currency_id.compare_amounts(
                paid.get(line.move_line_id, 0.0), line.amount
            )
        )
        if short:
            line = short[0]
            raise UserError(
                self.env._(
                    "The chosen credits can pay only %(paid)s of the %(amount)s typed for "
                    "%(document)s, because of their currency or account. Choose another credit "
                    "or a smaller amount.",
                    paid=line.currency_id.format(paid.get(line.move_line_id, 0.0)),
                    amount=line.currency_id.format(line.amount),
                    document=line.move_id.display_name,
                )
            )
        return matches

    def _check_against_ledger(self, items):
        """Check customers and company of what is settled: the lines of a screen are no proof."""
        self.company_id._check_own_company()
        items.check_access("read")
        self.env["customer.hierarchy.link"]._check_payer(self.payer_id, items)
        if foreign := items.filtered(lambda item: item.company_id != self.company_id):
            raise UserError(
                self.env._(
                    "%s belongs to another company. Settle it there.",
                    foreign[0].move_id.display_name,
                )
            )

    def _check_credit_suffices(self):
        totals = self._get_totals()
        # Across currencies the plan knows better: see what is paid in the end.
        if (
            self._has_one_ledger()
            and self.currency_id.compare_amounts(totals["amount_left"], 0) < 0
        ):
            raise UserError(
                self.env._(
                    "The amounts exceed the chosen credit by %s. Type smaller amounts or choose "
                    "another credit.",
                    self.currency_id.format(-totals["amount_left"]),
                )
            )

    def _plan(self, items, limits):
        order = None
        if self.policy == "own":
            order = self._get_own_first
        items |= self._get_chosen_credits().move_line_id
        return items._plan_limited_settlement(limits, order)

    def _get_own_first(self, item):
        return item.customer_id != self.payer_id.id

    @staticmethod
    def _get_paid(matches):
        """Return ``{debt: amount in its own currency that the matches settle}``."""
        paid = defaultdict(float)
        for match in matches:
            paid[match.debt.line] += match.debt_paid[1]
        return paid

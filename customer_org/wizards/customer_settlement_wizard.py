# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .settlement_grid import SettlementGrid

# What fills in the amounts anew, and what asks for other documents.
REFILL = {"policy", "branch_ids", "date_due_until"}
RELOAD = {"payer_id", "company_id", "credit_move_ids", "debt_move_ids"}


class CustomerSettlementWizard(models.TransientModel):
    """All open credits and invoices of a hierarchy in one grid, and what shall pay what.

    Takes: a payer, the customer whose credits are used; maybe some documents of it.

    Use: :meth:`_open`; change policy, filters, credits and amounts; :meth:`action_post`. Whatever
    changes policy, filters or chosen credits, by whatever path, fills in the amounts anew, save
    those that somebody typed: what the grid says is what is posted, at every moment.

    How it works: :class:`settlement_grid.SettlementGrid` owns the lines. The plan
    (:class:`settlement_plan.SettlementPlan`) is made for the preview, again when posting, and
    for the proposal where several currencies or accounts leave the amounts to core's arithmetic.
    """

    _name = "customer.settlement.wizard"
    _description = "Settle"

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
                self.env._("Settle with credits of %s", payer) if payer else self.env._("Settle")
            )

    @api.depends("credit_ids.selected", "debt_ids.amount")
    def _compute_totals(self):
        for wizard in self:
            grid = SettlementGrid(wizard)
            grid.read_lines()
            wizard.update(grid.get_totals())

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    @api.private
    def _open(self, payer, company=None, credit_moves=None, debt_moves=None, branches=None):
        """Return the action that shows the wizard.

        :param payer: the customer whose credits pay
        :param company: whose documents are settled, the current one by default
        :param credit_moves: the documents whose credits are chosen at first; all of the payer's
        :param debt_moves: the documents that may be paid; all of the hierarchy's
        :param branches: the customers whose invoices are shown at first; all of the hierarchy
        :raises UserError: if the customer is in no hierarchy
        """
        wizard = self.create(
            {
                "payer_id": payer.commercial_partner_id.id,
                "company_id": (company or self.env.company).id,
                "credit_move_ids": [Command.set(credit_moves.ids if credit_moves else [])],
                "debt_move_ids": [Command.set(debt_moves.ids if debt_moves else [])],
                "branch_ids": [Command.set(branches.ids if branches else [])],
            }
        )
        return wizard._get_records_action(name=wizard.display_name)

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._load()
        return wizards

    def write(self, vals):
        """Fill in the amounts anew where something changes that they follow.

        Amounts written at the same time are typed for what is filled in then.
        """
        lines = {name: vals[name] for name in ("credit_ids", "debt_ids") if name in vals}
        others = {name: value for name, value in vals.items() if name not in lines}
        result = super().write(others) if others else True
        for wizard in self:
            if RELOAD & others.keys():
                wizard._load()
            elif REFILL & others.keys():
                wizard._refill()
        for name in ("credit_ids", "debt_ids"):
            if lines.get(name):
                result = super().write({name: lines[name]})
        return result

    def _load(self):
        """Load the open items as they are now, and fill in the amounts."""
        self.ensure_one()
        self.company_id._check_own_company()
        self.payer_id.check_access("read")
        if not self._get_path():
            raise UserError(
                self.env._(
                    "%s has no billing parent and no branches, so there is nothing to settle. "
                    "Choose a customer of a billing hierarchy.",
                    self.payer_id.display_name,
                )
            )
        SettlementGrid(self).load()
        self._forget_preview()

    def _refill(self):
        for wizard in self:
            SettlementGrid(wizard).refill()
            wizard._forget_preview()

    def _forget_preview(self):
        for wizard in self:
            if wizard.leg_ids or wizard.state != "amounts":
                wizard.leg_ids.unlink()
                wizard.state = "amounts"

    def _get_path(self):
        """Return the ids of the payer and of those above it, nearest first."""
        payer = self.payer_id._origin
        return self.env["customer.hierarchy.link"]._get_ancestors(payer.ids).get(payer.id)

    def _get_candidate_domain(self):
        """Domain of the journal items that are offered, or shown with the reason why not."""
        path = self._get_path()
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
            customers = self.env["customer.hierarchy.link"]._get_customers_below(path[:1])
            own_or_below = Domain("partner_id", "in", self._get_contact_ids(customers))
            return open_items & (own_or_below | above)
        chosen = Domain("move_id", "in", (self.debt_move_ids | self.credit_move_ids).ids) & Domain(
            "account_type", "in", ("asset_receivable", "liability_payable")
        )
        own = Domain("partner_id", "in", self._get_contact_ids(path[:1]))
        credits = (own | above) & Domain("balance", "<", 0.0)
        return chosen | (open_items & credits)

    def _get_contact_ids(self, customer_ids):
        partners = self.env["res.partner"].with_context(active_test=False)
        return partners.search([("commercial_partner_id", "in", customer_ids)]).ids

    # ------------------------------------------------------------------
    # Filling in
    # ------------------------------------------------------------------

    def action_propose(self):
        """Fill in all amounts by the policy, also those that were typed."""
        for wizard in self:
            SettlementGrid(wizard).forget_typed()
        self._refill()

    def action_clear(self):
        """Take all amounts away, to start with an empty grid."""
        self.policy = "manual"
        self.action_propose()

    def action_refresh(self):
        """Load the open items again, and fill in the amounts anew."""
        for wizard in self:
            wizard._load()

    # ------------------------------------------------------------------
    # Previewing and posting
    # ------------------------------------------------------------------

    def action_preview(self):
        """Show the journal items that posting makes, and what is skipped."""
        self.ensure_one()
        matches = self._plan_checked()
        SettlementGrid(self).store_reasons()
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
        settlements, matches = self._post_amounts()
        if settlements:
            return settlements._get_records_action(name=self.env._("Settlements"))
        paid = self.env["account.move"].union(*(match.debt.line.move_id for match in matches))
        return paid._get_records_action(name=self.env._("Settled Invoices"))

    def _post_amounts(self):
        """Post the amounts in the grid; return the settlements and the matches."""
        self.ensure_one()
        self.env["account.partial.reconcile"].check_access("create")
        settlements = self.env["customer.settlement"]
        of_credits = [
            ("line_ids.credit_line_id", "in", self._get_chosen_credits().move_line_id.ids)
        ]
        matches = self._plan_checked()
        former = settlements.search(of_credits)
        settlements._settle(matches)
        return settlements.search(of_credits) - former, matches

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
        self._check_ledger(lines | credits)
        self._check_credit_suffices()
        limits = {line.move_line_id.id: line.amount for line in lines}
        matches = self._plan((lines | credits).move_line_id.ids, limits)
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

    def _check_ledger(self, lines):
        """Compare lines with the ledger: who wrote them, and when, does not matter.

        :raises UserError: if documents were paid, blocked, cancelled… since they were loaded, or
            are none of this hierarchy and company
        """
        self.company_id._check_own_company()
        items = lines.move_line_id
        items.check_access("read")
        self.env["customer.hierarchy.link"]._check_payer(self.payer_id, items)
        rows = {row.item_id: row for row in SettlementGrid(self).fetch_candidates(items.ids)}
        changed = lines.filtered(lambda line: not line._is_as_in(rows.get(line.move_line_id.id)))
        if changed:
            # sudo: the name of a document that the user has chosen.
            names = changed.sudo().move_id.mapped("display_name")
            raise UserError(
                self.env._(
                    "These documents have changed since they were loaded: %s. Press Refresh to "
                    "see what is open now, then settle again.",
                    ", ".join(names[:5]) + (", …" if len(names) > 5 else ""),
                )
            )

    def _check_credit_suffices(self):
        grid = SettlementGrid(self)
        grid.read_lines()
        left = grid.get_totals()["amount_left"]
        # Across currencies the plan knows better: see what is paid in the end.
        if grid.has_one_ledger() and self.currency_id.compare_amounts(left, 0.0) < 0:
            raise UserError(
                self.env._(
                    "The amounts exceed the chosen credit by %s. Type smaller amounts or choose "
                    "another credit.",
                    self.currency_id.format(-left),
                )
            )

    def _plan(self, item_ids, limits, get_order=None):
        """Match these journal items up to their limits; see :meth:`_plan_limited_settlement`.

        :param dict limits: ``{item id: most that is settled of it}``
        :param get_order: what comes first, before the order of the policy
        """
        items = self.env["account.move.line"].browse(item_ids)
        payer_id = self.payer_id.id

        def order(item):
            is_later = self.policy == "own" and item.customer_id != payer_id
            return (get_order(item) if get_order else False, is_later)

        limits = {items.browse(item_id): limit for item_id, limit in limits.items()}
        return items._plan_limited_settlement(limits, order)

    @staticmethod
    def _get_paid(matches):
        """Return ``{debt: amount in its own currency that the matches settle}``."""
        paid = defaultdict(float)
        for match in matches:
            paid[match.debt.line] += match.debt_paid[1]
        return paid

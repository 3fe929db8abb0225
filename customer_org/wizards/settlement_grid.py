# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lines of a settlement wizard: what is loaded, what pays what, and why the rest is left out.

Takes a ``customer.settlement.wizard``. Use :meth:`SettlementGrid.load` for the open items as they
are now and :meth:`SettlementGrid.refill` after policy, filters or credits changed: both fill in
the amounts and store them, so that what is stored is always what the wizard's choices say. With
:meth:`SettlementGrid.fill` they are filled in, but not stored.

How it works: one statement reads the rows, plain Python allocates, one statement stores what
changed, whatever the number of lines. Where items of several currencies or accounts meet, the
amounts come from the plan that posts them.
"""

from collections import defaultdict

from odoo.tools import SQL

from ..models.settlement.allocation import allocate_in_order, allocate_pro_rata
from .settlement_grid_store import GridStore


class SettlementGrid(GridStore):
    """The lines of one wizard: loaded, filled in, typed."""

    # ------------------------------------------------------------------
    # Loading and storing
    # ------------------------------------------------------------------

    def load(self):
        """Replace the lines by the open items as they are now, with amounts filled in."""
        self.env.cr.execute(
            SQL("DELETE FROM customer_settlement_wizard_line WHERE wizard_id = %s", self.wizard_id)
        )
        self.rows = self.fetch_candidates()
        currency_ids = {row.currency_id for row in self.rows if row.kind != "skipped"}
        company_currency = self.wizard.company_id.currency_id
        self.currency = (
            company_currency.browse(currency_ids) if len(currency_ids) == 1 else company_currency
        )
        self.wizard.currency_id = self.currency
        self.fill()
        self._insert()
        self._invalidate()

    def refill(self):
        """Fill in the amounts anew; those that somebody typed stay."""
        self.read_lines()
        before = {row.id: row.stored for row in self.rows}
        self.fill()
        self._update([row for row in self.rows if row.stored != before[row.id]])
        self._invalidate()

    def apply_amounts(self, changes):
        """Take amounts that are not saved yet."""
        for row in self.rows:
            row.amount = changes.get(row.id, {}).get("amount", row.amount)

    def type_amounts(self, amounts):
        """Store ``{line id: amount}`` as typed by a person: one statement."""
        for row in self.rows:
            if row.id in amounts:
                row.amount_typed = row.amount = amounts[row.id]
        self._update([row for row in self.rows if row.id in amounts])
        self._remember_typed(list(amounts))
        self._invalidate()

    def store_reasons(self):
        """Store why invoices get nothing, after amounts were typed."""
        self.read_lines()
        before = {row.id: row.stored for row in self.rows}
        self.explain()
        self._update([row for row in self.rows if row.stored != before[row.id]])
        self._invalidate()

    # ------------------------------------------------------------------
    # Filling in
    # ------------------------------------------------------------------

    def fill(self):
        """Give each row its amount by policy and filters, and the reason where it gets none."""
        debts = [row for row in self.rows if row.kind == "debt"]
        self._apply_filters(debts)
        for row in debts:
            row.amount = (row.amount_typed or 0.0) if row.in_scope else 0.0
        free = [row for row in debts if row.in_scope and row.amount_typed is None]
        covered = set()
        if free and self.wizard.policy != "manual":
            allocate = self._allocate if self.has_one_ledger() else self._allocate_by_plan
            covered = allocate(debts, free)
        self.explain(covered)

    def _apply_filters(self, debts):
        """Mark the invoices that the filters leave; what they hide is not paid."""
        until = self.wizard.date_due_until
        branches = self.wizard.branch_ids._origin
        below = self.env["customer.hierarchy.link"]._get_customers_below(branches.ids)
        for row in debts:
            row.in_scope = not (
                (until and row.date_maturity > until) or (branches and row.customer_id not in below)
            )

    @property
    def chosen(self):
        """The credits in use."""
        return [row for row in self.rows if row.kind == "credit" and row.selected]

    def has_one_ledger(self):
        """Whether amounts can just be added up: one currency, one account a customer."""
        credits = self.chosen
        debts = [row for row in self.rows if row.kind == "debt" and row.in_scope]
        creditors = {row.customer_id for row in credits}
        accounts = defaultdict(set)
        currencies = set()
        for row in (*credits, *debts):
            currencies.add(row.currency_id)
            if row.customer_id in creditors:
                accounts[row.customer_id].add(row.account_id)
        return len(currencies) < 2 and all(len(ids) == 1 for ids in accounts.values())

    def convert(self, row, amount):
        """Convert an amount of a row into the grid's currency, at the document's own rate."""
        if (row.currency_id,) == self.currency._ids or not row.amount_open:
            return amount
        return amount * row.amount_open_company / row.amount_open

    def _allocate(self, debts, free):
        """Fill in ``free``, of one currency; return the ids of the items that others cover."""
        left = self._get_left_by_nearer_credits(debts)
        if self.wizard.policy == "own":
            free.sort(key=lambda row: row.customer_id != self.wizard.payer_id.id)
        available = sum(row.amount_open for row in self.chosen)
        available -= sum(row.amount for row in debts)
        allocate = allocate_pro_rata if self.wizard.policy == "pro_rata" else allocate_in_order
        parts = allocate(available, [left[row.item_id] for row in free], self.currency.rounding)
        for row, part in zip(free, parts, strict=True):
            row.amount = part
        return {row.item_id for row in free if not left[row.item_id]}

    def _get_left_by_nearer_credits(self, debts):
        """Return ``{item id: what is left of it}`` when nearer customers' credits paid theirs."""
        left = {row.item_id: row.amount_open for row in debts}
        by_customer = {row.customer_id: row.item_id for row in debts}
        items = self.env["account.move.line"]
        payers = self.env["res.partner"].browse({row.customer_id for row in self.chosen})
        # One item a customer: only whose they are matters.
        nearer = items.browse(by_customer.values())._find_nearer_credits(payers)
        if not nearer:
            return left
        creditors = set(nearer.partner_id.commercial_partner_id.ids)
        paths = self.env["customer.hierarchy.link"]._get_ancestors(list(by_customer))
        ids = [row.item_id for row in debts if not creditors.isdisjoint(paths[row.customer_id])]
        for item, amount in items.browse(ids)._get_covered_amounts(nearer).items():
            left[item.id] = item.currency_id.round(left[item.id] - amount)
        return left

    def _allocate_by_plan(self, debts, free):
        """Fill in what the plan can really pay, by core's own arithmetic; see :meth:`_allocate`."""
        left = self._get_left_by_nearer_credits(debts)
        open_ids = {row.item_id for row in free if left[row.item_id] > 0}
        typed = {row.item_id: row.amount for row in debts if row.amount}
        limits = {row.item_id: left[row.item_id] for row in free if row.item_id in open_ids}
        if self.wizard.policy == "pro_rata":
            limits = self._get_shares(free, left)
        chosen = {row.item_id for row in self.chosen}
        matches = self.wizard._plan(
            {*limits, *typed, *chosen},
            {**limits, **typed},
            lambda item: item.line.id not in typed,
        )
        paid = defaultdict(float)
        for match in matches:
            paid[match.debt.line.id] += match.debt_paid[1]
        for row in free:
            row.amount = self._round(row, paid[row.item_id])
        return {row.item_id for row in free} - open_ids

    def _round(self, row, amount):
        return self.env["res.currency"].browse(row.currency_id).round(amount)

    def _get_shares(self, free, left):
        """Return ``{item id: its share}`` of what is left of the chosen credits."""
        opens = [self.convert(row, left[row.item_id]) for row in free]
        available = sum(self.convert(row, row.amount_open) for row in self.chosen)
        available -= sum(self.convert(row, row.amount) for row in self.rows if row.kind == "debt")
        parts = allocate_pro_rata(available, opens, self.currency.rounding)
        return {
            row.item_id: self._round(row, left[row.item_id] * part / total)
            for row, part, total in zip(free, parts, opens, strict=True)
            if part
        }

    def explain(self, covered=None):
        """Say of each invoice that gets nothing why that is so.

        :param covered: ids of the items that credits of nearer customers pay; as before if None
        """
        left = self.get_totals()["amount_left"]
        default = "no_amount" if self.currency.compare_amounts(left, 0.0) > 0 else "no_credit"
        for row in self.rows:
            if row.kind != "debt":
                continue
            if covered is None:
                is_covered = row.reason == "covered"
            else:
                is_covered = row.item_id in covered
            if row.amount > 0:
                row.reason = None
            elif not row.in_scope:
                row.reason = "filtered"
            else:
                row.reason = "covered" if is_covered else default

    def get_totals(self):
        """Return the wizard's totals of these rows."""
        round_ = (self.currency or self.wizard.company_id.currency_id).round
        available = round_(sum(self.convert(row, row.amount_open) for row in self.chosen))
        allocated = round_(
            sum(self.convert(row, row.amount) for row in self.rows if row.kind == "debt")
        )
        return {
            "amount_available": available,
            "amount_allocated": allocated,
            "amount_left": round_(available - allocated),
        }

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Core as the oracle: a history told twice, by one customer and by a family.

What core makes of one customer's documents is what has to come out when a head office pays and its
branches owe: residuals in both currencies, every account by month (so each exchange account and
each cash-basis tax by itself), states. Compared after every step.

Use: ``play(case, steps)`` raises :class:`Difference`; :mod:`.common_oracle_histories` makes and
shortens histories. A step is a tuple of its name and plain values, so that a printed history can
be played again as it is.
"""

from contextlib import contextmanager

from freezegun import freeze_time

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.customer_org.models.settlement.receivables_check import CHECKS

from .common_oracle_core import exchange_differences_of_their_matches

DATES = ("2026-01-05", "2026-01-20", "2026-02-05", "2026-02-20")
TODAY = "2026-02-25 12:00:00"
#: Customers by number: HQ, N, S, E, W; D is a depot below N.
HQ, NORTH, SOUTH, EAST, WEST, DEPOT = range(6)
INVOICE_TYPES = ("out_invoice", "out_invoice", "out_invoice", "out_refund", "out_receipt")
#: What the family may refuse with a message although core, with one customer, has nothing to do.
MAY_REFUSE = {"recustomer", "reparent", "merge"}


class Difference(AssertionError):
    """Core and we have not come to the same."""


class World:
    """One telling: who the numbered customers are, and the documents by number."""

    def __init__(self, case, customers):
        self.case = case
        self.env = case.env
        self.customers = list(customers)
        self.documents = {}

    # Documents

    def invoice(self, number, customer, units, currency, date, kind, company, taxed, in_parts):
        case = self.case
        self.documents[number] = case._invoice(
            self.customers[customer],
            0.0,
            due=DATES[date],
            date=DATES[date],
            move_type=INVOICE_TYPES[kind],
            company_id=case.companies[company].id,
            currency_id=case.currencies[currency].id,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Service",
                        "price_unit": units * case.currencies[currency].rounding,
                        "tax_ids": case.tax.ids if taxed else [],
                    }
                )
            ],
            **({"invoice_payment_term_id": case.in_parts.id} if in_parts else {}),
        )

    def payment(self, number, customer, units, currency, date, company):
        payment = self.case._payment(
            self.customers[customer],
            units * self.case.currencies[currency].rounding,
            date=DATES[date],
            company_id=self.case.companies[company].id,
            currency_id=self.case.currencies[currency].id,
        )
        self.documents[number] = payment.move_id

    def entry(self, number, customer, units, currency, date, company, percent):
        """An opening item at a rate of its own, ``percent`` of the day's; a debt if above 0."""
        currency, company = self.case.currencies[currency], self.case.companies[company]
        amount = units * currency.rounding
        balance = currency._convert(
            amount * percent / 100, company.currency_id, company, DATES[date]
        )
        if currency == company.currency_id:
            balance = amount
        common = {"currency_id": currency.id}
        item = {
            "account_id": self.case.receivable.id,
            "partner_id": self.customers[customer].id,
            "amount_currency": amount,
            "balance": balance,
        }
        contra = {
            "account_id": self.case.company_data["default_account_revenue"].id,
            "partner_id": self.customers[customer].id,
            "amount_currency": -amount,
            "balance": -balance,
        }
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "company_id": company.id,
                "journal_id": self.case.company_data["default_journal_misc"].id,
                "date": DATES[date],
                "line_ids": [Command.create({**common, **vals}) for vals in (item, contra)],
            }
        )
        move.action_post()
        self.documents[number] = move

    def bank_line(self, number, customer, units, currency, date, percent):
        """A wire, in foreign currency at the bank's own rate, whose counterpart is receivable."""
        currency, company = self.case.currencies[currency], self.case.company
        amount = units * currency.rounding
        values = {"amount": amount}
        if currency != company.currency_id:
            in_company = currency._convert(
                amount * percent / 100, company.currency_id, company, DATES[date]
            )
            values = {
                "amount": in_company or company.currency_id.rounding,
                "foreign_currency_id": currency.id,
                "amount_currency": amount,
            }
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.case.company_data["default_journal_bank"].id,
                "date": DATES[date],
                "payment_ref": "Wire",
                "partner_id": self.customers[customer].id,
                **values,
            }
        )
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.account_id = self.case.receivable
        self.documents[number] = line.move_id

    # Matching

    def get_items(self, numbers):
        moves = self.env["account.move"].union(*(self.documents[number] for number in numbers))
        return self.case._receivable_lines(moves)

    def get_open_items(self, numbers):
        return self.get_items(numbers).filtered(lambda line: not line.reconciled)

    def match(self, numbers):
        self.get_open_items(numbers).reconcile()

    def unmatch(self, number):
        self.get_items([number]).remove_move_reconcile()

    def unmatch_pair(self, debt, credit):
        """Remove the matches between two documents alone, as the invoice's widget does."""
        debts, credits = self.get_items([debt]), self.get_items([credit])
        partials = debts.matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id in credits
        )
        lines = self.env["customer.settlement.line"].search(
            [("debt_line_id", "in", debts.ids), ("credit_line_id", "in", credits.ids)]
        )
        (partials | lines._get_debt_partials()).unlink()

    # Changing documents

    def cancel(self, number):
        move = self.documents[number]
        if move.origin_payment_id:
            move.origin_payment_id.action_cancel()
        elif move.state == "posted":
            if move.statement_line_id:
                return
            move.button_cancel()

    def to_draft(self, number):
        move = self.documents[number]
        if move.statement_line_id or move.state != "posted":
            return
        (move.origin_payment_id.action_draft if move.origin_payment_id else move.button_draft)()

    def post(self, number):
        move = self.documents[number]
        if move.state == "draft":
            (move.origin_payment_id or move).action_post()

    def redate(self, number, date):
        move = self.documents[number]
        self.to_draft(number)
        if move.state == "draft":
            if move.origin_payment_id:
                move.origin_payment_id.date = DATES[date]
            elif move.is_invoice(include_receipts=True):
                move.invoice_date = DATES[date]
            else:
                move.date = DATES[date]
            self.post(number)

    def recustomer(self, number, customer):
        """Write another customer; to core it is the same one, written again."""
        move = self.documents[number]
        if move.move_type == "entry" and not move.origin_payment_id:
            return
        self.to_draft(number)
        if move.state == "draft":
            (move.origin_payment_id or move).partner_id = self.customers[customer]
            self.post(number)

    # What an auditor compares

    def get_facts(self):
        facts = {}
        for number, move in self.documents.items():
            items = self.case._receivable_lines(move.exists()).sorted(
                lambda line: (line.date_maturity or line.date, line.id)
            )
            state = move.payment_state if move.is_invoice(include_receipts=True) else False
            facts[f"document {number}"] = (
                move.state,
                # A head office's credit note leaves both documents paid, by design.
                "paid" if state == "reversed" else state,
                [
                    (
                        line.company_currency_id.round(line.amount_residual),
                        line.currency_id.round(line.amount_residual_currency),
                    )
                    for line in items
                ],
            )
        return facts | self._get_trial_balance()

    def _get_trial_balance(self):
        """Return ``{account and month: balance}`` of the customers' items, receivables as one."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT CASE WHEN account.account_type = 'asset_receivable' THEN 'receivable'
                            ELSE account.name->>'en_US' || ' ' || account.id END,
                       to_char(line.date, 'YYYY-MM'), SUM(line.balance)
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.partner_id = ANY(%s) AND line.parent_state = 'posted'
              GROUP BY 1, 2
                HAVING SUM(line.balance) != 0
                """,
                [customer.id for customer in self.customers],
            )
        )
        return {f"{account} in {month}": float(balance) for account, month, balance in rows}


class Family(World):
    """A head office with branches: what only exists there."""

    def reparent(self, customer, parent):
        customer, parent = self.customers[customer], self.customers[parent]
        above = parent
        while above and above != customer:
            above = above.billing_parent_id
        if not above:
            customer.billing_parent_id = parent

    def merge(self, customer, into):
        gone, kept = self.customers[customer], self.customers[into]
        if gone == kept or gone.billing_child_ids or not gone.billing_parent_id:
            return
        self.env["base.partner.merge.automatic.wizard"]._merge((gone | kept).ids, kept)
        self.customers = [kept if one == gone else one for one in self.customers]

    def choose(self, numbers):
        """Narrow documents to those of which core's order for one customer is ours too.

        One payer, and debts that are all below it or all elsewhere in its hierarchy: where several
        customers have credits, ours go to the nearest, which one customer knows nothing of.
        """
        items = {number: self.get_open_items([number])[:1] for number in numbers}
        items = {number: item for number, item in items.items() if item}
        payer = next(
            (self._get_customer(item) for item in items.values() if item.balance < 0), None
        )
        chosen, is_below = [], None
        for number, item in items.items():
            customer = self._get_customer(item)
            if item.balance < 0:
                if customer != payer:
                    continue
            elif payer:
                if customer.billing_root_id != payer.billing_root_id:
                    continue
                below = payer in self._get_path(customer)
                is_below = below if is_below is None else is_below
                if below != is_below:
                    continue
            chosen.append(number)
        return chosen

    @staticmethod
    def _get_customer(item):
        return item.partner_id.commercial_partner_id

    def _get_path(self, customer):
        path = customer
        while path[-1].billing_parent_id:
            path += path[-1].billing_parent_id
        return path


class _Play:
    def __init__(self, case):
        self.case = case
        self.env = case.env
        self.core = World(case, [case.single] * len(case.family))
        self.ours = Family(case, case.family)

    def run(self, steps):
        for place, step in enumerate(steps):
            self._do(*step)
            self._compare(place, step)

    def _do(self, name, *arguments):
        if name == "lock":
            return self._lock(*arguments)
        if name in ("reparent", "merge"):
            with self._refusals():
                getattr(self.ours, name)(*arguments)
            return None
        if name == "match":
            numbers = [number for number in arguments[0] if number in self.core.documents]
            arguments = (self.ours.choose(numbers),)
            items = self.core.get_open_items(arguments[0])
            if len({item.balance > 0 for item in items}) < 2:
                return None
        elif name not in ("invoice", "payment", "entry", "bank_line"):
            numbers = arguments if name == "unmatch_pair" else arguments[:1]
            if any(number not in self.core.documents for number in numbers):
                return None
        with self.env.cr.savepoint() as savepoint:
            refused = [self._try(world, name, arguments) for world in (self.core, self.ours)]
            if bool(refused[0]) != bool(refused[1]):
                if not refused[1] or name not in MAY_REFUSE:
                    raise Difference(f"refused by core: {refused[0]}, by us: {refused[1]}")
                savepoint.rollback()
        return None

    def _try(self, world, name, arguments):
        with self._refusals() as errors:
            getattr(world, name)(*arguments)
        return errors and errors[0]

    @contextmanager
    def _refusals(self):
        """Take back what is refused, and yield the list of the messages."""
        errors = []
        try:
            with self.env.cr.savepoint():
                yield errors
                self.env.flush_all()
        except (UserError, RedirectWarning) as error:
            errors.append(str(error) or type(error).__name__)
            self.env.invalidate_all(flush=False)

    def _lock(self, date):
        with self._refusals():
            self.case.company.fiscalyear_lock_date = date

    def _compare(self, place, step):
        self.env.flush_all()
        core, ours = self.core.get_facts(), self.ours.get_facts()
        differences = [
            f"{key}: core {core.get(key)}, ours {ours.get(key)}"
            for key in sorted({*core, *ours})
            if core.get(key) != ours.get(key)
        ]
        family = {customer.id for customer in self.case.family}
        differences += [
            str(finding)
            for check in CHECKS
            for finding in check(self.env, list({company.id for company in self.case.companies}))
            if finding.partner_id in family
        ]
        if differences:
            raise Difference(f"after step {place} {step}:\n" + "\n".join(differences))


def play(case, steps):
    """Tell a history twice, compare after each step, and take it back.

    :raises Difference: where core and we have not come to the same
    """
    # What falls into a locked month is dated on the first open day or today, by what numbers there
    # are in its journal already. One month for both, so that the order of telling does not matter.
    with (
        freeze_time(TODAY),
        case.taken_back(),
        exchange_differences_of_their_matches(case.env),
    ):
        _Play(case).run(steps)

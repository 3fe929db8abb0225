# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The two tellings of a history: what each step does to one customer, and to a family."""

from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.customer_org.models.receivable import (
    DEBT,
    LOST_PAYMENT_STATES,
    USABLE_CREDIT,
)

DATES = ("2026-01-05", "2026-01-20", "2026-02-05", "2026-02-20")
#: Customers by number: HQ, N, S, E, W; D is a depot below N.
HQ, NORTH, SOUTH, EAST, WEST, DEPOT = range(6)
INVOICE_TYPES = ("out_invoice", "out_invoice", "out_invoice", "out_refund", "out_receipt")


class World:
    """One telling: who the numbered customers are, and the documents by number."""

    def __init__(self, case, customers):
        self.case = case
        self.env = case.env
        self.customers = list(customers)
        self.documents = {}

    # Documents

    def invoice(self, number, customer, units, currency, date, kind, company, taxed, term):
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
                        # Left to itself core takes the account that the customer has most of.
                        "account_id": case.company_data["default_account_revenue"].id,
                        "tax_ids": case.tax.ids if taxed else [],
                    }
                )
            ],
            **({"invoice_payment_term_id": case.terms[term].id} if term else {}),
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

    def register(self, number, numbers, date):
        """Register one payment of invoices, with the discounts of who pays early.

        Core never pays what is worth nothing in the company's currency, we do: neither is asked.
        """
        items = self.get_open_items(numbers).filtered("amount_residual")
        if not items:
            return
        register = self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=items.ids
        )
        wizard = register.create(
            {"payment_date": DATES[date], "group_payment": True, **self._get_payer_values(items)}
        )
        self.documents[number] = wizard._create_payments().move_id

    def _get_payer_values(self, items):
        return {}

    # Matching

    def get_items(self, numbers):
        moves = self.env["account.move"].union(*(self.documents[number] for number in numbers))
        return self.case._receivable_lines(moves.exists())

    def get_open_items(self, numbers):
        return self.get_items(numbers).filtered(lambda line: not line.reconciled)

    def match(self, numbers):
        self.get_open_items(numbers).reconcile()

    def unmatch(self, number):
        self.get_items([number]).remove_move_reconcile()

    def unmatch_pair(self, debt, credit):
        """Remove the matches between two documents alone, as the invoice's widget does."""
        debts, credits = self.get_items([debt]), self.get_items([credit])
        partials = self._get_partials(debts, credits)
        lines = self.env["customer.settlement.line"].search(
            [("debt_line_id", "in", debts.ids), ("credit_line_id", "in", credits.ids)]
        )
        (partials | lines._get_debt_partials()).unlink()

    @staticmethod
    def _get_partials(debts, credits):
        return debts.matched_credit_ids.filtered(lambda partial: partial.credit_move_id in credits)

    # Changing documents

    def cancel(self, number):
        move = self.documents[number]
        if move.origin_payment_id:
            move.origin_payment_id.action_cancel()
        elif move.state == "posted":
            if move.statement_line_id:
                return
            move.button_cancel()

    def reject(self, number, settled):
        """Reject a payment: in core it goes on paying, in a hierarchy it pays no branch any more.

        :param settled: the pairs of items, by number of document and place, that it pays so
        """
        self.documents[number].origin_payment_id.action_reject()
        for debt, credit in settled:
            items = [
                self.get_items([document]).sorted("id")[place] for document, place in (debt, credit)
            ]
            self._get_partials(*items).unlink()

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
        """Write another customer; to core it is the same one, written again.

        Of a bank line core deletes the counterpart then.
        """
        move = self.documents[number]
        if move.statement_line_id:
            move.statement_line_id.partner_id = self.customers[customer]
            return
        if move.move_type == "entry" and not move.origin_payment_id:
            return
        self.to_draft(number)
        if move.state == "draft":
            (move.origin_payment_id or move).partner_id = self.customers[customer]
            self.post(number)

    def redate_posted(self, number, date):
        """Give a posted bank line another date, as the bank's journal lets one do."""
        if line := self.documents[number].statement_line_id:
            line.date = DATES[date]

    def change_amount(self, number, units):
        """Correct the amount of an invoice or a payment, in draft."""
        move = self.documents[number]
        self.to_draft(number)
        if move.state == "draft" and (payment := move.origin_payment_id):
            payment.amount = units * payment.currency_id.rounding
        elif move.state == "draft" and move.is_invoice(include_receipts=True):
            move.invoice_line_ids.price_unit = units * move.currency_id.rounding
        self.post(number)

    def is_matched_with_bank(self, number):
        """Whether a bank line pays a document: with its account core gives up the whole line."""
        items = self.get_items([number])
        others = items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id
        return bool(others.statement_line_id)

    def change_account(self, number):
        """Correct the receivable account of a posted document."""
        move = self.documents[number]
        if move.state == "posted" and not move.origin_payment_id:
            self.get_items([number]).account_id = self.case.other_receivable

    def reverse(self, number, new):
        """Cancel an invoice by a credit note, or a credit note by an invoice."""
        move = self.documents[number]
        if move.state == "posted" and move.is_invoice() and new not in self.documents:
            self.documents[new] = move._reverse_moves([{"invoice_date": move.date}], cancel=True)

    def settle_on_screen(self, numbers):
        """Pay all that is owed by all that is there; for one customer it is a match like others."""
        self.match(numbers)

    def settle_automatically(self, numbers):
        self.match(numbers)

    def has_paid_with_nothing(self):
        """Whether a document is paid by a credit that lost nothing for it.

        Such as 0.001 dinars by euros, of which they cost no cent: core calls a credit note partly
        used then, we leave it as it is.
        """
        items = self.get_items([number for number, move in self.documents.items() if move.exists()])
        return any(
            bool(partial.debit_amount_currency) != bool(partial.credit_amount_currency)
            for partial in items.matched_debit_ids
        )

    # What an auditor compares

    def get_facts(self):
        facts = {}
        for number, move in self.documents.items():
            if not move.exists():
                facts[f"document {number}"] = "deleted"
                continue
            items = self.case._receivable_lines(move).sorted(
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

    def _get_payer_values(self, items):
        """A head office pays for whoever owes; for itself alone as in core."""
        customers = items.partner_id.commercial_partner_id
        return {"payer_id": self.customers[HQ].id} if customers != self.customers[HQ] else {}

    def reject(self, number, settled):
        """Reject a payment, which takes back what it has settled."""
        self.documents[number].origin_payment_id.action_reject()

    def has_dated_consequences(self, number):
        """Whether a document's settlements have booked exchange differences or cash-basis taxes.

        Core leaves these where they are when the document is re-dated; a settlement is booked anew.
        """
        partials = self._get_settlement_lines(number)._get_partials()
        taxes = [("tax_cash_basis_rec_id", "in", partials.ids)]
        return bool(partials.exchange_move_id or self.env["account.move"].search(taxes, limit=1))

    def is_settled(self, number):
        """Whether a document takes part in a settlement, which ends where its customer changes."""
        return bool(self._get_settlement_lines(number))

    def _get_settlement_lines(self, number):
        """Return what a document's items pay, and what is paid of them."""
        items = self.get_items([number])
        return self.env["customer.settlement.line"].search(
            [
                ("is_undone", "=", False),
                "|",
                ("debt_line_id", "in", items.ids),
                ("credit_line_id", "in", items.ids),
            ]
        )

    def get_settled(self, number):
        """Return the pairs of items in which a document's credit pays for other customers."""
        lines = self.get_items([number]).settlement_line_ids.filtered(
            lambda line: not line.is_undone
        )
        return [
            (self._get_place(line.debt_line_id), self._get_place(line.credit_line_id))
            for line in lines
        ]

    def settle_on_screen(self, numbers):
        """Post what the settlement screen proposes to the head office."""
        action = self.customers[HQ].action_settle_branches()
        self.env[action["res_model"]].browse(action["res_id"]).action_post()

    def settle_automatically(self, numbers):
        self.customers[HQ]._auto_settle()

    def choose_to_settle(self):
        """Return the documents that the head office's credits can pay, and these credits.

        None where others have credits: those stay with their customers, which one customer knows
        nothing of.
        """
        items = {number: self.get_open_items([number]) for number in self.documents}
        usable = {
            number: found.filtered_domain(USABLE_CREDIT | DEBT) for number, found in items.items()
        }
        credits = [found for found in usable.values() if found[:1].balance < 0]
        if (
            any(self._get_customer(found[0]) != self.customers[HQ] for found in credits)
            or any(found.company_id != self.case.company for found in usable.values() if found)
            or any(found.account_id != self.case.receivable for found in usable.values() if found)
            or not credits
            or all(found[:1].balance <= 0 for found in usable.values())
        ):
            return None
        # What has no value in company currency any more is no money: core would match it.
        if any(
            found.filtered(lambda item: not item.reconciled) - usable[number]
            for number, found in items.items()
            if usable[number]
        ):
            return None
        return [number for number, found in usable.items() if found]

    def _get_place(self, item):
        number = next(key for key, move in self.documents.items() if move == item.move_id)
        return number, self.get_items([number]).sorted("id").ids.index(item.id)

    def choose_owed(self, numbers):
        """Narrow documents to open invoices of one company and currency, to be paid together."""
        chosen = self.env["account.move"]
        for number in numbers:
            move = self.documents[number]
            if (
                move.move_type in ("out_invoice", "out_receipt")
                and move.state == "posted"
                and self.get_open_items([number]).account_id == self.case.receivable
                and move.currency_id == (chosen or move).currency_id
                and move.company_id == (chosen or move).company_id
            ):
                chosen |= move
        return [number for number, move in self.documents.items() if move in chosen]

    def choose(self, numbers):
        """Narrow documents to those of which core's order for one customer is ours too.

        One payer, and debts that are all below it or all elsewhere in its hierarchy: where several
        customers have credits, ours go to the nearest, which one customer knows nothing of.
        """
        items = {number: self.get_open_items([number])[:1] for number in numbers}
        items = {number: item for number, item in items.items() if self._is_usable(item)}
        payer = next(
            (self._get_customer(item) for item in items.values() if item.balance < 0), None
        )
        chosen, is_below = [], None
        account = next((item.account_id for item in items.values()), None)
        for number, item in items.items():
            customer = self._get_customer(item)
            if item.account_id != account:
                continue
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
        # Drafts come after all that is posted, whatever they are due.
        posted = [number for number in chosen if items[number].parent_state == "posted"]
        return posted if len(chosen) > 2 else chosen

    @staticmethod
    def _is_usable(item):
        return item and item.payment_id.state not in LOST_PAYMENT_STATES

    @staticmethod
    def _get_customer(item):
        return item.partner_id.commercial_partner_id

    def _get_path(self, customer):
        path = customer
        while path[-1].billing_parent_id:
            path += path[-1].billing_parent_id
        return path

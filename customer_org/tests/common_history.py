# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Random histories of customers and documents, for tests of what holds after each."""

from .common import SettlementCommon
from .common_ledger import EUR_RATES, GBP_RATES

try:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

CUSTOMERS = 6
DATES = ("2026-01-05", "2026-01-20", "2026-02-05")


def steps():
    """What accountants do: bill, pay, reconcile, undo, cancel, and move customers around."""
    customer = st.integers(0, CUSTOMERS - 1)
    document = st.integers(0, 20)
    return st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(["invoice", "payment", "credit_note"]),
                customer,
                st.integers(1, 200000),
                st.integers(0, 2),
                st.integers(0, 2),
            ),
            st.tuples(st.just("reconcile"), st.sets(document, min_size=2, max_size=6)),
            st.tuples(st.sampled_from(["unmatch", "cancel", "undo"]), document),
            st.tuples(st.just("move"), customer, st.one_of(st.none(), customer)),
        ),
        min_size=6,
        max_size=18,
    )


class History:
    """Do the steps of one history and check the ledger after each."""

    def __init__(self, case):
        self.case = case
        self.customers = list(case.customers) + [case._create_customer("Other HQ")]
        self.moves = list(case.invoices)

    def run(self, history):
        for name, *arguments in history:
            getattr(self, name)(*arguments)
            self.case.assert_ledger()

    def invoice(self, customer, cents, currency, date, move_type="out_invoice"):
        self.moves.append(
            self.case._invoice(
                self.customers[customer],
                cents / 100,
                due=DATES[date],
                date=DATES[date],
                currency_id=self.case.currencies[currency].id,
                move_type=move_type,
            )
        )

    def credit_note(self, *arguments):
        self.invoice(*arguments, move_type="out_refund")

    def payment(self, customer, cents, currency, date):
        payment = self.case._payment(
            self.customers[customer],
            cents / 100,
            date=DATES[date],
            currency_id=self.case.currencies[currency].id,
        )
        self.moves.append(payment.move_id)

    def _pick(self, index):
        return self.moves[index % len(self.moves)]

    def reconcile(self, indexes):
        """Reconcile open items of customers of one hierarchy; others are core's affair."""
        lines = self.case.env["account.move.line"]
        for index in indexes:
            move = self._pick(index)
            if move.state == "posted":
                lines |= self.case._receivable_lines(move).filtered(
                    lambda item: not item.reconciled
                )
        roots = lines.grouped(lambda line: line.partner_id.billing_root_id)
        for same_root in roots.values():
            if len(same_root) > 1:
                same_root.reconcile()

    def unmatch(self, index):
        self.case._receivable_lines(self._pick(index)).remove_move_reconcile()

    def cancel(self, index):
        move = self._pick(index)
        if move.state == "posted":
            if move.origin_payment_id:
                move.origin_payment_id.action_cancel()
            else:
                move.button_cancel()

    def undo(self, index):
        settlements = self.case.env["customer.settlement"].search([("state", "=", "posted")])
        if settlements:
            settlements[index % len(settlements)].action_undo()

    def move(self, customer, parent):
        customer = self.customers[customer]
        parent = self.customers[parent] if parent is not None else customer.browse()
        above = parent
        while above and above != customer:
            above = above.billing_parent_id
        if not above:
            customer.billing_parent_id = parent


class HistoryCommon(SettlementCommon):
    """Runs random histories in three currencies, each taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currencies = [
            cls.company.currency_id,
            cls.setup_other_currency("EUR", rates=EUR_RATES),
            cls.setup_other_currency("GBP", rates=GBP_RATES),
        ]
        cls._analyze()

    def run_histories(self, number, check=None):
        """Run ``number`` of them, the same ones each time; ``check(customers)`` after each."""

        @settings(
            max_examples=number,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(steps())
        def run(steps_of_one):
            with self.subTest(history=steps_of_one), self.taken_back():
                history = History(self)
                history.run(steps_of_one)
                if check:
                    check(history.customers)

        run()

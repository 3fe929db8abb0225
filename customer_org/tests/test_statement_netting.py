# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date

from odoo.tests import TransactionCase, tagged

from ..models.statement.statement_data import Group, Row, Section, Statement
from ..models.statement.statement_settlements import Leg, net_settlements

HQ, N, S, E, W = range(1001, 1006)
NAMES = {HQ: "Acme HQ", N: "Acme N", S: "Acme S", E: "Acme E", W: "Acme W"}


@tagged("post_install", "-at_install")
class TestStatementNetting(TransactionCase):
    """What a statement shows of a settlement's legs: by arithmetic, without a document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.company.currency_id
        currencies = cls.env.ref("base.EUR") | cls.env.ref("base.GBP")
        cls.other = (currencies - cls.usd)[0]

    def leg(self, customer, balance, amount=None, currency=None, payer=HQ, key=1, move=50):
        """Return a leg; the payer's own is positive, as its credit becomes less."""
        currency = currency or self.usd
        return Leg(
            id=customer * 10 + key,
            move_id=move,
            date=date(2026, 2, 5),
            customer_id=customer,
            customer_name=NAMES[customer],
            currency_id=currency.id,
            amount=balance if amount is None else amount,
            balance=balance,
            settlement_id=7,
            settlement_name="SET/7",
            payer_id=payer,
            payer_name=NAMES[payer],
            credit_key=key,
        )

    def net(self, legs, *customers, **options):
        """Return (customer, words, amount in the row's currency, balance) of each row."""
        names = {customer: NAMES[customer] for customer in customers}
        rows = net_settlements(self.env, legs, names, **options)
        for row in rows:
            self.assertEqual(
                (row.document, row.model, row.res_id), ("SET/7", "customer.settlement", 7)
            )
        return [(row.customer_id, row.reference, row.amount, row.balance) for row in rows]

    def test_among_customers_of_the_statement(self):
        """What one of them paid for another is nothing that anybody owes."""
        legs = [self.leg(HQ, 100.0), self.leg(N, -60.0), self.leg(S, -40.0)]
        self.assertEqual(self.net(legs, HQ, N, S), [])

    def test_paid_for_others(self):
        """Of the payer's leg only what went to customers outside is shown, with their names."""
        legs = [self.leg(HQ, 100.0), self.leg(N, -60.0), self.leg(S, -40.0)]
        self.assertEqual(self.net(legs, HQ, N), [(HQ, "Paid for Acme S", 40.0, 40.0)])
        self.assertEqual(self.net(legs, HQ), [(HQ, "Paid for Acme N, Acme S", 100.0, 100.0)])

    def test_paid_for_many(self):
        """More than three names are a number."""
        legs = [self.leg(HQ, 100.0), *(self.leg(one, -25.0) for one in (N, S, E, W))]
        self.assertEqual(self.net(legs, HQ), [(HQ, "Paid for 4 customers", 100.0, 100.0)])

    def test_paid_by(self):
        """A branch's own statement: its leg, and who paid, as far as its reader may know."""
        legs = [self.leg(N, -60.0)]
        for options, words in (
            ({}, "Paid by Acme HQ"),
            ({"hide_others": True}, "Paid by another customer"),
            ({"hide_others": True, "ancestor_ids": [HQ]}, "Paid by your head office"),
            ({"hide_payers": True}, "Paid by another customer"),
            ({"hide_payers": True, "ancestor_ids": [HQ]}, "Paid by your head office"),
            ({"ancestor_ids": [HQ]}, "Paid by Acme HQ"),
        ):
            with self.subTest(options):
                self.assertEqual(self.net(legs, N, **options), [(N, words, -60.0, -60.0)])

    def test_paid_for_in_the_portal(self):
        """A head office reads no name of a branch that does not show itself."""
        legs = [self.leg(HQ, 100.0), self.leg(N, -60.0), self.leg(W, -40.0)]
        rows = self.net(legs, HQ, N, hide_others=True)
        self.assertEqual(rows, [(HQ, "Paid for another branch", 40.0, 40.0)])
        printed = self.net(legs, HQ, N, hide_payers=True)
        self.assertEqual(printed, [(HQ, "Paid for Acme W", 40.0, 40.0)])

    def test_undone(self):
        """The entry that takes a settlement back is called so, on either side."""
        self.assertEqual(
            self.net([self.leg(N, 60.0)], N), [(N, "Undone: Paid by Acme HQ", 60.0, 60.0)]
        )
        legs = [self.leg(HQ, -60.0), self.leg(N, 60.0)]
        self.assertEqual(self.net(legs, HQ), [(HQ, "Undone: Paid for Acme N", -60.0, -60.0)])

    def test_entries_stay_apart(self):
        """What was settled and what was taken back are two rows, though they come to nothing."""
        legs = [
            *(self.leg(HQ, 60.0), self.leg(N, -60.0)),
            *(self.leg(HQ, -60.0, move=51), self.leg(N, 60.0, move=51)),
        ]
        self.assertEqual([row[2] for row in self.net(legs, HQ)], [60.0, -60.0])
        self.assertEqual(self.net(legs, HQ, N), [])

    def test_two_currencies_among_them(self):
        """A credit in one currency that paid a debt in another has left the one for the other."""
        legs = [self.leg(HQ, 50.0, 40.0, self.other), self.leg(N, -50.0)]
        rows = self.net(legs, HQ, N)
        self.assertEqual(
            sorted(rows, key=lambda row: row[2]),
            [(HQ, "Converted", -50.0, -50.0), (HQ, "Converted", 40.0, 50.0)],
        )
        self.assertEqual(sum(row[3] for row in rows), 0.0)

    def test_two_currencies_for_others(self):
        """Of a credit in another currency the outsiders' share is converted as the leg was."""
        legs = [
            self.leg(HQ, 100.0, 80.0, self.other),
            self.leg(N, -75.0),
            self.leg(S, -25.0),
        ]
        rows = self.net(legs, HQ, N)
        words = {row[1]: row[2:] for row in rows if row[1] != "Converted"}
        self.assertEqual(words, {"Paid for Acme S": (20.0, 25.0)})
        # What stays among them: 60 of the one currency became 75 of the other.
        converted = sorted(row[2:] for row in rows if row[1] == "Converted")
        self.assertEqual(converted, [(-75.0, -75.0), (60.0, 75.0)])

    def test_all_rows_are_all_legs(self):
        """Whatever is shown, rows of a statement add up to the legs of its customers."""
        legs = [
            self.leg(HQ, 70.0, 56.0, self.other),
            self.leg(HQ, 30.0, key=2),
            *(self.leg(one, -20.0) for one in (N, S, E)),
            self.leg(W, -10.0),
            self.leg(W, -30.0, key=2),
        ]
        for customers in ((HQ,), (HQ, N), (HQ, N, S, E, W), (N,), (HQ, W)):
            with self.subTest(customers):
                rows = net_settlements(
                    self.env, legs, {customer: NAMES[customer] for customer in customers}
                )
                own = [leg for leg in legs if leg.customer_id in customers]
                if HQ not in customers:
                    rows = [row for row in rows if row.customer_id in customers]
                for currency in self.usd | self.other:
                    self.assertAlmostEqual(
                        sum(row.amount for row in rows if row.currency_id == currency.id),
                        sum(leg.amount for leg in own if leg.currency_id == currency.id),
                    )
                self.assertAlmostEqual(
                    sum(row.balance for row in rows), sum(leg.balance for leg in own)
                )


@tagged("post_install", "-at_install")
class TestStatementPages(TransactionCase):
    """Pages of a statement: each row once, and all sums on each."""

    def make(self, *counts):
        """Return a statement of one currency with so many rows per customer."""
        currency = self.env.company.currency_id
        groups = [
            Group(
                customer=None,
                rows=[
                    Row(date(2026, 1, 1), index, currency.id, f"{index}/{n}", "", None, 1.0, 1.0)
                    for n in range(count)
                ],
                closing=float(count),
            )
            for index, count in enumerate(counts)
        ]
        section = Section(currency, 0.0, sum(counts), 0.0, sum(counts), [], groups=groups)
        return Statement(
            partner=None,
            company=self.env.company,
            presentation="period",
            date_from=None,
            date_to=date(2026, 1, 31),
            steps=(30,),
            customers=[1] * len(counts),
            sections=[section],
            total=section,
        )

    def get_documents(self, statement):
        return [
            row.document
            for section in statement.sections
            for group in section.groups
            for row in group.rows
        ]

    def test_each_row_once(self):
        """Pages of any size have each row once, in order, across customers."""
        statement = self.make(3, 0, 4, 1)
        everything = self.get_documents(statement)
        self.assertEqual(statement.row_count, 8)
        for size in (1, 2, 3, 5, 8, 100):
            pages = [statement.get_page(number, size) for number in range(1, 10)]
            documents = [one for page in pages for one in self.get_documents(page)]
            self.assertEqual(documents, everything, size)
            for page in pages:
                self.assertEqual(page.sections[0].closing, 8)
                self.assertEqual([group.closing for group in page.sections[0].groups], [3, 0, 4, 1])

    def test_page_that_is_not_there(self):
        """Beyond the last page there are no rows, and the statement itself keeps its own."""
        statement = self.make(2)
        self.assertEqual(self.get_documents(statement.get_page(9, 2)), [])
        self.assertEqual(len(self.get_documents(statement)), 2)

    def test_words(self):
        """Headings of the aging, and what a statement says of itself."""
        statement = self.make(1)
        self.assertEqual(statement.bucket_labels, ["Not Due", "1-30", "> 30"])
        self.assertFalse(statement.has_branches)
        self.assertTrue(self.make(1, 1).has_branches)
        self.assertFalse(statement.has_foreign_currency)
        self.assertFalse(statement.is_empty)
        statement.sections = []
        self.assertTrue(statement.is_empty)
        self.assertEqual(statement.row_count, 0)

    def test_sides_of_a_row(self):
        """A row is a debit or a credit, never both."""
        for amount, debit, credit in ((5.0, 5.0, 0.0), (-5.0, 0.0, 5.0), (0.0, 0.0, 0.0)):
            row = Row(date(2026, 1, 1), 1, 1, "x", "", None, amount, amount)
            self.assertEqual((row.debit, row.credit), (debit, credit))

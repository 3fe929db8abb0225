# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo.tests import tagged

from .common_adoption import AdoptionCommon
from .mixed_customers import make_customers


@tagged("post_install", "-at_install")
class TestMixedCustomers(AdoptionCommon):
    """What is found in a database of families and traps, compared with the truth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = make_customers(seed=19, count=330)
        cls.customers_by_key = cls._create_rows(cls.rows)
        cls.keys = {customer.id: key for key, customer in cls.customers_by_key.items()}
        cls.suggestions.action_search()
        ids = list(cls.keys)
        cls.found = cls.suggestions.search(
            [("state", "=", "new"), ("partner_id", "in", ids), ("parent_id", "in", ids)]
        )

    def _is_right(self, suggestion):
        row = self.rows[self.keys[suggestion.partner_id.id]]
        other = self.keys[suggestion.parent_id.id]
        if suggestion.kind == "duplicate":
            # Which of two is given up is the user's choice.
            return row.same_as == other or self.rows[other].same_as == row.key
        return row.parent == other

    def _count(self, **values):
        """Return how many of the suggestions with these values are right and wrong."""
        wanted = self.found.filtered(
            lambda found: all(found[fname] == value for fname, value in values.items())
        )
        right = wanted.filtered(self._is_right)
        wrong = [
            (found.partner_id.name, found.parent_id.name, found.reason) for found in wanted - right
        ]
        return len(right), wrong

    def test_certain_is_right(self):
        """What is called certain is right 95 times of 100 at least."""
        right, wrong = self._count(certainty="certain")
        self.assertGreater(right, 40)
        self.assertLessEqual(len(wrong), 0.05 * (right + len(wrong)), wrong)

    def test_likely_is_mostly_right(self):
        """What is called likely is right more often than not."""
        right, wrong = self._count(certainty="likely", kind="branch")
        self.assertGreaterEqual(right, len(wrong), wrong)

    def test_recall(self):
        """Nine of ten true branches are found, and eight of ten are certain or likely."""
        true = {row.key for row in self.rows if row.parent is not None}
        right = self.found.filtered(self._is_right).filtered(lambda found: found.kind == "branch")
        found = {self.keys[suggestion.partner_id.id] for suggestion in right}
        missed = Counter(self.rows[key].values["name"] for key in true - found)
        self.assertGreaterEqual(len(found), 0.9 * len(true), missed)
        good = right.filtered(lambda suggestion: suggestion.certainty != "weak")
        self.assertGreaterEqual(len(good), 0.8 * len(true))

    def test_duplicates(self):
        """Every customer that is there twice is found, and proposed as nobody's branch."""
        twice = {row.key for row in self.rows if row.same_as is not None}
        right, wrong = self._count(kind="duplicate")
        self.assertEqual((right, wrong), (len(twice), []))
        pairs = self.found.filtered(lambda found: found.kind == "duplicate").partner_id
        branches = self.found.filtered(lambda found: found.kind == "branch").partner_id
        self.assertFalse(pairs & branches)

    def test_persons_are_nobody(self):
        """Private persons are neither branches nor head offices."""
        for suggestion in self.found:
            self.assertTrue((suggestion.partner_id | suggestion.parent_id)[0].is_company)

    def test_nobody_is_proposed_twice(self):
        """One suggestion a customer, and no cycle among all of them."""
        self.assertEqual(len(self.found.partner_id), len(self.found))
        parent_of = {found.partner_id: found.parent_id for found in self.found}
        for start in parent_of:
            seen, node = set(), start
            while node in parent_of:
                self.assertNotIn(node, seen)
                seen.add(node)
                node = parent_of[node]

    def _get_receivables(self):
        """Return ``{customer: (posted balance, open amount)}`` of receivables."""
        self.env.flush_all()
        groups = self.env["account.move.line"]._read_group(
            [("parent_state", "=", "posted"), ("account_type", "=", "asset_receivable")],
            ["partner_id"],
            ["balance:sum", "amount_residual:sum"],
        )
        return {partner: values for partner, *values in groups}

    def _get_total(self, receivables):
        return self.env.company.currency_id.round(
            sum(balance for balance, _ in receivables.values())
        )

    def test_balances_stay(self):
        """Accepting all that is certain changes no open amount, and no balance that was right.

        Where core had matched two customers of one family, their balances were not their open
        items; they are from then on, and the total is the same.
        """
        before = self._get_receivables()
        certain = self.found.filtered(
            lambda found: found.certainty == "certain" and found.kind == "branch"
        )
        action = certain.action_accept()
        after = self._get_receivables()
        self.assertEqual(self._get_total(after), self._get_total(before))
        self.assertEqual(
            {partner: residual for partner, (_balance, residual) in after.items()},
            {partner: residual for partner, (_balance, residual) in before.items()},
        )
        for partner, (balance, residual) in after.items():
            if [balance, residual] != before[partner]:
                self.assertEqual(balance, residual)
        for suggestion in certain:
            self.assertEqual(suggestion.partner_id.billing_parent_id, suggestion.parent_id)
        update = self.env["customer.hierarchy.update"].browse(action["res_id"])
        self.assertEqual(update.change_count, len(certain))
        update.action_undo()
        self.assertFalse(certain.partner_id.billing_parent_id)
        self.assertEqual(self._get_receivables(), after)

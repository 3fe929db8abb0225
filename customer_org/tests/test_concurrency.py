# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_concurrency import ConcurrencyCase, SettlementConcurrencyCase


@tagged("post_install", "-at_install")
class TestConcurrentHierarchy(ConcurrencyCase):
    """No cycle can be committed, and the closure table always says what the parents say."""

    def _set_parent(self, customer_id, parent_id):
        def function(env):
            env["res.partner"].browse(customer_id).billing_parent_id = parent_id

        return function

    def _assert_one_was_refused(self, results):
        refused = [error for error in results if error]
        self.assertEqual(len(refused), 1, results)
        self.assertIn("can't be billed under itself or under one of its own", str(refused[0]))

    def _assert_closure(self):
        """Compare the closure table and the roots with the parents, followed one by one."""

        def check(env):
            links, roots = set(), {}
            for partner in env["res.partner"].browse(self.partner_ids):
                ancestor, depth = partner, 0
                while ancestor:
                    links.add((ancestor.id, partner.id, depth))
                    roots[partner] = ancestor
                    ancestor, depth = ancestor.billing_parent_id, depth + 1
                    self.assertLessEqual(depth, len(self.partner_ids), "a cycle")
                if not partner.billing_parent_id and not partner.billing_child_ids:
                    links.remove((partner.id, partner.id, 0))
            found = env["customer.hierarchy.link"].search(
                [("descendant_id", "in", self.partner_ids)]
            )
            self.assertEqual(
                {(link.ancestor_id.id, link.descendant_id.id, link.depth) for link in found}, links
            )
            for partner, root in roots.items():
                self.assertEqual(partner.billing_root_id, root)

        self._commit(check)

    def test_each_under_the_other(self):
        """A goes under B while B goes under A: one of them is refused."""
        a, b = self._create_customers("A", "B")
        results = self._run_at_once(self._set_parent(a, b), self._set_parent(b, a))
        self._assert_one_was_refused(results)
        self._assert_closure()

    def test_trees_under_each_others_leaves(self):
        """A goes under B's grandchild while B goes under A's: one of them is refused."""
        a, b = self._create_customers("A", "B")
        (a1,) = self._create_customers("A1", billing_parent_id=a)
        (b1,) = self._create_customers("B1", billing_parent_id=b)
        (a2,) = self._create_customers("A2", billing_parent_id=a1)
        (b2,) = self._create_customers("B2", billing_parent_id=b1)
        results = self._run_at_once(self._set_parent(a, b2), self._set_parent(b, a2))
        self._assert_one_was_refused(results)
        self._assert_closure()

    def test_siblings_deep_in_one_tree(self):
        """Two nodes of one tree go under each other's child: one of them is refused."""
        (root,) = self._create_customers("Root")
        (middle,) = self._create_customers("Middle", billing_parent_id=root)
        a, b = self._create_customers("A", "B", billing_parent_id=middle)
        (a1,) = self._create_customers("A1", billing_parent_id=a)
        (b1,) = self._create_customers("B1", billing_parent_id=b)
        results = self._run_at_once(self._set_parent(a, b1), self._set_parent(b, a1))
        self._assert_one_was_refused(results)
        self._assert_closure()

    def test_three_in_a_ring(self):
        """A under B, B under C, C under A at once: one of them is refused."""
        a, b, c = self._create_customers("A", "B", "C")
        results = self._run_at_once(
            self._set_parent(a, b), self._set_parent(b, c), self._set_parent(c, a)
        )
        self._assert_one_was_refused(results)
        self._assert_closure()

    def test_new_branch_while_its_parent_moves(self):
        """A branch is created under A while A goes under B: B becomes its ancestor too."""
        a, b = self._create_customers("A", "B")

        def create(env):
            values = {"name": "A1", "is_company": True, "billing_parent_id": a}
            created.append(env["res.partner"].create(values).id)

        created = []
        results = self._run_at_once(create, self._set_parent(a, b))
        self.partner_ids += created[-1:]
        self.assertEqual(results, [None, None])
        self._assert_closure()


@tagged("post_install", "-at_install")
class TestConcurrentSettlement(SettlementConcurrencyCase):
    """Nothing is spent, paid or given back twice."""

    def test_one_credit_for_two_debts(self):
        """Scenario 16: the head office's 1,250 are spent once; who is late gets what is left."""
        credit = self._create_item(self.hq, -1250)
        north, south = self._create_item(self.north, 1000), self._create_item(self.south, 1000)
        results = self._run_at_once(self._reconcile(credit, north), self._reconcile(credit, south))
        self.assertEqual(results, [None, None])
        self.assertEqual(self._get_residuals(credit), [0])
        self.assertEqual(sorted(self._get_residuals(north, south)), [0, 750])
        self._assert_settled(1250)

    def test_two_credits_for_one_debt(self):
        """Two of the head office's payments for one invoice: it is not paid twice."""
        credits = self._create_item(self.hq, -1000), self._create_item(self.hq, -600)
        debt = self._create_item(self.north, 1000)
        self._run_at_once(*(self._reconcile(credit, debt) for credit in credits))
        self.assertEqual(self._get_residuals(debt), [0])
        self.assertEqual(sum(self._get_residuals(*credits)), -600)
        self._assert_settled(1000)

    def test_branch_and_own_debt(self):
        """A credit used for a branch and for the head office itself at once is spent once."""
        credit = self._create_item(self.hq, -1250)
        north, own = self._create_item(self.north, 1000), self._create_item(self.hq, 1000)
        self._run_at_once(self._reconcile(credit, north), self._reconcile(credit, own))
        self.assertEqual(self._get_residuals(credit), [0])
        self.assertEqual(sorted(self._get_residuals(north, own)), [0, 750])

    def test_undone_twice(self):
        """Two users undo one settlement at once: the credit comes back once."""
        credit = self._create_item(self.hq, -1250)
        debts = self._create_item(self.north, 1000), self._create_item(self.south, 1000)
        self._commit(self._reconcile(credit, *debts))

        def undo(env):
            env["customer.settlement"].search([("payer_id", "=", self.hq)]).action_undo()

        results = self._run_at_once(undo, undo)
        refused = [error for error in results if error]
        self.assertEqual(len(refused), 1, results)
        self.assertIn("already cancelled", str(refused[0]))
        self.assertEqual(self._get_residuals(credit, *debts), [-1250, 1000, 1000])
        self._assert_settled(0)

    def test_two_matches_of_one_settlement_removed(self):
        """Two users remove the matches of two invoices that one settlement paid."""
        credit = self._create_item(self.hq, -2000)
        north, south = self._create_item(self.north, 1000), self._create_item(self.south, 1000)
        self._commit(self._reconcile(credit, north, south))

        def remove(line_id):
            return lambda env: env["account.move.line"].browse(line_id).remove_move_reconcile()

        results = self._run_at_once(remove(north), remove(south))
        self.assertEqual(results, [None, None])
        self.assertEqual(self._get_residuals(credit, north, south), [-2000, 1000, 1000])
        self._assert_settled(0)

    def test_one_credit_in_two_wizards(self):
        """Scenario 16 in the wizard: who posts second is told that the credit is used."""
        credit = self._create_item(self.hq, -1250)
        north, south = self._create_item(self.north, 1000), self._create_item(self.south, 1000)

        def open_for(line_id):
            def function(env):
                debt = env["account.move.line"].browse(line_id).move_id
                payer = env["res.partner"].browse(self.hq)
                action = env["customer.settlement.wizard"]._open(payer, debt_moves=debt)
                return action["res_id"]

            return self._commit(function)

        def post(wizard_id):
            return lambda env: env["customer.settlement.wizard"].browse(wizard_id).action_post()

        results = self._run_at_once(*(post(open_for(line_id)) for line_id in (north, south)))
        refused = [error for error in results if error]
        self.assertEqual(len(refused), 1, results)
        self.assertIn("changed", str(refused[0]))
        self.assertEqual(self._get_residuals(credit), [-250])
        self.assertEqual(sorted(self._get_residuals(north, south)), [0, 1000])
        self._assert_settled(1000)

    def test_lost_journal_needed_by_two(self):
        """The company's settlement journal is gone, and two users settle: one is made."""

        def forget(env):
            env.company.customer_settlement_journal_id = False
            return env["account.journal"].search_count([])

        count = self._commit(forget)
        pairs = [
            (self._create_item(self.hq, -1000), self._create_item(customer, 1000))
            for customer in (self.north, self.south)
        ]
        results = self._run_at_once(*(self._reconcile(*pair) for pair in pairs))
        self.assertEqual(results, [None, None])
        self.assertEqual(self._get_residuals(*pairs[0], *pairs[1]), [0, 0, 0, 0])
        self.assertEqual(
            self._commit(lambda env: env["account.journal"].search_count([])), count + 1
        )
        self._assert_settled(2000)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from odoo.addons.customer_org.models.settlement.account_partial_reconcile import UNDO


class ConcurrencyCase(BaseCase):
    """Two users at once, each in a transaction of its own that really commits.

    What a test needs is committed before and removed after it, by :meth:`_remove`, also where it
    fails. Odoo tries a transaction again that collided with another one; so do we.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.partner_ids = []
        self.addCleanup(self._commit, self._remove)

    @contextmanager
    def _environment(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _commit(self, function):
        """Return what ``function(env)`` returns, committed."""
        with self._environment() as env:
            return function(env)

    def _remove(self, env):
        partners = env["res.partner"].with_context(active_test=False).browse(self.partner_ids)
        partners.billing_parent_id = False
        partners.unlink()

    def _create_customers(self, *names, **values):
        def create(env):
            vals_list = [{"name": name, "is_company": True, **values} for name in names]
            return env["res.partner"].create(vals_list).ids

        ids = self._commit(create)
        self.partner_ids += ids
        return ids

    def _run_at_once(self, *functions):
        """Run each ``function(env)`` as Odoo runs a call, all on the database's present state.

        :return: what each ended in: None, or the error that its user sees
        """
        # Nobody goes on before all have their snapshot of the database.
        barrier = threading.Barrier(len(functions), timeout=30)
        tries = []

        def run(function):
            started = False

            def attempt(env):
                nonlocal started
                tries.append(function)
                if not started:
                    started = True
                    env.cr.execute("SELECT 1 FROM res_partner LIMIT 1")
                    barrier.wait()
                function(env)

            try:
                self._commit(lambda env: retrying(lambda: attempt(env), env))
            except (UserError, ValidationError) as error:
                return error

        # The test runner keeps the registry's lock from other threads; and the wait before Odoo
        # tries again: short.
        with (
            patch.object(Registry, "_lock", DummyRLock()),
            patch("odoo.service.model.random.uniform", return_value=0.01),
            mute_logger("odoo.sql_db"),
            ThreadPoolExecutor(len(functions)) as executor,
        ):
            results = list(executor.map(run, functions))
        self.assertGreater(len(tries), len(functions), "they did not collide")
        return results


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
class TestConcurrentSettlement(ConcurrencyCase):
    """Nothing is spent, paid or given back twice."""

    def setUp(self):
        super().setUp()
        (self.hq,) = self._create_customers("Acme HQ")
        self.north, self.south = self._create_customers(
            "Acme N", "Acme S", billing_parent_id=self.hq
        )
        self._commit(self._create_journal)

    def _create_journal(self, env):
        """Of our own: the database's company may have no chart of accounts."""
        self.receivable_id, self.revenue_id = (
            env["account.account"]
            .create(
                [
                    {"name": "R", "code": "CONCURR1", "account_type": "asset_receivable"},
                    {"name": "Revenue", "code": "CONCURR2", "account_type": "income"},
                ]
            )
            .ids
        )
        self.journal_id = (
            env["account.journal"]
            .create({"name": "Concurrency", "code": "CONCU", "type": "general"})
            .id
        )
        self.former_journal_id = env.company.customer_settlement_journal_id.id
        env.company.customer_settlement_journal_id = self.journal_id

    def _remove(self, env):
        env["customer.settlement.wizard"].search([("payer_id", "=", self.hq)]).unlink()
        journals = env["account.journal"].browse(self.journal_id)
        if env.company.customer_settlement_journal_id.id != self.former_journal_id:
            # Also one that was made in the test.
            journals |= env.company.customer_settlement_journal_id
        moves = env["account.move"].search([("journal_id", "in", journals.ids)])
        moves.line_ids.remove_move_reconcile()
        settlements = moves.customer_settlement_id
        # A settlement and its entry protect each other from being deleted.
        moves.with_context(customer_settlement_undo=UNDO).customer_settlement_id = False
        settlements.unlink()
        moves.filtered(lambda move: move.state == "posted").button_draft()
        moves.with_context(force_delete=True).unlink()
        env.company.customer_settlement_journal_id = self.former_journal_id
        journals.unlink()
        env["account.account"].browse([self.receivable_id, self.revenue_id]).unlink()
        return super()._remove(env)

    def _create_item(self, partner_id, balance):
        """Post an entry and return the id of its receivable item."""

        def create(env):
            move = env["account.move"].create(
                {
                    "journal_id": self.journal_id,
                    "line_ids": [
                        Command.create(
                            {
                                "name": "Item",
                                "partner_id": partner_id,
                                "account_id": account_id,
                                "balance": amount,
                            }
                        )
                        for account_id, amount in (
                            (self.receivable_id, balance),
                            (self.revenue_id, -balance),
                        )
                    ],
                }
            )
            move.action_post()
            return move.line_ids.filtered(lambda line: line.account_id.id == self.receivable_id).id

        return self._commit(create)

    def _reconcile(self, *line_ids):
        return lambda env: env["account.move.line"].browse(line_ids).reconcile()

    def _get_residuals(self, *line_ids):
        return self._commit(
            lambda env: env["account.move.line"].browse(line_ids).mapped("amount_residual")
        )

    def _assert_settled(self, amount):
        """Check what is settled now, and that no leg of a settlement is open."""

        def check(env):
            settlements = env["customer.settlement"].search([("payer_id", "=", self.hq)])
            self.assertEqual(sum(settlements.mapped("amount")), amount)
            legs = env["account.move.line"].search(
                [
                    ("move_id.customer_settlement_id", "in", settlements.ids),
                    ("parent_state", "=", "posted"),
                ]
            )
            self.assertFalse(legs.filtered("amount_residual"), "stray leg")

        self._commit(check)

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

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
from odoo.tests import BaseCase
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


class SettlementConcurrencyCase(ConcurrencyCase):
    """A head office with two branches, and accounts and journals of our own."""

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

    def _get_journal_ids(self):
        """Return the journals that are removed in the end, with all their entries."""
        return [self.journal_id]

    def _get_account_ids(self):
        return [self.receivable_id, self.revenue_id]

    def _remove(self, env):
        env["customer.settlement.wizard"].search([("payer_id", "=", self.hq)]).unlink()
        journals = env["account.journal"].browse(self._get_journal_ids())
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
        env["account.account"].browse(self._get_account_ids()).unlink()
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

"""What ordinary customers, in no hierarchy and no group, cost with our addons and without.

Posting and matching invoices, and *Register Payment*, in a database with our addons and in one
with their dependencies only: in turn, several times, the median of each side. A ratio of two runs
one after the other says more about the machine.
"""

from statistics import median

from bench import common
from bench.settle import (
    _analyze,
    _copy_invoices,
    _create_customers,
    _create_invoices,
    _open_items,
    _post_payments,
)

ORDINARY = 100
ROUNDS = 7


def main(env):
    """Run all and report; return whether every target is met."""
    with common.open_env(common.core_database()) as core_env:
        sides = [_Side(common.new_company(one, "Bench")) for one in (env, core_env)]
        rounds = [[side.measure() for side in sides] for _round in range(ROUNDS)]
    met = []
    for number, what in enumerate(("Post and match", "Register payments of")):
        ours, core = (_get_median([one[side][number] for one in rounds]) for side in (0, 1))
        met.append(
            common.report(
                f"{what} {ORDINARY} invoices of ordinary customers, median of {ROUNDS}",
                ours,
                core,
                seconds=1.02,
                more_queries=3,
            )
        )
    return all(met)


def _get_median(measures):
    return common.Measure(
        median(one.seconds for one in measures),
        round(median(one.queries for one in measures)),
        median(one.cpu for one in measures),
    )


class _Side:
    """One of the two databases, with customers and payments; each measure leaves it as it was."""

    def __init__(self, env):
        self.env = env
        self.customers = _create_customers(env, ORDINARY, "Ordinary")
        self.drafts = _create_invoices(env, self.customers, ORDINARY)
        self.payments = _post_payments(env, self.customers, 10.0)
        self.posted = _copy_invoices(env, self.customers, ORDINARY)
        _analyze(env)

    def measure(self):
        return [self._measure(self._post_and_match), self._measure(self._register)]

    def _measure(self, action):
        with self.env.cr.savepoint() as savepoint:
            with common.measure(self.env) as result:
                action()
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return result

    def _post_and_match(self):
        self.drafts.action_post()
        items = _open_items(self.drafts | self.payments.move_id).grouped("partner_id")
        self.env["account.move.line"]._reconcile_plan(list(items.values()))
        assert set(self.drafts.mapped("payment_state")) == {"paid"}

    def _register(self):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.posted.ids
        )
        wizard.create({})._create_payments()
        assert not any(self.posted.mapped("amount_residual"))

"""1,000 lines of a payer's list: settled by the list, and by hand.

By hand is what an accountant does with the same documents: all items reconciled at once. Reading
the file and finding its documents is measured by itself.
"""

import base64

from bench import common
from bench.settle import _analyze, _copy_invoices, _create_customers, _open_items, _post_payments

LINES = 1000
BRANCHES = 100


def main(env):
    """Run all and report; return whether every target is met."""
    env = common.new_company(env, "Bench")
    by_hand = _measure_by_hand(env)
    reading, settling, undoing = _measure_by_list(env)
    return all(
        [
            common.report(
                f"Settle {LINES} lines of a list, against the same by hand",
                settling,
                by_hand["settle"],
                seconds=1.2,
            ),
            common.report(
                f"Read a list of {LINES} lines and find its documents, against settling by hand",
                reading,
                by_hand["settle"],
                seconds=0.5,
            ),
            common.report("Undo the remittance", undoing, by_hand["undo"]),
        ]
    )


def _prepare(env):
    """Return a head office, the invoices of its branches, and the payment of just their sum."""
    payer = _create_customers(env, 1, "Head office")
    branches = _create_customers(env, BRANCHES, "Branch", billing_parent_id=payer.id)
    invoices = _copy_invoices(env, branches, LINES)
    payment = _post_payments(env, payer, sum(invoices.mapped("amount_total")))
    _analyze(env)
    return payer, invoices, payment


def _measure_by_hand(env):
    _payer, invoices, payment = _prepare(env)
    with common.measure(env) as settle:
        (_open_items(invoices) | _open_items(payment.move_id)).reconcile()
    assert set(invoices.mapped("payment_state")) == {"paid"}
    with common.measure(env) as undo:
        payment.move_id.line_ids.remove_move_reconcile()
    assert set(invoices.mapped("payment_state")) == {"not_paid"}
    return {"settle": settle, "undo": undo}


def _measure_by_list(env):
    payer, invoices, payment = _prepare(env)
    rows = ["Invoice;Date;Paid"]
    rows += [f"{move.name};2026-03-05;{move.amount_total:.2f}" for move in invoices]
    content = base64.b64encode("\n".join(rows).encode())
    with common.measure(env) as reading:
        wizard = env["customer.remittance.import"].create(
            {"partner_id": payer.id, "file": content, "file_name": "list.csv"}
        )
        remittance = env["customer.remittance"].browse(wizard.action_import()["res_id"])
    assert set(remittance.line_ids.mapped("status")) == {"ok"}
    assert remittance.credit_line_ids.move_id == payment.move_id
    with common.measure(env) as settling:
        remittance.action_settle()
    assert set(invoices.mapped("payment_state")) == {"paid"}
    with common.measure(env) as undoing:
        remittance.action_undo()
    assert set(invoices.mapped("payment_state")) == {"not_paid"}
    return reading, settling, undoing

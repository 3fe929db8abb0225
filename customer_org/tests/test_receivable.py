# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import doctest
from datetime import date

from freezegun import freeze_time

from odoo.fields import Command, Domain
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from odoo.addons.customer_org.models import receivable

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestAgingArithmetic(BaseCase):
    """What needs no database."""

    def test_examples(self):
        """The examples in the docstrings are right, and there are some."""
        result = doctest.testmod(receivable)
        self.assertFalse(result.failed)
        self.assertTrue(result.attempted)


class ReceivableCommon(SettlementCommon):
    """One item of each kind that a rule of `receivable.py` has to tell apart."""

    def entry(self, partner, balance):
        """Post an opening item: a debt where ``balance`` is positive."""
        contra = self.company_data["default_account_revenue"]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-05",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": partner.id,
                            "balance": balance,
                        }
                    ),
                    Command.create({"account_id": contra.id, "balance": -balance}),
                ],
            }
        )
        move.action_post()
        return move

    def wire(self, partner, amount):
        """A bank line whose counterpart is an open receivable item."""
        return self._wire(partner, amount).move_id

    def find(self, domain, *moves):
        """Return those of the documents that have an item in ``domain``, also by filtering."""
        items = self._receivable_lines(self.env["account.move"].union(*moves))
        found = items.search(domain & Domain("id", "in", items.ids))
        self.assertEqual(found, items.filtered_domain(domain))
        return found.move_id.sorted("id")


@tagged("post_install", "-at_install")
class TestUsableItems(ReceivableCommon):
    """Which credits may be used, and what is a debt: one rule for all who ask."""

    def test_usable_credits(self):
        """Payments, credit notes, bank lines and opening credits may pay."""
        payment = self._payment(self.hq, 100.0).move_id
        note = self._invoice(self.hq, 50.0, due="2026-01-05", move_type="out_refund")
        wire, opening = self.wire(self.hq, 70.0), self.entry(self.hq, -30.0)
        usable = payment | note | wire | opening
        found = self.find(receivable.USABLE_CREDIT, usable, self.invoices)
        self.assertEqual(found, usable.sorted("id"))

    def test_unusable_credits(self):
        """Drafts, blocked and vendor documents, what is spent, and lost payments may not."""
        draft = self.invoice_n.copy({"move_type": "out_refund"})
        blocked = self._invoice(self.hq, 50.0, due="2026-01-05", move_type="out_refund")
        blocked.action_toggle_block_payment()
        spent = self._payment(self.north, 3000.0)
        self.reconcile(spent, self.invoice_n)
        rejected, canceled = self._payment(self.hq, 40.0), self._payment(self.hq, 41.0)
        rejected.action_reject()
        canceled.state = "canceled"  # its entry stays posted where a module keeps it
        bill = self._invoice(self.hq, 60.0, due="2026-01-05", move_type="in_invoice")
        bill_item = bill.line_ids.filtered(lambda line: line.account_type == "liability_payable")
        # SQL: core refuses it today, old databases have it.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET account_id = %s, balance = -60 WHERE id = %s",
            [self.receivable.id, bill_item.id],
        )
        bill_item.invalidate_recordset()
        found = self.find(
            receivable.USABLE_CREDIT,
            draft,
            blocked,
            bill,
            spent.move_id,
            rejected.move_id,
            canceled.move_id,
        )
        self.assertFalse(found)

    def test_debts(self):
        """Invoices, receipts and opening debits are debts; money that goes back is none (L14)."""
        receipt = self._invoice(self.north, 20.0, due="2026-01-05", move_type="out_receipt")
        opening = self.entry(self.south, 500.0)
        refund = self._payment(self.north, 500.0, payment_type="outbound").move_id
        refund_by_bank = self.wire(self.north, -70.0)
        blocked = self._invoice(self.east, 50.0, due="2026-01-05")
        blocked.action_toggle_block_payment()
        debts = self.invoices | receipt | opening
        self.assertEqual(
            self.find(receivable.DEBT, debts, refund, refund_by_bank, blocked), debts.sorted("id")
        )

    def test_legs(self):
        """An open leg of a settlement is neither: it is an error to be repaired."""
        settlement = self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        legs = settlement.move_id.line_ids
        self.env.cr.execute(
            "UPDATE account_move_line SET reconciled = FALSE, amount_residual = balance,"
            " amount_residual_currency = amount_currency WHERE id = ANY(%s)",
            [legs.ids],
        )
        legs.invalidate_recordset()
        self.assertFalse(self.find(receivable.USABLE_CREDIT | receivable.DEBT, settlement.move_id))

    def test_reasons_agree(self):
        """The SQL that says why not names no reason just where the domains find the item."""
        self.test_usable_credits()
        self.test_debts()
        self.test_unusable_credits()
        items = self._receivable_lines(self.env["account.move"].search([]))
        items = items.filtered("partner_id").filtered(
            lambda line: not line.move_id.customer_settlement_id
        )
        self.env.flush_all()
        reason = receivable.get_unusable_reason("item", "move", "payment")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.id FROM account_move_line item
                  JOIN account_move move ON move.id = item.move_id
             LEFT JOIN account_payment payment ON payment.id = item.payment_id
                 WHERE item.id = ANY(%s) AND %s IS NULL
                """,
                items.ids,
                reason,
            )
        )
        found = items.filtered_domain(receivable.USABLE_CREDIT | receivable.DEBT)
        self.assertEqual({item_id for (item_id,) in rows}, set(found.ids))

    def test_late_by_the_users_day(self):
        """At 22:30 in New York it is tomorrow in UTC already: nothing is late before its time."""
        self.env.user.tz = "America/New_York"
        with freeze_time("2026-01-11 03:30:00"):
            self.assertEqual(receivable.get_today(self.env), date(2026, 1, 10))
            late = self.invoices.filtered_domain(receivable.get_late_document_domain(self.env))
            self.assertFalse(late)
            self.assertFalse(receivable.is_late_document(self.invoice_n))
        with freeze_time("2026-01-11 05:30:00"):
            late = self.invoices.filtered_domain(receivable.get_late_document_domain(self.env))
            self.assertEqual(late, self.invoice_n)
            self.assertTrue(receivable.is_late_document(self.invoice_n))

    def test_only_open_debts_are_late(self):
        """A paid invoice is late no more, and a credit note never is."""
        note = self._invoice(self.north, 10.0, due="2026-01-12", move_type="out_refund")
        self._receivable_lines(
            self._payment(self.south, 2500.0).move_id | self.invoice_s
        ).reconcile()
        documents = self.invoices | note
        late = receivable.get_late_documents(documents)
        self.assertEqual(late, self.invoice_n | self.invoice_e | self.invoice_w)
        self.assertFalse(receivable.is_late_document(note))
        self.assertFalse(receivable.get_late_documents(documents.browse()))


@tagged("post_install", "-at_install")
class TestLostPayment(ReceivableCommon):
    """A payment that bounced is offered, proposed and used nowhere (L1)."""

    def setUp(self):
        super().setUp()
        self.payment = self._payment(self.hq, 10000.0)
        self.reconcile(self.payment, self.invoices)
        self.payment.action_reject()
        self.env.flush_all()

    def test_all_open(self):
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"not_paid"})
        self.assert_ledger()

    def test_not_offered(self):
        self.assertFalse(self.invoice_n.invoice_outstanding_credits_debits_widget)
        self.assertFalse(self.payment.can_settle_branches)
        self.assertFalse(self.payment.move_id.can_settle_branches)

    def test_not_settled_automatically(self):
        self.hq.billing_auto_settle = True
        self.assertFalse(self.env["res.partner"]._get_auto_settle_candidates())
        self.assertFalse(self.hq._auto_settle())
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"not_paid"})

    def test_not_in_the_wizard(self):
        """The wizard shows it among what is skipped, with the reason."""
        action = self.hq.action_settle_branches()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertFalse(wizard.credit_ids)
        skipped = wizard.skipped_ids.filtered(lambda line: line.reason == "lost")
        self.assertEqual(skipped.move_id, self.payment.move_id)


@tagged("post_install", "-at_install")
class TestNearerCredits(ReceivableCommon):
    """What a nearer credit covers is left to it, also before anybody has matched it (L13)."""

    def settle(self, payer):
        payer._auto_settle()
        self.assert_ledger()

    def test_own_payment(self):
        """N's own payment pays N: the head office's goes to S and E."""
        self._payment(self.north, 3000.0)
        self._payment(self.hq, 3000.0)
        self.settle(self.hq)
        self.assertEqual(self.invoice_n.amount_residual, 3000.0)
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=1250.0, W=1500.0)

    def test_partly_covered(self):
        """Only as much as the credit covers is left out."""
        self._payment(self.north, 1000.0)
        self._payment(self.hq, 2500.0)
        self.settle(self.hq)
        self.assertEqual(self.invoice_n.amount_residual, 1000.0)
        self.assert_open(HQ=0.0, N=0.0, S=2000.0)

    def test_nearer_ancestor(self):
        """A credit of the customer between them covers, a sister's does not."""
        depot = self._create_customer("Depot", self.north)
        invoice = self._invoice(depot, 500.0, due="2026-01-02")
        self.invoice_n.action_toggle_block_payment()
        self._payment(self.north, 200.0)
        self._payment(self.south, 9000.0)
        self._payment(self.hq, 300.0)
        self.settle(self.hq)
        self.assertEqual(invoice.amount_residual, 200.0)
        self.assert_open(HQ=0.0, E=1750.0)

    def test_other_currency(self):
        """N's payment in another currency covers too, whatever order core matches in."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self._payment(self.north, 1500.0, currency_id=euro.id)
        self._payment(self.hq, 3000.0)
        self.settle(self.hq)
        self.assertEqual(self.invoice_n.amount_residual, 3000.0)
        self.assert_open(HQ=0.0, S=0.0, E=1250.0)

    def test_lost_payment_covers_nothing(self):
        """N's bounced payment keeps nobody from paying N."""
        self._payment(self.north, 3000.0).action_reject()
        self._payment(self.hq, 3000.0)
        self.settle(self.hq)
        self.assertEqual(self.invoice_n.payment_state, "paid")

    def test_proposal(self):
        """The wizard proposes the same, by every policy."""
        self._payment(self.north, 3000.0)
        self._payment(self.hq, 4000.0)
        action = self.hq.action_settle_branches()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        for policy in ("oldest", "own", "pro_rata"):
            wizard.policy = policy
            wizard.action_propose()
            amounts = {line.move_id: line.amount for line in wizard.debt_ids}
            self.assertEqual(amounts[self.invoice_n], 0.0, policy)
            self.assertAlmostEqual(sum(amounts.values()), 4000.0, 2, policy)

    def test_refund_is_no_debt(self):
        """N overpaid 500 and got it back: the head office's credit does not pay that (L14)."""
        self.reconcile(self._payment(self.north, 3500.0), self.invoice_n)
        refund = self._payment(self.north, 500.0, payment_type="outbound")
        self._payment(self.hq, 10000.0)
        self.settle(self.hq)
        self.assertFalse(self._receivable_lines(refund.move_id).reconciled)
        self.assert_open(HQ=-10000.0 + 5750.0, N=0.0)


@tagged("post_install", "-at_install")
class TestAgingSteps(ReceivableCommon):
    """The company's days move the buckets of the aged report, as those of statements."""

    def report(self):
        self.env.flush_all()
        return self.env["customer.aged.receivable"]

    def amounts(self):
        names = ("amount_not_due", "amount_30", "amount_60", "amount_90", "amount_older")
        ((*sums,),) = self.report()._read_group(
            [("company_id", "=", self.company.id)], [], [f"{name}:sum" for name in names]
        )
        return [amount or 0.0 for amount in sums]

    @freeze_time("2026-02-01")
    def test_buckets(self):
        """22, 17, 12 and 1 days late."""
        self.assertEqual(self.amounts(), [0.0, 8750.0, 0.0, 0.0, 0.0])
        self.company.statement_ageing_days = "10, 15, 20, 25"
        self.assertEqual(self.amounts(), [0.0, 1500.0, 1750.0, 2500.0, 3000.0])
        names = self.report().fields_get(["amount_30", "amount_older", "age"])
        self.assertEqual(names["amount_30"]["string"], "1-10")
        self.assertEqual(names["amount_older"]["string"], "> 20")
        self.assertEqual(
            [label for _key, label in names["age"]["selection"][1:3]], ["1-10", "11-15"]
        )

    @freeze_time("2026-02-01")
    def test_fewer_steps(self):
        """What the company has no bucket for is no column."""
        self.company.statement_ageing_days = "15"
        self.assertEqual(self.amounts(), [0.0, 3250.0, 5500.0, 0.0, 0.0])
        arch = self.report().get_view(view_type="list")["arch"]
        self.assertIn("amount_60", arch)
        self.assertNotIn("amount_90", arch)
        self.assertIn('sum="&gt; 15"', arch)

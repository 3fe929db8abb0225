# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..models import receivable
from .test_receivable import ReceivableCommon


class ReadersCommon(ReceivableCommon):
    """Whoever asks which credits may pay, and what is owed, hears the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create({"name": "Payables", "parent_id": cls.hq.id})

    def note(self, amount, partner=None, **values):
        return self._invoice(
            partner or self.hq, amount, due="2026-01-05", move_type="out_refund", **values
        )

    def open_wizard(self):
        action = self.hq.action_settle_branches()
        return self.env[action["res_model"]].browse(action["res_id"])

    def get_waiting(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["customer.to.settle"].search([("payer_id", "=", self.hq.id)])

    def settle_automatically(self):
        """Return the items that automatic settlement would match; nothing stays of it."""
        with self.taken_back():
            items = self.hq._auto_settle()
            found = items.filtered(lambda line: line.balance < 0), items.filtered("balance")
            moves = [lines.move_id for lines in found]
        self.env.invalidate_all()
        return moves[0], moves[1] - moves[0]

    def get_offered(self, invoice):
        """Return the documents in an invoice's *Outstanding credits*, and their amounts."""
        self.env.invalidate_all()
        widget = invoice.invoice_outstanding_credits_debits_widget or {"content": []}
        return {
            self.env["account.move"].browse(values["move_id"]): values["amount"]
            for values in widget["content"]
        }

    def assert_credits(self, amounts):
        """Expect each reader to know just these credits of the head office.

        :param dict amounts: ``{document: what is open of it}``
        """
        credits = self.env["account.move"].union(*amounts).sorted("id")
        self.assertEqual(self.get_offered(self.invoice_w), amounts, "outstanding credits")
        wizard = self.open_wizard()
        lines = wizard.credit_ids
        self.assertEqual(
            {line.move_id: line.amount_open for line in lines}, amounts, "settlement screen"
        )
        self.assertEqual(wizard.amount_available, sum(amounts.values()), "settlement screen")
        matched, _paid = self.settle_automatically()
        self.assertEqual(matched.sorted("id"), credits, "automatic settlement")
        waiting = self.get_waiting()
        self.assertEqual(sum(waiting.mapped("amount_credit")), sum(amounts.values()), "to settle")
        self.assertEqual(len(waiting), 1 if amounts else 0, "to settle")
        remittance = self.env["customer.remittance"].new(
            {"partner_id": self.hq.id, "company_id": self.company.id}
        )
        found = self.env["account.move.line"].search(remittance._get_credit_domain())
        self.assertEqual(found.move_id.sorted("id"), credits, "remittance")
        for move in credits:
            self.assertTrue(move.can_settle_branches, "button of the document")

    def assert_debts(self, amounts):
        """Expect each reader to know just these debts of the hierarchy."""
        wizard = self.open_wizard()
        self.assertEqual(
            {line.move_id: line.amount_open for line in wizard.debt_ids},
            amounts,
            "settlement screen",
        )
        waiting = self.get_waiting()
        self.assertEqual(
            (waiting.amount_open, waiting.debt_count), (sum(amounts.values()), len(amounts))
        )
        _credits, paid = self.settle_automatically()
        self.assertEqual(paid.sorted("id"), self.env["account.move"].union(*amounts).sorted("id"))


@tagged("post_install", "-at_install")
class TestCreditReaders(ReadersCommon):
    """What may pay, wherever one looks."""

    def test_every_kind(self):
        """A payment, a credit note, a wire, an opening item, whoever of the customer sent it."""
        other = self.receivable.copy({"code": "121997", "name": "Receivable 2"})
        amounts = {
            self._payment(self.hq, 100.0).move_id: 100.0,
            self.note(50.0): 50.0,
            self.wire(self.hq, 70.0): 70.0,
            self.entry(self.hq, -30.0): 30.0,
            self.wire(self.contact, 60.0): 60.0,
        }
        self.hq.property_account_receivable_id = other
        amounts[self.note(20.0)] = 20.0
        self.assert_credits(amounts)

    def test_none_of_these(self):
        """Drafts, blocked, lost, spent and other customers' money is nowhere offered."""
        self._payment(self.hq, 10.0).action_reject()
        self._payment(self.hq, 11.0).action_cancel()
        self.note(12.0).action_toggle_block_payment()
        self.note(13.0).button_draft()
        spent = self._payment(self.hq, 14.0)
        self.reconcile(spent, self._invoice(self.hq, 14.0, due="2026-01-01"))
        self._payment(self._create_customer("Stranger"), 15.0)
        self._payment(self.hq, 17.0, partner_type="supplier")
        self.assert_credits({})
        self.assertFalse(spent.can_settle_branches)

    def test_blocked_for_a_while(self):
        """A credit note that is blocked is gone at once, and back at once."""
        note, payment = self.note(50.0), self._payment(self.hq, 100.0).move_id
        both = {note: 50.0, payment: 100.0}
        self.assert_credits(both)
        note.action_toggle_block_payment()
        self.assert_credits({payment: 100.0})
        self.assertFalse(note.can_settle_branches)
        note.action_toggle_block_payment()
        self.assert_credits(both)

    def test_rejected_after_use(self):
        """A payment that paid N, and then bounced: N is open, and nothing of it is offered."""
        payment, kept = self._payment(self.hq, 3500.0), self._payment(self.hq, 40.0).move_id
        self.reconcile(payment, self.invoice_n)
        self.assert_credits({payment.move_id: 500.0, kept: 40.0})
        payment.action_reject()
        self.assert_ledger()
        self.assertEqual(self.invoice_n.amount_residual, 3000.0)
        self.assert_credits({kept: 40.0})
        self.assertFalse(payment.can_settle_branches)
        payment.action_draft()
        payment.action_post()
        self.assert_credits({payment.move_id: 3500.0, kept: 40.0})

    def test_what_is_left(self):
        """Of a credit that is used in part, and freed again, each says what is left of it."""
        payment = self._payment(self.hq, 3500.0).move_id
        settlement = self.reconcile(payment, self.invoice_n)
        self.assert_credits({payment: 500.0})
        settlement.action_undo()
        self.assert_credits({payment: 3500.0})

    def test_bank_line_taken_back(self):
        """A wire that the accountant takes back from the receivables pays nobody any more."""
        wire = self.wire(self.hq, 70.0)
        self.assert_credits({wire: 70.0})
        wire.statement_line_id.action_undo_reconciliation()
        self.assert_credits({})

    def test_depot_between(self):
        """For the depot's invoice N's credits are offered first, then the head office's."""
        depot = self._create_customer("Acme Depot", self.north)
        invoice = self._invoice(depot, 500.0, due="2026-01-05")
        of_hq = self._payment(self.hq, 100.0, date="2026-01-02").move_id
        of_contact = self.wire(self.contact, 60.0)
        of_north = self._payment(self.north, 30.0).move_id
        self._payment(self.south, 40.0)
        own = self._payment(depot, 20.0).move_id
        offered = self.get_offered(invoice)
        self.assertEqual(list(offered), [own, of_north, of_hq, of_contact])
        self.assertEqual(list(offered.values()), [20.0, 30.0, 100.0, 60.0])
        self.assertEqual(invoice.outstanding_credit_names, "Acme Depot, Acme N, Acme HQ")

    def test_contacts_money_by_the_widget(self):
        """What the head office's contact sent pays N by one click, and comes back by one."""
        wire = self.wire(self.contact, 60.0)
        [line] = self._receivable_lines(wire)
        self.invoice_n.js_assign_outstanding_line(line.id)
        self.assert_ledger()
        self.assertEqual(self.invoice_n.amount_residual, 2940.0)
        settlement = self.last_settlement()
        self.assertEqual((settlement.payer_id, settlement.amount), (self.hq, 60.0))
        [values] = self.invoice_n.invoice_payments_widget["content"]
        self.assertEqual((values["move_id"], values["settlement_label"]), (wire.id, "by Acme HQ"))
        self.assertEqual(values["settlement_payer_id"], self.hq.id)
        self.assertEqual(settlement.line_ids.debtor_leg_id.name, f"Paid by Acme HQ ({wire.name})")
        self.invoice_n.js_remove_outstanding_partial(values["partial_id"])
        self.assert_ledger()
        self.assertEqual(line.amount_residual, -60.0)
        self.assertEqual(settlement.state, "cancelled")


@tagged("post_install", "-at_install")
class TestDebtReaders(ReadersCommon):
    """What may be paid, wherever one looks."""

    def setUp(self):
        super().setUp()
        self._payment(self.hq, 20000.0)
        self.amounts = {move: move.amount_residual for move in self.invoices}

    def test_every_kind(self):
        """Invoices, receipts and opening debits, of the head office and of whoever is below."""
        depot = self._create_customer("Acme Depot", self.north)
        receipt = self._invoice(depot, 20.0, due="2026-01-05", move_type="out_receipt")
        own = self._invoice(self.hq, 30.0, due="2026-01-05")
        opening = self.entry(self.south, 500.0)
        self.assert_debts({**self.amounts, receipt: 20.0, own: 30.0, opening: 500.0})

    def test_none_of_these(self):
        """Drafts, blocked, vendors' documents, and money on its way back are no debts."""
        self._invoice(self.north, 20.0, due="2026-01-05").button_draft()
        self._invoice(self.north, 21.0, due="2026-01-05").action_toggle_block_payment()
        self._invoice(self.north, 22.0, due="2026-01-05", move_type="in_refund")
        self._payment(self.north, 23.0, payment_type="outbound")
        self.wire(self.south, -24.0)
        self._invoice(self._create_customer("Stranger"), 25.0, due="2026-01-05")
        self.assert_debts(self.amounts)

    def test_refund_of_a_bounced_payment(self):
        """What a bounced payment had paid is owed again, on an opening item too."""
        opening = self.entry(self.south, 500.0)
        payment = self._payment(self.hq, 500.0)
        self.reconcile(payment, opening)
        self.assert_debts(self.amounts)
        payment.action_reject()
        self.assert_ledger()
        self.assert_debts({**self.amounts, opening: 500.0})

    def test_payment_of_all(self):
        """The head office's button proposes the invoices and receipts that are debts."""
        receipt = self._invoice(self.west, 20.0, due="2026-01-05", move_type="out_receipt")
        self._invoice(self.north, 21.0, due="2026-01-05").action_toggle_block_payment()
        self._payment(self.north, 23.0, payment_type="outbound")
        action = self.hq.action_register_hierarchy_payment()
        wizard = self.env["account.payment.register"].with_context(**action["context"]).create({})
        self.assertEqual(wizard.line_ids.move_id, self.invoices | receipt)
        self.assertEqual((wizard.payer_id, wizard.amount), (self.hq, 8770.0))

    def test_warning_of_who_pays_again(self):
        """S is warned once it owes nothing: a refund on its way to it is no debt either."""
        self.reconcile(self._payment(self.hq, 2500.0), self.invoice_s)
        self._payment(self.south, 23.0, payment_type="outbound")
        draft = self.env["account.payment"].create(
            {"partner_id": self.south.id, "amount": 2500.0, "payment_type": "inbound"}
        )
        self.assertEqual(
            draft.customer_settlement_warning,
            "Acme HQ has already paid what Acme S owed (settlement "
            f"{self.last_settlement().name}). This payment will stay an open credit of Acme S.",
        )
        self.entry(self.south, 1.0)
        self.env.invalidate_all()
        self.assertFalse(draft.customer_settlement_warning)

    def test_rules_are_the_domains(self):
        """No document is a credit and a debt at once, and what is settled is neither."""
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        lines = self._receivable_lines(self.env["account.move"].search([]))
        credits = lines.filtered_domain(receivable.USABLE_CREDIT)
        debts = lines.filtered_domain(receivable.DEBT)
        self.assertFalse(credits & debts)
        self.assertNotIn(self.invoice_n, debts.move_id)
        self.assertFalse((credits | debts).move_id.customer_settlement_id)

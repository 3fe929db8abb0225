# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common_ledger import EUR_RATES
from .test_credit_limit import CreditLimitCommon


@tagged("post_install", "-at_install")
class TestCreditLimitMoments(CreditLimitCommon):
    """What settling, undoing and correcting mean for a limit that blocks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_limit_block = True
        cls.clerk = new_test_user(cls.env, "clerk", "account.group_account_invoice")
        cls.invoice = cls.env["account.move"].search([("partner_id", "=", cls.north.id)])

    def settle(self, amount=20000.0):
        """Let the head office pay what N owes; return its payment."""
        payment = self._payment(self.hq, amount)
        self._receivable_lines(payment.move_id | self.invoice).reconcile()
        self.env.invalidate_all()
        return payment

    def assert_room(self, room):
        """Expect just so much more to be possible for S, below its own limit."""
        self.south.credit_limit = 10**6
        self.assertEqual(self._get_warning(self.south, room), "")
        self._assert_warning(self.south, room + 0.01, "Acme HQ", "exceeded by $0.01")

    def test_settled_or_not(self):
        """A payment makes room when it comes; settling and undoing change nothing of that."""
        self.assert_room(7000.0)
        payment = self._payment(self.hq, 20000.0)
        self.assert_room(27000.0)
        self._receivable_lines(payment.move_id | self.invoice).reconcile()
        self.assert_room(27000.0)
        self._receivable_lines(self.invoice).remove_move_reconcile()
        self.assert_room(27000.0)

    def test_credit_of_a_bounced_payment(self):
        """A payment that bounced makes no debt disappear once its entry is cancelled."""
        payment = self.settle()
        payment.action_reject()
        payment.action_cancel()
        self.assert_room(7000.0)

    def test_undoing_is_never_refused(self):
        """Beyond the limit by any door of undoing: the next invoice is refused, not the undo."""
        payment = self.settle()
        self._draft(self.south, 12000.0).action_post()
        doors = {
            "widget": lambda: [
                self.invoice.with_user(self.clerk).js_remove_outstanding_partial(
                    values["partial_id"]
                )
                for values in self.invoice.invoice_payments_widget["content"]
            ],
            "settlement": lambda: (
                self.env["customer.settlement"]
                .search([("payer_id", "=", self.hq.id)])
                .with_user(self.clerk)
                .action_undo()
            ),
            "cancel": lambda: payment.with_user(self.clerk).action_cancel(),
            "reject": lambda: payment.with_user(self.clerk).action_reject(),
        }
        for name, door in doors.items():
            with self.subTest(door=name), self.taken_back():
                door()
                self.assertEqual(self.invoice.amount_residual, 20000.0)
                self.assertEqual(self.invoice.payment_state, "not_paid")
            self.env.invalidate_all()
        payment.with_user(self.clerk).action_cancel()
        with self.assert_refused(UserError, "Acme HQ"):
            self._draft(self.south, 1.0).with_user(self.clerk).action_post()

    def test_paid_invoice_is_posted_again(self):
        """N's paid invoice goes to draft for a word and is posted again: nobody owes more."""
        self.settle()
        self._draft(self.north, 25000.0).action_post()
        self.invoice.with_user(self.clerk).button_draft()
        self.invoice.with_user(self.clerk).action_post()
        self.assertEqual((self.invoice.state, self.invoice.payment_state), ("posted", "paid"))

    def test_partly_paid_invoice_is_posted_again(self):
        """Of an invoice that is paid by half only the other half counts."""
        self.settle(10000.0)
        self._draft(self.north, 15000.0).action_post()
        self.invoice.with_user(self.clerk).button_draft()
        with self.taken_back():
            self.invoice.with_user(self.clerk).action_post()
            self.assertEqual(self.invoice.amount_residual, 10000.0)
        self.env.invalidate_all()
        self._draft(self.south, 2500.0).action_post()
        with self.assert_refused(UserError, "Acme HQ"):
            self.invoice.with_user(self.clerk).action_post()

    def test_settled_by_a_clerk(self):
        """Settling at the limit is no debt: the legs of settlements count for nobody."""
        self._draft(self.south, 7000.0).action_post()
        payment = self._payment(self.hq, 20000.0)
        lines = self._receivable_lines(payment.move_id | self.invoice).with_user(self.clerk)
        lines.reconcile()
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_foreign_currency(self):
        """5,400 EUR at 0.9 are 6,000: within the room of 7,000; a thousand euros more are not."""
        euro = self.setup_other_currency("EUR", rates=EUR_RATES)
        self.south.credit_limit = 10**6
        values = {"currency_id": euro.id, "invoice_date": "2026-01-05"}
        self._draft(self.south, 5400.0, **values).with_user(self.clerk).action_post()
        with self.assert_refused(UserError, r"exceeded by \$.111\.11"):
            self._draft(self.south, 1000.0, **values).with_user(self.clerk).action_post()

    def test_branch_that_joins(self):
        """Who joins brings what it owes: the limit is exceeded, and the next invoice refused."""
        stranger = self._create_customer("Joined")
        self._invoice(stranger, 8000.0, due="2026-01-05")
        stranger.billing_parent_id = self.hq
        with self.assert_refused(UserError, r"exceeded by \$.1,001\.00"):
            self._draft(self.north, 1.0).with_user(self.clerk).action_post()
        stranger.billing_parent_id = False
        self.env.invalidate_all()
        self._draft(self.north, 1.0).with_user(self.clerk).action_post()

    def test_refund_on_its_way(self):
        """Money sent back to N is owed again, as in core's own total of a customer."""
        self._payment(self.north, 3000.0, payment_type="outbound")
        self.assert_room(4000.0)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestToSettle(SettlementCommon):
    """Which head offices wait to be settled, and settling several at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_customer("Other HQ")
        cls.depot = cls._create_customer("Depot", cls.other)
        cls.invoice_d = cls._invoice(cls.depot, 100.0, due="2026-01-05")

    def get_waiting(self, payer=None):
        return self.env["customer.to.settle"].search(
            [("payer_id", "in", (payer or self.hq | self.other).ids)]
        )

    def test_row(self):
        """A row says what is unspent, what is open, since when, and what can be settled."""
        self._payment(self.hq, 9000.0)
        waiting = self.get_waiting()
        self.assertEqual(waiting.payer_id, self.hq)
        self.assertEqual(
            (waiting.amount_credit, waiting.amount_open, waiting.debt_count, waiting.amount_settle),
            (9000.0, 8750.0, 4, 8750.0),
        )
        self.assertEqual(str(waiting.date_oldest), "2026-01-10")
        self.assertEqual(waiting.company_currency_id, self.company.currency_id)

    def test_nothing_waits(self):
        """Without a credit, without open invoices below, or with both on branches only."""
        self.assertFalse(self.get_waiting())
        self._payment(self.north, 10.0)
        self.assertFalse(self.get_waiting(), "a branch pays itself")
        lonely = self._create_customer("Lonely HQ")
        self._create_customer("Idle branch", lonely)
        self._invoice(lonely, 50.0, due="2026-01-10")
        self._payment(lonely, 50.0)
        self.assertFalse(self.get_waiting(lonely), "its own invoice is core's affair")

    def test_bounced_payment_waits_for_nothing(self):
        """The credit of a rejected payment is none."""
        payment = self._payment(self.hq, 9000.0)
        payment.action_reject()
        self.assertFalse(self.get_waiting())

    def test_covered_by_nearer_credits(self):
        """What credits below cover can't be settled from above; exact as automatic settlement."""
        store = self._create_customer("Store", self.north)
        self._invoice(store, 500.0, due="2026-01-02")
        self._payment(store, 600.0)
        self._payment(self.north, 3100.0)
        self._payment(self.south, 500.0)
        self._payment(self.hq, 9000.0)
        waiting = self.get_waiting()
        self.assertEqual(waiting.amount_open, 9250.0)
        self.assertEqual(waiting.amount_settle, 2000.0 + 1750.0 + 1500.0)
        self.hq._auto_settle()
        self.assertEqual(sum(self._get_open(self.hq)), -9000.0 + waiting.amount_settle)

    def _get_open(self, customer):
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", customer.id), ("account_type", "=", "asset_receivable")]
        )
        return lines.mapped("amount_residual")

    def test_filters(self):
        """Customers, payments and credit notes that wait are found."""
        payment = self._payment(self.hq, 100.0)
        partners = self.env["res.partner"]
        self.assertEqual(
            partners.search(
                [("billing_to_settle", "=", True), ("id", "in", (self.customers | self.other).ids)]
            ),
            self.hq,
        )
        self.assertTrue(self.hq.billing_to_settle)
        self.assertFalse(self.north.billing_to_settle)
        found = self.env["account.payment"].search(
            [("partner_id.commercial_partner_id.billing_to_settle", "=", True)]
        )
        self.assertIn(payment, found)

    def test_settle_row(self):
        """Settle on a row opens the screen of that head office."""
        self._payment(self.hq, 100.0)
        action = self.get_waiting().action_settle()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.payer_id, self.hq)

    def test_several_at_once(self):
        """The preview counts what is posted, and posting posts that."""
        self._payment(self.hq, 4000.0)
        self._payment(self.other, 60.0)
        action = (self.hq | self.other).action_settle_several()
        batch = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("3 invoices are paid by credits of 2 head offices", batch.summary)
        self.assertEqual(
            {line.payer_id: (line.amount_allocated, line.invoice_count) for line in batch.line_ids},
            {self.hq: (4000.0, 2), self.other: (60.0, 1)},
        )
        batch.action_post()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=1500.0)
        self.assertEqual(self.invoice_d.amount_residual, 40.0)

    def test_one_that_fails(self):
        """One that can't be posted any more stays with its reason; the other is posted."""
        self._payment(self.hq, 4000.0)
        self._payment(self.other, 60.0)
        action = self.get_waiting().action_settle_all()
        batch = self.env[action["res_model"]].browse(action["res_id"])
        self.invoice_n.action_toggle_block_payment()
        batch.action_post()
        self.assertEqual(batch.line_ids.payer_id, self.hq)
        self.assertIn("changed", batch.line_ids.error)
        self.assertEqual(self.invoice_d.amount_residual, 40.0)
        self.assert_open(HQ=-4000.0)

    def test_none_of_several(self):
        """Customers of which none waits are refused with a reason."""
        with self.assert_refused(UserError, "None of these"):
            (self.hq | self.other).action_settle_several()

    def test_branch(self):
        """Settle on a branch: who pays is above it, its own invoices are shown."""
        self._payment(self.hq, 4000.0)
        action = self.south.action_settle_branches()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.payer_id, self.hq)
        self.assertEqual(wizard.debt_ids.move_id, self.invoice_s)
        self.assertIn("Acme HQ", action["name"])

    def test_payer_with_credit(self):
        """Of several above, the nearest that has a credit pays."""
        store = self._create_customer("Store", self.north)
        invoice = self._invoice(store, 500.0, due="2026-01-02")
        self._payment(self.hq, 4000.0)
        for record in (store, invoice):
            action = record.action_settle_branches()
            wizard = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual(wizard.payer_id, self.hq)

    def test_dashboard(self):
        """The card of the sales journal says how many wait."""
        self._payment(self.hq, 4000.0)
        journal = self.company_data["default_journal_sale"]
        data = journal._get_journal_dashboard_data_batched()[journal.id]
        self.assertEqual(data["to_settle_count"], 1)
        self.assertIn("4,000.00", data["to_settle_credit"])
        self.assertEqual(journal.action_open_to_settle()["res_model"], "customer.to.settle")

    def test_companies(self):
        """Rows of other companies stay away, also from who may read all."""
        self._payment(self.hq, 4000.0)
        found = self.get_waiting()
        self.assertTrue(found)
        other = self.setup_other_company(name="Other")["company"]
        clerk = new_test_user(
            self.env,
            "clerk",
            groups="account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        waiting = self.env["customer.to.settle"].with_user(clerk).with_company(other)
        self.assertFalse(waiting.search([]))
        self.assertFalse(found.with_user(clerk).read(["amount_credit"]))

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from contextlib import contextmanager

from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.customer_org.models.credit_limit.credit_watch import CreditWatch

from .common import AcmeCommon

OURS = re.compile(r'(?:FROM|JOIN|UPDATE|INTO) "?(customer_\w+)')


@tagged("post_install", "-at_install")
class TestOrdinaryCustomer(AcmeCommon):
    """A customer in no hierarchy and no group does not notice that the addon is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ordinary = cls._create_customer("Ordinary")
        cls.other = cls._create_customer("Other")

    @contextmanager
    def assert_our_tables_read(self, *expected):
        """Expect the block to make one query for each of these of our tables, and no other."""
        found = []
        execute = Cursor.execute

        def record(cursor, query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else query
            found.extend(OURS.findall(text if isinstance(text, str) else text.decode())[:1])
            return execute(cursor, query, *args, **kwargs)

        self.env.flush_all()
        self.env.invalidate_all()
        self.patch(Cursor, "execute", record)
        yield
        self.env.flush_all()
        self.patch(Cursor, "execute", execute)
        self.assertEqual(found, list(expected))

    def test_the_net_catches(self):
        with self.assert_our_tables_read("customer_hierarchy_link"):
            self.env["customer.hierarchy.link"].search_count([])

    def test_invoice_payment_and_undo(self):
        with self.assert_our_tables_read():
            invoice = self._invoice(self.ordinary, 100, due="2026-02-01")
        with self.assert_our_tables_read():
            payment = self._payment(self.ordinary, 100)
        items = self._receivable_lines(invoice | payment.move_id)
        with self.assert_our_tables_read():
            items.reconcile()
            self.assertEqual(invoice.payment_state, "paid")
        # One look-up: whether a settlement is taken back.
        with self.assert_our_tables_read("customer_settlement_line"):
            items.remove_move_reconcile()
            self.assertEqual(invoice.payment_state, "not_paid")
        with self.assert_our_tables_read():
            invoice.button_draft()
            invoice.button_cancel()

    def test_register_payment(self):
        invoice = self._invoice(self.ordinary, 100, due="2026-02-01")
        with self.assert_our_tables_read():
            self._register_payment(invoice)
        self.assertEqual(invoice.payment_state, "paid")

    def test_fields(self):
        """All that we add to its records is empty, save what says so, and nobody talks to it."""
        invoice = self._invoice(self.ordinary, 100, due="2026-02-01")
        payment = self._payment(self.ordinary, 100)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        records = [payment.copy(), wizard.create({})]
        self._receivable_lines(invoice | payment.move_id).reconcile()
        records += [self.ordinary, invoice, payment, *invoice.line_ids]
        self.assertEqual(
            self._get_values_of_addon("customer_org", records),
            {
                "billing_root_id": self.ordinary,
                "billing_parent_access": "none",
                "billing_mail_to": "itself",
                "billing_paid_by": "self",
            },
        )
        self.assertFalse((invoice | payment.move_id).message_ids.filtered("body"))
        self.assertFalse(payment.message_ids.filtered("body"))

    def test_lines_of_two_customers(self):
        """One look-up tells that they belong to no hierarchy; the rest is core's."""
        invoice = self._invoice(self.ordinary, 100, due="2026-02-01")
        payment = self._payment(self.other, 100)
        items = self._receivable_lines(invoice | payment.move_id)
        with self.assert_our_tables_read("customer_hierarchy_link"):
            items.reconcile()
        self.assertEqual(invoice.payment_state, "paid")

    def test_credit_limit(self):
        self.company.write({"account_use_credit_limit": True, "credit_limit_block": True})
        self.ordinary.credit_limit = 1000
        with self.assert_our_tables_read():
            self._invoice(self.ordinary, 100, due="2026-02-01")

    def test_no_query_for_what_raises_no_credit(self):
        """Whether a limit stops a payment's entry is known from what was just written."""
        move = self._payment(self.ordinary, 100).move_id
        watch = CreditWatch(self.env.cr)
        watch.remember(move, {})
        self.env.flush_all()
        self.assertEqual(move.state, "posted")
        with self.count_queries() as count:
            self.assertFalse(move._get_raised_credit(watch))
        self.assertEqual(count(), 0)

    def test_deleted_meanwhile(self):
        """Of documents that are deleted while a limit is watched the others are looked at."""
        drafts = self.env["account.move"].create([{"move_type": "entry"}] * 2)
        watch = CreditWatch(self.env.cr)
        watch.remember(drafts, {})
        drafts[0].unlink()
        self.assertFalse(drafts._get_raised_credit(watch))

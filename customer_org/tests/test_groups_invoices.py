# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroupsInvoices(GroupCommon):
    """A group's terms on invoices that are written directly, and what posted ones keep."""

    def test_new_customer_of_a_draft_is_followed(self):
        self.member.customer_group_id = self.resellers
        invoice = self._draft_invoice(self.ordinary)
        self.assertFalse(invoice.invoice_line_ids.discount)
        invoice.partner_id = self.member
        self.assertEqual(invoice.invoice_line_ids.discount, 5)
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)
        invoice.partner_id = self.ordinary
        self.assertFalse(invoice.invoice_line_ids.discount)
        self.assertFalse(invoice.invoice_payment_term_id)

    def test_discount_typed_by_hand_is_kept(self):
        self.member.customer_group_id = self.resellers
        for discount in (12.0, 0.0):
            invoice = self._draft_invoice(self.member)
            invoice.invoice_line_ids.discount = discount
            invoice.partner_id = self.ordinary
            self.assertEqual(invoice.invoice_line_ids.discount, discount)
            invoice.partner_id = self.member
            self.assertEqual(invoice.invoice_line_ids.discount, discount)
            given = self._draft_invoice(self.member, discount=discount)
            self.assertEqual(given.invoice_line_ids.discount, discount)

    def test_form_of_an_invoice(self):
        self.member.customer_group_id = self.resellers
        form = Form(self.env["account.move"].with_context(default_move_type="out_invoice"))
        form.partner_id = self.member
        with form.invoice_line_ids.new() as line:
            line.product_id = self.product
            self.assertEqual(line.discount, 5)
        invoice = form.save()
        self.assertEqual(invoice.amount_untaxed, 95)
        self.assertEqual(invoice.amount_total, 104.5)

    def test_lines_that_are_left_alone(self):
        self.member.customer_group_id = self.resellers
        imported = self._draft_invoice(self.member, is_imported=True)
        self.assertFalse(imported.invoice_line_ids.discount)
        text = self._draft_invoice(self.member, product_id=False, name="Work", price_unit=50)
        self.assertFalse(text.invoice_line_ids.discount)
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.member.id,
                "invoice_line_ids": [Command.create({"product_id": self.product.id})],
            }
        )
        self.assertFalse(bill.invoice_line_ids.discount)
        self.assertFalse(bill.invoice_payment_term_id)

    def test_posted_invoices_never_change(self):
        self.member.customer_group_id = self.resellers
        invoice = self._draft_invoice(self.member)
        invoice.action_post()
        total, due = invoice.amount_total, invoice.invoice_date_due
        self.resellers.write({"discount": 50, "payment_term_id": self.days_60.id})
        self.member.customer_group_id = False
        self.env.flush_all()
        invoice.invalidate_recordset()
        self.assertEqual((invoice.amount_total, invoice.invoice_date_due), (total, due))
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)

    def test_credit_note_repeats_the_invoice(self):
        self.member.customer_group_id = self.resellers
        invoice = self._draft_invoice(self.member)
        invoice.action_post()
        self.resellers.discount = 50
        refund = invoice._reverse_moves()
        self.assertEqual(refund.invoice_line_ids.discount, 5)
        self.assertEqual(refund.amount_total, invoice.amount_total)

    def test_group_is_stamped_at_every_posting(self):
        self.member.customer_group_id = self.resellers
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        invoice = self._draft_invoice(self.member)
        self.assertFalse(invoice.customer_group_id)
        invoice.action_post()
        self.assertEqual(invoice.customer_group_id, self.resellers)
        self.member.customer_group_id = gold
        self.assertEqual(invoice.customer_group_id, self.resellers)
        invoice.button_draft()
        invoice.action_post()
        self.assertEqual(invoice.customer_group_id, gold)
        invoice.button_draft()
        self.member.customer_group_id = False
        invoice.action_post()
        self.assertFalse(invoice.customer_group_id)

    def test_group_prices_on_invoices(self):
        self.member.customer_group_id = self.resellers
        line = self._draft_invoice(self.member).invoice_line_ids
        self.assertEqual((line.price_unit, line.discount), (100, 5))
        self.company.group_price_on_invoices = True
        line = self._draft_invoice(self.member).invoice_line_ids
        self.assertEqual((line.price_unit, line.discount), (80, 5))
        self.assertEqual((line.price_subtotal, line.price_total), (532.0, 585.2))
        line = self._draft_invoice(self.ordinary).invoice_line_ids
        self.assertEqual((line.price_unit, line.discount), (100, 0))
        line = self._draft_invoice(self.member, price_unit=70).invoice_line_ids
        self.assertEqual((line.price_unit, line.discount), (70, 5), "typed by hand")

    def test_merged_customer_keeps_a_group(self):
        """The kept record keeps its own group, or takes that of the other."""
        self.member.customer_group_id = self.resellers
        merge = self.env["base.partner.merge.automatic.wizard"]._merge
        merge((self.member | self.ordinary).ids, self.ordinary)
        self.assertEqual(self.ordinary.customer_group_id, self.resellers)
        self.assertEqual(self.ordinary.property_payment_term_id.id, False)
        double = self._create_customer("Double", customer_group_id=self._create_group("Gold").id)
        merge((double | self.ordinary).ids, self.ordinary)
        self.assertEqual(self.ordinary.customer_group_id, self.resellers)

    def test_group_prices_follow_the_draft(self):
        """Another customer or quantity: the price follows, save for what was typed by hand."""
        self.company.group_price_on_invoices = True
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.group_pricelist.id,
                "applied_on": "0_product_variant",
                "product_id": self.product.id,
                "compute_price": "fixed",
                "fixed_price": 60,
                "min_quantity": 100,
            }
        )
        self.member.customer_group_id = self.resellers
        invoice = self._draft_invoice(self.ordinary)
        line = invoice.invoice_line_ids
        for partner, quantity, price in (
            (self.member, 7, 80),
            (self.member, 100, 60),
            (self.member, 99, 80),
            (self.ordinary, 99, 100),
            (self.member, 99, 80),
        ):
            with self.subTest(partner=partner.name, quantity=quantity):
                if invoice.partner_id != partner:
                    invoice.partner_id = partner
                if line.quantity != quantity:
                    line.quantity = quantity
                self.assertEqual(line.price_unit, price)
        with Form(invoice) as form:
            with form.invoice_line_ids.edit(0) as edited:
                edited.quantity = 120
                self.assertEqual(edited.price_unit, 60)
            form.partner_id = self.ordinary
            with form.invoice_line_ids.edit(0) as edited:
                self.assertEqual(edited.price_unit, 100)
            with form.invoice_line_ids.new() as added:
                added.product_id = self.product
                added.price_unit = 75
                added.quantity = 120
            form.partner_id = self.member
        self.assertEqual(invoice.invoice_line_ids.mapped("price_unit"), [60, 75], "typed by hand")
        invoice.action_post()
        self.member.customer_group_id = False
        self.assertEqual(invoice.invoice_line_ids.mapped("price_unit"), [60, 75])

    def test_prices_do_not_follow_without_the_setting(self):
        self.member.customer_group_id = self.resellers
        invoice = self._draft_invoice(self.ordinary)
        invoice.partner_id = self.member
        invoice.invoice_line_ids.quantity = 100
        self.assertEqual(invoice.invoice_line_ids.price_unit, 100)

    def test_setting_of_group_prices(self):
        settings = self.env["res.config.settings"].create(
            {"customer_group_price_on_invoices": True}
        )
        settings.execute()
        self.assertTrue(self.company.group_price_on_invoices)

    def test_apply_group_terms_by_hand(self):
        self.company.group_price_on_invoices = True
        self.resellers.application = "manual"
        self.member.customer_group_id = self.resellers
        invoice = self._draft_invoice(self.member)
        self.assertEqual(invoice.amount_untaxed, 700)
        invoice.action_apply_customer_group_terms()
        self.assertEqual(invoice.amount_untaxed, 532)
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)
        invoice.invoice_line_ids = [Command.create({"product_id": self.product.id})]
        self.assertEqual(invoice.amount_untaxed, 608, "a new line follows")
        invoice.partner_id = self.ordinary
        self.assertFalse(invoice.customer_group_applied)
        self.assertFalse(invoice.invoice_payment_term_id)

    def test_apply_group_terms_is_refused(self):
        invoice = self._draft_invoice(self.ordinary)
        with self.assert_refused(UserError, "is in no customer group"):
            invoice.action_apply_customer_group_terms()
        invoice.action_post()
        with self.assert_refused(UserError, "only be applied to draft"):
            invoice.action_apply_customer_group_terms()

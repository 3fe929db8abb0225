# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroupsPrices(GroupCommon):
    """The group's price on invoices, whatever their currency, unit, day, tax and kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.group_price_on_invoices = True
        cls.member.customer_group_id = cls.resellers
        cls.euro = cls.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        cls.dozen = cls.env.ref("uom.product_uom_dozen")

    def _bill(self, partner=None, line=None, **values):
        """Return the line of a new document over one pump."""
        vals = {"product_id": self.product.id, "quantity": 1, **(line or {})}
        return (
            self.env["account.move"]
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": (partner or self.member).id,
                    "invoice_date": "2026-01-01",
                    "invoice_line_ids": [Command.create(vals)],
                    **values,
                }
            )
            .invoice_line_ids
        )

    def _add_item(self, pricelist=None, **values):
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": (pricelist or self.group_pricelist).id,
                "applied_on": "0_product_variant",
                "product_id": self.product.id,
                "compute_price": "fixed",
                **values,
            }
        )

    def assert_price(self, line, price, discount=5.0):
        self.assertAlmostEqual(line.price_unit, price)
        self.assertEqual(line.discount, discount)

    def test_currency_of_the_invoice(self):
        """80 dollars are 160 euros on an invoice in euros."""
        self.assert_price(self._bill(currency_id=self.euro.id), 160.0)

    def test_currency_of_the_pricelist(self):
        """A pricelist in euros is converted to the invoice's dollars."""
        pricelist = self._create_pricelist("Euro", 0, currency_id=self.euro.id)
        self._add_item(pricelist, fixed_price=150.0)
        self.resellers.pricelist_id = pricelist
        self.assert_price(self._bill(), 75.0)
        self.assert_price(self._bill(currency_id=self.euro.id), 150.0)

    def test_parts_of_a_formula(self):
        """A surcharge is in the pricelist's currency, as its fixed prices are."""
        pricelist = self._create_pricelist("Euro", 0, currency_id=self.euro.id)
        self._add_item(pricelist, compute_price="formula", base="list_price", price_surcharge=30.0)
        self.resellers.pricelist_id = pricelist
        self.assert_price(self._bill(), 115.0)
        self.assert_price(self._bill(currency_id=self.euro.id), 230.0)

    def test_unit(self):
        """A dozen costs twelve times as much."""
        self.assert_price(self._bill(line={"product_uom_id": self.dozen.id}), 960.0)

    def test_unit_changed_on_the_draft(self):
        line = self._bill()
        line.product_uom_id = self.dozen
        self.assert_price(line, 960.0)

    def test_day_of_the_invoice(self):
        """A price of February holds on invoices of February, and on no other."""
        self._add_item(
            fixed_price=50.0, date_start="2026-02-01 00:00:00", date_end="2026-02-28 23:59:59"
        )
        for day, price in (("2026-01-31", 80.0), ("2026-02-10", 50.0), ("2026-03-01", 80.0)):
            with self.subTest(day):
                self.assert_price(self._bill(invoice_date=day), price)

    def test_tax_in_the_price(self):
        """As core does with its own price: without the tax where the customer pays none."""
        included = self.env["account.tax"].create(
            {"name": "Included", "amount": 25, "price_include_override": "tax_included"}
        )
        nothing = self.env["account.tax"].create({"name": "Nothing", "amount": 0})
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        nothing.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.set(included.ids)],
            }
        )
        self.product.taxes_id = included
        line = self._bill(fiscal_position_id=position.id)
        self.assertEqual(line.tax_ids, nothing)
        self.assert_price(line, 64.0)
        core = self._bill(self.ordinary, fiscal_position_id=position.id)
        self.assert_price(core, 80.0, 0.0)
        self.assert_price(self._bill(), 80.0)

    def test_kinds_of_documents(self):
        """Credit notes and receipts written by hand have the group's price, vendor bills don't."""
        for move_type, price, discount in (
            ("out_refund", 80.0, 5.0),
            ("out_receipt", 80.0, 5.0),
            ("in_refund", 0.0, 0.0),
            ("in_receipt", 0.0, 0.0),
        ):
            with self.subTest(move_type):
                line = self._bill(move_type=move_type)
                self.assert_price(line, price, discount)
                self.assertEqual(
                    line.move_id.current_customer_group_id,
                    self.resellers if discount else self.resellers.browse(),
                )

    def test_terms_of_kinds_of_documents(self):
        """Payment terms of the group wherever core takes the customer's own."""
        self.member.property_payment_term_id = self.days_30
        for move_type in ("out_invoice", "out_receipt", "out_refund"):
            with self.subTest(move_type):
                move = self._bill(move_type=move_type).move_id
                core = self._bill(self.ordinary, move_type=move_type).move_id
                self.assertEqual(move.invoice_payment_term_id, self.days_45)
                self.assertFalse(core.invoice_payment_term_id)

    def test_credit_note_of_an_invoice(self):
        """The wizard of core gives back what was billed, whatever the group says by now."""
        invoice = self._bill(line={"quantity": 3}).move_id
        invoice.action_post()
        self._add_item(fixed_price=10.0)
        self.resellers.discount = 50
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": "2026-01-05"})
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        self.assert_price(note.invoice_line_ids, 80.0)
        self.assertEqual(note.amount_total, invoice.amount_total)

    def test_duplicated_invoice(self):
        """A duplicate says what the original said; another customer of it has its own price."""
        invoice = self._bill().move_id
        invoice.action_post()
        self._add_item(fixed_price=10.0)
        copy = invoice.copy()
        self.assert_price(copy.invoice_line_ids, 80.0)
        self.assertFalse(copy.customer_group_id)
        copy.partner_id = self.ordinary
        self.assert_price(copy.invoice_line_ids, 100.0, 0.0)

    def test_group_of_another_mode(self):
        """*By default* gives the price to who has none of its own, *by hand* to nobody."""
        self.resellers.application = "default"
        self.assert_price(self._bill(), 80.0)
        self.member.specific_property_product_pricelist = self.own_pricelist
        # Core has no pricelist on invoices: an own one changes nothing there.
        self.assert_price(self._bill(), 100.0)
        self.resellers.application = "manual"
        self.assert_price(self._bill(), 100.0, 0.0)

    def test_applied_by_hand_and_duplicated(self):
        """What was applied by hand on one document is not applied on its duplicate's new lines."""
        self.resellers.application = "manual"
        invoice = self._bill().move_id
        invoice.action_apply_customer_group_terms()
        self.assert_price(invoice.invoice_line_ids, 80.0)
        copy = invoice.copy()
        self.assertFalse(copy.customer_group_applied)
        copy.invoice_line_ids = [Command.create({"product_id": self.product.id})]
        self.assert_price(copy.invoice_line_ids[-1], 100.0, 0.0)

    def test_of_all_or_nothing(self):
        """Applied by hand to several documents: one that can't stops all of them."""
        self.resellers.application = "manual"
        good = self._bill().move_id
        posted = self._bill().move_id
        posted.action_post()
        with self.assert_refused(UserError, "only be applied to draft"):
            (good | posted).action_apply_customer_group_terms()
        self.assertFalse(good.customer_group_applied)
        self.assert_price(good.invoice_line_ids, 100.0, 0.0)

    def test_by_an_invoicing_user(self):
        """Who bills sees no pricelist and no group, and bills at the group's price."""
        biller = self._create_user("price biller", "account.group_account_invoice")
        self.env = self.env(user=biller)
        self.assert_price(self._bill(), 80.0)

    def test_discount_of_100_percent(self):
        self.resellers.discount = 100
        line = self._bill()
        self.assertEqual((line.discount, line.price_subtotal), (100.0, 0.0))

    def test_archived_or_left_before_the_draft_is_posted(self):
        """A draft keeps what it took; posted, it has the group of that day, here none."""
        move = self._bill().move_id
        self.resellers.active = False
        self.assert_price(self._bill(), 100.0, 0.0)
        move.action_post()
        self.assert_price(move.invoice_line_ids, 80.0)
        self.assertEqual(move.customer_group_id, self.resellers)
        self.resellers.active = True
        left = self._bill().move_id
        self.member.customer_group_id = False
        left.action_post()
        self.assert_price(left.invoice_line_ids, 80.0)
        self.assertFalse(left.customer_group_id)


@tagged("post_install", "-at_install")
class TestGroupsCompanies(GroupCommon):
    """A group belongs to all companies, its terms to one: none of them reaches another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch Company", "parent_id": cls.company.id}
        )
        cls.env.user.company_ids |= cls.other | cls.branch
        cls.member.customer_group_id = cls.resellers

    def _get_terms(self, company):
        member = self.member.with_company(company)
        self.env.invalidate_all()
        return (
            member.property_product_pricelist,
            member._get_customer_payment_term(),
            member._get_customer_group_discount(),
        )

    def test_each_company_its_own(self):
        theirs = self._create_pricelist("Theirs", 30, company_id=self.other.id)
        self.resellers.with_company(self.other).write(
            {"pricelist_id": theirs.id, "payment_term_id": self.days_60.id, "discount": 1.0}
        )
        self.assertEqual(self._get_terms(self.other), (theirs, self.days_60, 1.0))
        self.assertEqual(self._get_terms(self.company), (self.group_pricelist, self.days_45, 5.0))

    def test_pricelist_of_the_company_above(self):
        """A branch company takes what its company keeps for itself and for those below."""
        ours = self._create_pricelist("Ours", 30, company_id=self.company.id)
        group = self.resellers.with_company(self.branch)
        group.write({"pricelist_id": ours.id, "discount": 3.0})
        self.assertEqual(self._get_terms(self.branch)[0], ours)
        self.assertEqual(self._get_terms(self.branch)[2], 3.0)

    def test_pricelist_that_moves_to_another_company(self):
        """It counts as unset from then on, as an archived one: no price of another company."""
        self.assertEqual(self._get_terms(self.company)[0], self.group_pricelist)
        self.group_pricelist.company_id = self.other
        self.assertNotEqual(self._get_terms(self.company)[0], self.group_pricelist)
        self.assertFalse(self.member.customer_pricelist_overridden)

    def test_payment_term_of_another_company(self):
        """Nor a payment term that another company took for itself."""
        self.days_45.company_id = self.other
        self.member.property_payment_term_id = self.days_30
        self.assertEqual(self._get_terms(self.company)[1], self.days_30)

    def test_invoice_of_another_company(self):
        """The invoice's company decides, whichever the user works in."""
        self.resellers.with_company(self.other).discount = 1.0
        for company, discount in ((self.other, 1.0), (self.company, 5.0)):
            moves = self.env["account.move"].with_company(company)
            move = moves.create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.member.id,
                    "invoice_line_ids": [
                        Command.create({"product_id": self.product.id, "price_unit": 10.0})
                    ],
                }
            )
            self.assertEqual(move.company_id, company)
            self.assertEqual(move.invoice_line_ids.discount, discount)
            term = self.days_45 if company == self.company else self.days_45.browse()
            self.assertEqual(move.invoice_payment_term_id, term)

    def test_words_on_the_form(self):
        """Where a member's terms come from, by company."""
        self.assertEqual(self.member.customer_discount_source, "group Resellers")
        theirs = self.member.with_company(self.other)
        self.assertFalse(theirs.customer_discount_source)
        self.assertFalse(theirs.customer_payment_term_source)
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        self.assertIn("5.0 % of Resellers", gold.inherited_terms)
        self.assertIn("45 days of Resellers", gold.inherited_terms)
        self.assertFalse(gold.with_company(self.other).inherited_terms)

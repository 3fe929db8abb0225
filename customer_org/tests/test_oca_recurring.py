# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date
from unittest import SkipTest

from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import SettlementCommon
from .group_common import GroupCommon


class RecurringCommon(GroupCommon, SettlementCommon):
    """N is a reseller: 100, -20 %, then -5 %, seven times, taxed 10 %, due in 45 days: 585.20."""

    MODULE = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.env["ir.module.module"]._get(cls.MODULE).state != "installed":
            raise SkipTest(f"{cls.MODULE} is not installed; ./dev companions installs it")
        cls.north.customer_group_id = cls.resellers

    def assert_group_terms(self, invoice):
        """Check scenario 20 on a recurring invoice, and its terms."""
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)
        self.assertAlmostEqual(invoice.amount_untaxed, 532.0)
        self.assertAlmostEqual(invoice.amount_total, 585.2)

    def assert_head_office_settles(self, invoice):
        """Let the head office pay a recurring invoice of its branch."""
        if invoice.state == "draft":
            invoice.action_post()
        self.assertEqual(invoice.customer_group_id, self.resellers)
        payment = self._payment(self.hq, 585.2, date=invoice.invoice_date)
        settlement = self.reconcile(payment, invoice)
        self.assertEqual(settlement.payer_id, self.hq)
        self.assertEqual(settlement.line_ids.partner_id, self.north)
        self.assertEqual(invoice.payment_state, "paid")


@tagged("post_install", "-at_install")
class TestOcaContract(RecurringCommon):
    """OCA's `contract`, where installed: members' invoices follow their group."""

    MODULE = "contract"

    def _create_contract(self, customer, **values):
        with Form(self.env["contract.contract"]) as form:
            form.name = "Maintenance"
            form.partner_id = customer
        contract = form.save()
        contract.write(
            {
                "contract_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "name": "Pump",
                            "quantity": 7,
                            "uom_id": self.product.uom_id.id,
                            "automatic_price": True,
                            "recurring_rule_type": "monthly",
                            "recurring_interval": 1,
                            "date_start": "2026-01-01",
                            "recurring_next_date": "2026-01-01",
                        }
                        | values
                    )
                ]
            }
        )
        return contract

    def _invoice_contract(self, contract):
        contract.recurring_create_invoice()
        return contract._get_related_invoices().sorted("id")[-1:]

    def test_group_terms(self):
        """Price, discount and payment terms of the invoice are the group's; HQ settles it."""
        invoice = self._invoice_contract(self._create_contract(self.north))
        self.assert_group_terms(invoice)
        self.assert_head_office_settles(invoice)

    def test_next_invoice_after_a_change(self):
        """The next invoice of the same contract follows a change of the group."""
        contract = self._create_contract(self.north)
        first = self._invoice_contract(contract)
        self.resellers.write({"discount": 10.0, "payment_term_id": self.days_60.id})
        second = self._invoice_contract(contract)
        self.assertNotEqual(first, second)
        self.assertAlmostEqual(second.amount_untaxed, 504.0)
        self.assertEqual(second.invoice_payment_term_id, self.days_60)

    def test_own_terms_are_overridden(self):
        """The customer's own terms, which the contract took over, give way to the group's."""
        self.north.property_payment_term_id = self.days_30
        contract = self._create_contract(self.north)
        self.assertEqual(contract.payment_term_id, self.days_30)
        invoice = self._invoice_contract(contract)
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)

    def test_terms_of_the_contract(self):
        """Payment terms that were chosen for the contract are kept."""
        contract = self._create_contract(self.north)
        contract.payment_term_id = self.days_60
        self.assertEqual(self._invoice_contract(contract).invoice_payment_term_id, self.days_60)

    def test_discount_of_the_contract(self):
        """A discount that the contract names is kept."""
        invoice = self._invoice_contract(self._create_contract(self.north, discount=50.0))
        self.assertEqual(invoice.invoice_line_ids.discount, 50.0)

    def test_ordinary_customer(self):
        """Who is in no group is invoiced as without us."""
        invoice = self._invoice_contract(self._create_contract(self.ordinary))
        self.assertAlmostEqual(invoice.amount_untaxed, 700.0)
        self.assertFalse(invoice.invoice_payment_term_id)
        self.assertFalse(invoice.invoice_line_ids.discount)


@tagged("post_install", "-at_install")
class TestOcaSubscription(RecurringCommon):
    """OCA's `subscription_oca`, where installed: members' invoices follow their group."""

    MODULE = "subscription_oca"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without core's discounts on orders, subscriptions know no pricelist that gives a discount.
        cls.env.user.group_ids |= cls.env.ref("sale.group_discount_per_so_line")
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        # What the invoice's line would find by itself, subscriptions ask of the product.
        cls.product.property_account_income_id = cls.company_data["default_account_revenue"]

    def _create_subscription(self, customer, mode="draft", **values):
        template = self.env["sale.subscription.template"].create(
            {"name": "Monthly", "invoicing_mode": mode, "recurring_rule_type": "months"}
        )
        with Form(self.env["sale.subscription"]) as form:
            form.partner_id = customer
            form.template_id = template
        subscription = form.save()
        subscription.recurring_next_date = date(2026, 1, 1)
        subscription.sale_subscription_line_ids = [
            Command.create({"product_id": self.product.id, "product_uom_qty": 7} | values)
        ]
        return subscription

    def _invoice_subscription(self, subscription):
        subscription.generate_invoice()
        invoices = subscription.invoice_ids | subscription.sale_order_ids.invoice_ids
        return invoices.sorted("id")[-1:]

    def test_group_terms(self):
        """Price, discount and payment terms of the invoice are the group's; HQ settles it."""
        invoice = self._invoice_subscription(self._create_subscription(self.north))
        self.assert_group_terms(invoice)
        self.assert_head_office_settles(invoice)

    def test_by_order(self):
        """The same where each month's invoice comes from an order."""
        invoice = self._invoice_subscription(
            self._create_subscription(self.north, "sale_and_invoice")
        )
        self.assert_group_terms(invoice)
        self.assert_head_office_settles(invoice)

    def test_own_terms_are_overridden(self):
        """The customer's own terms, which the subscription sends, give way to the group's."""
        self.north.property_payment_term_id = self.days_30
        invoice = self._invoice_subscription(self._create_subscription(self.north))
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)
        self.resellers.application = "default"
        invoice = self._invoice_subscription(self._create_subscription(self.north))
        self.assertEqual(invoice.invoice_payment_term_id, self.days_30)

    def test_discount_of_the_subscription(self):
        """A discount that the subscription names, another than the pricelist's, is kept."""
        invoice = self._invoice_subscription(self._create_subscription(self.north, discount=50.0))
        self.assertEqual(invoice.invoice_line_ids.discount, 50.0)

    def test_ordinary_customer(self):
        """Who is in no group is invoiced as without us."""
        invoice = self._invoice_subscription(self._create_subscription(self.ordinary))
        self.assertAlmostEqual(invoice.amount_untaxed, 700.0)
        self.assertFalse(invoice.invoice_payment_term_id)
        self.assertFalse(invoice.invoice_line_ids.discount)

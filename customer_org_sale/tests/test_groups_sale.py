# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.customer_org.tests.group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroupsSale(GroupCommon):
    """The group's terms on quotations, and what orders keep of groups and hierarchies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.member.customer_group_id = cls.resellers

    @classmethod
    def _quotation(cls, partner, *lines, **values):
        lines = lines or [{}]
        return cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "product_uom_qty": 7, **line})
                    for line in lines
                ],
                **values,
            }
        )

    def _show_discounts(self, shown=True):
        """Switch core's discount feature, which decides where a pricelist's discount is seen."""
        users = self.env.ref("base.group_user")
        feature = self.env.ref("sale.group_discount_per_so_line")
        if shown:
            users._apply_group(feature)
        else:
            users._remove_group(feature)
        items = type(self.env["product.pricelist.item"])
        self.patch(items, "_is_discount_feature_enabled", lambda item: shown)

    # Scenarios

    def test_scenario_20_price_and_discount(self):
        for shown, price, discount in ((True, 100, 24), (False, 80, 5)):
            with self.subTest(shown=shown):
                self._show_discounts(shown)
                order = self._quotation(self.member)
                line = order.order_line
                self.assertEqual((line.price_unit, line.discount), (price, discount))
                self.assertEqual(line.price_reduce_taxexcl, 76.0)
                self.assertEqual(order.amount_untaxed, 532.0)
                self.assertEqual(order.amount_total, 585.2)
                self.assertEqual(order.payment_term_id, self.days_45)
                order.action_confirm()
                invoice = order._create_invoices()
                self.assertEqual(invoice.invoice_line_ids.discount, discount, "not twice")
                self.assertEqual(invoice.amount_total, 585.2)
                self.assertEqual(invoice.invoice_payment_term_id, self.days_45)
                invoice.action_post()
                self.assertEqual(invoice.amount_total, 585.2)
                self.assertEqual(invoice.customer_group_id, self.resellers)

    def test_scenario_21_new_terms_reach_members_without_own(self):
        self.resellers.write({"application": "default", "payment_term_id": self.days_30.id})
        members = self.env["res.partner"].create(
            [{"name": f"M{n}", "customer_group_id": self.resellers.id} for n in range(220)]
        )
        own = members[:12]
        own.property_payment_term_id = self.days_60
        order = self._quotation(members[-1])
        order.action_confirm()
        self.resellers.payment_term_id = self.days_45
        terms = self.env["sale.order"].create([{"partner_id": m.id} for m in members])
        self.assertEqual(
            len(terms.filtered(lambda quotation: quotation.payment_term_id == self.days_45)), 208
        )
        self.assertEqual(
            terms.filtered(lambda o: o.payment_term_id == self.days_60).partner_id, own
        )
        self.assertEqual(order.payment_term_id, self.days_30)

    def test_scenario_22_leaving_restores(self):
        self.member.write(
            {
                "specific_property_product_pricelist": self.own_pricelist.id,
                "property_payment_term_id": self.days_30.id,
            }
        )
        self.assertEqual(self._quotation(self.member).pricelist_id, self.group_pricelist)
        self.member.customer_group_id = False
        order = self._quotation(self.member)
        self.assertEqual(order.pricelist_id, self.own_pricelist)
        self.assertEqual(order.payment_term_id, self.days_30)
        self.assertEqual(order.amount_untaxed, 630)

    def test_scenario_23_terms_from_two_levels(self):
        self.resellers.write(
            {"pricelist_id": False, "discount": 0, "payment_term_id": self.days_60.id}
        )
        self.member.customer_group_id = self._create_group(
            "Gold", parent_id=self.resellers.id, discount=10
        )
        order = self._quotation(self.member)
        self.assertEqual(order.payment_term_id, self.days_60)
        self.assertEqual(order.order_line.discount, 10)

    # Discounts

    def test_composed_discount_is_rounded_as_core_rounds_discounts(self):
        self._show_discounts()
        self.group_pricelist.item_ids.percent_price = 33.33
        self.resellers.discount = 7.77
        order = self._quotation(self.member)
        self.assertEqual(order.order_line.discount, 38.51)

    def test_lines_that_are_left_alone(self):
        order = self._quotation(self.member)
        order.order_line.is_downpayment = True
        order.order_line._compute_discount()
        self.assertFalse(order.order_line.customer_group_discount)
        discount_product = self.env["product.product"].create(
            {"name": "Discount", "type": "service", "list_price": -10}
        )
        self.company.sale_discount_product_id = discount_product
        order = self._quotation(self.member, {"product_id": discount_product.id})
        self.assertFalse(order.order_line.customer_group_discount)

    def test_combos_are_left_alone(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Choice",
                "combo_item_ids": [Command.create({"product_id": self.product.id})],
            }
        )
        menu = self.env["product.product"].create(
            {
                "name": "Set",
                "type": "combo",
                "list_price": 100,
                "combo_ids": [Command.link(combo.id)],
            }
        )
        for shown in (True, False):
            self._show_discounts(shown)
            order = self._quotation(self.member, {"product_id": menu.id})
            order.order_line = [
                Command.create(
                    {
                        "product_id": self.product.id,
                        "product_uom_qty": 7,
                        "combo_item_id": combo.combo_item_ids.id,
                        "linked_line_id": order.order_line.id,
                    }
                )
            ]
            self.assertFalse(any(order.order_line.mapped("customer_group_discount")))

    def test_new_customer_of_a_quotation_is_followed(self):
        for shown in (True, False):
            self._show_discounts(shown)
            order = self._quotation(self.ordinary)
            order.partner_id = self.member
            self.assertEqual(order.order_line.discount, 5)
            self.assertEqual(order.payment_term_id, self.days_45)
            order.action_update_prices()
            self.assertEqual(order.amount_untaxed, 532)
            order.partner_id = self.ordinary
            self.assertEqual(order.order_line.customer_group_discount, 0)
            self.assertFalse(order.payment_term_id)
            order.action_update_prices()
            self.assertEqual(order.amount_untaxed, 700)

    def test_discount_typed_by_hand_is_kept(self):
        for shown in (True, False):
            self._show_discounts(shown)
            order = self._quotation(self.member)
            order.order_line.discount = 50
            given = self._quotation(self.member, {"discount": 50})
            (order | given).partner_id = self.ordinary
            self.assertEqual((order | given).order_line.mapped("discount"), [50, 50])
        given.partner_id = self.member
        given.order_line.product_uom_qty = 3
        self.assertEqual(given.order_line.discount, 50, "as in core without discount feature")
        given.action_update_prices()
        self.assertEqual(given.order_line.discount, 5)

    def test_typed_discount_of_zero_is_kept(self):
        self._show_discounts(False)
        order = self._quotation(self.member)
        given = self._quotation(self.member, {"discount": 50})
        for line in (order | given).order_line:
            line.discount = 50
            line.product_uom_qty = 3
            self.assertEqual(line.discount, 50)
            line.discount = 0
            line.product_uom_qty = 4
            self.assertEqual(line.discount, 0)

    def test_form_of_a_quotation(self):
        for shown in (True, False):
            self._show_discounts(shown)
            form = Form(self.env["sale.order"])
            form.partner_id = self.ordinary
            with form.order_line.new() as line:
                line.product_id = self.product
            form.partner_id = self.member
            self.assertEqual(form.payment_term_id, self.days_45)
            order = form.save()
            self.assertEqual(order.order_line.discount, 5)
            self.assertEqual(order.order_line.customer_group_discount, 5)
            with Form(order) as form:
                form.partner_id = self.ordinary
            self.assertEqual(order.order_line.discount, 0)

    def test_parts_of_a_discount_without_the_whole(self):
        """A form may send the hidden parts without the discount that it shows read-only."""
        self._show_discounts(False)
        parts = {"customer_group_discount": 5, "discount_before_group": 0}
        self.assertEqual(self._quotation(self.member, parts).amount_untaxed, 532)

    def test_update_prices_follows_the_group(self):
        order = self._quotation(self.member)
        self.resellers.discount = 10
        self.assertEqual(order.amount_untaxed, 532)
        order.action_update_prices()
        self.assertEqual(order.amount_untaxed, 504)

    def test_reinvoiced_cost_is_left_alone(self):
        """At cost or at the sales price, as core adds it; also after its quantity changed."""
        for shown, policy in ((True, "cost"), (False, "cost"), (True, "sales_price")):
            with self.subTest(shown=shown, policy=policy):
                self._show_discounts(shown)
                self.group_pricelist.item_ids.percent_price = 0
                self.product.expense_policy = policy
                order = self._quotation(self.member)
                order.action_confirm()
                order.order_line = [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_unit": 40.0,
                            "discount": 0.0,
                            "product_uom_qty": 2,
                            "is_expense": True,
                        }
                    )
                ]
                cost = order.order_line.filtered("is_expense")
                for quantity in (2, 3, 4):
                    cost.product_uom_qty = quantity
                    self.assertEqual(cost.discount, 0.0)

    def test_quantity_change_composes_once(self):
        for shown in (True, False):
            self._show_discounts(shown)
            order = self._quotation(self.member)
            for quantity in (3, 4, 10):
                order.order_line.product_uom_qty = quantity
                self.assertEqual(order.amount_untaxed, 76 * quantity)

    def test_confirmed_orders_never_change(self):
        order = self._quotation(self.member)
        order.action_confirm()
        self.resellers.write({"discount": 50, "payment_term_id": self.days_60.id})
        self.member.customer_group_id = False
        self.env.flush_all()
        order.invalidate_recordset()
        self.assertEqual((order.amount_untaxed, order.payment_term_id), (532, self.days_45))

    def test_apply_group_terms_by_hand(self):
        self.resellers.application = "manual"
        order = self._quotation(self.member)
        self.assertEqual(order.amount_untaxed, 700)
        order.action_apply_customer_group_terms()
        self.assertEqual((order.amount_untaxed, order.payment_term_id), (532, self.days_45))
        order.order_line.product_uom_qty = 1
        self.assertEqual(order.amount_untaxed, 76)
        order.action_confirm()
        with self.assert_refused(UserError, "only be applied to quotations"):
            order.action_apply_customer_group_terms()
        with self.assert_refused(UserError, "is in no customer group"):
            self._quotation(self.ordinary).action_apply_customer_group_terms()

    def test_members_lines_cost_no_query_each(self):
        def count(partner, size):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._quotation(partner, *[{}] * size)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        for partner in (self.ordinary, self.member):
            count(partner, 1)
        ordinary = count(self.ordinary, 60) - count(self.ordinary, 10)
        # Core's own count varies by a few; one query for each of the 50 lines would show.
        self.assertLess(count(self.member, 60) - count(self.member, 10), ordinary + 10)

    def test_new_invoice_of_an_order_without_terms(self):
        """*New* among the order's invoices: the terms in use, in the order's company."""
        self.member.property_payment_term_id = self.days_30
        order = self._quotation(self.member)
        self.assertEqual(order.payment_term_id, self.days_45)
        order.payment_term_id = False
        other = self.env["res.company"].create({"name": "Elsewhere"})
        for group, mode, term in (
            (self.resellers, "automatic", self.days_45),
            (self.resellers, "default", self.days_30),
            (self.resellers, "manual", self.days_30),
            (self.resellers.browse(), "automatic", self.days_30),
        ):
            self.resellers.application = mode
            self.member.customer_group_id = group
            # Without a group it is core's: the terms of the company in the environment.
            for company in (self.company, other) if group else self.company:
                action = order.with_company(company).action_view_invoice()
                context = action["context"]
                self.assertEqual(context["default_invoice_payment_term_id"], term.id, mode)

    # Stamps

    def test_group_and_head_office_are_stamped_on_confirmation(self):
        self.north.customer_group_id = self.resellers
        order = self._quotation(self.north)
        self.assertFalse(order.customer_group_id or order.billing_root_id)
        order.action_confirm()
        self.assertEqual(
            (order.customer_group_id, order.billing_root_id), (self.resellers, self.hq)
        )
        self.north.write({"customer_group_id": False, "billing_parent_id": False})
        self.assertEqual(
            (order.customer_group_id, order.billing_root_id), (self.resellers, self.hq)
        )
        self.env.flush_all()
        rows = self.env["sale.report"]._read_group(
            [("order_reference", "=", f"sale.order,{order.id}")],
            ["customer_group_id", "billing_root_id"],
            ["price_subtotal:sum"],
        )
        self.assertEqual(rows, [(self.resellers, self.hq, 532.0)])
        with self.assert_refused(UserError, "confirmed orders"):
            self.member.customer_group_id = False
            self.resellers.unlink()

    def test_ordinary_customers_order(self):
        order = self._quotation(self.ordinary)
        order.action_confirm()
        self.assertFalse(order.customer_group_id)
        self.assertEqual(order.billing_root_id, self.ordinary)

    def test_sales_manager_manages_groups_and_members(self):
        manager = new_test_user(
            self.env, "smg", "sales_team.group_sale_manager,base.group_partner_manager"
        )
        group = self.env["customer.group"].with_user(manager).create({"name": "Direct"})
        self.ordinary.with_user(manager).customer_group_id = group
        self.assertEqual(group.member_ids, self.ordinary)
        salesman = new_test_user(self.env, "sls", "sales_team.group_sale_salesman")
        order = self._quotation(self.member, user_id=salesman.id).with_user(salesman)
        order.action_update_prices()
        order.action_confirm()
        self.assertEqual(order.amount_untaxed, 532)

    # Orders invoiced to the head office

    def test_one_invoice_for_the_orders_of_all_branches(self):
        (self.north | self.south).billing_order_invoicing = "head_office"
        orders = (
            self._quotation(self.north)
            | self._quotation(self.south)
            | self._quotation(self.north, {"product_uom_qty": 1})
            | self._quotation(self.east)
        )
        self.assertEqual(orders[:3].partner_invoice_id, self.hq)
        self.assertEqual(orders[3].partner_invoice_id, self.east)
        orders.action_confirm()
        invoices = orders._create_invoices()
        self.assertEqual(invoices.partner_id, self.hq | self.east)
        consolidated = invoices.filtered(lambda move: move.partner_id == self.hq)
        self.assertEqual(
            [
                line.quantity if line.display_type == "product" else line.name
                for line in consolidated.invoice_line_ids.sorted("sequence")
            ],
            ["Acme N", orders[0].name, 7, orders[2].name, 1, "Acme S", 7],
        )
        self.assertFalse(
            (invoices - consolidated)
            .invoice_line_ids.filtered("display_type")
            .filtered(lambda line: line.display_type == "line_section")
        )
        invoices.action_post()
        self.assertEqual(consolidated.line_ids.partner_id, self.hq)
        self.assertEqual(orders.mapped("invoice_status"), ["invoiced"] * 4)

    def test_sections_of_orders_go_below_the_branch(self):
        (self.north | self.south).billing_order_invoicing = "head_office"
        orders = self._quotation(self.north) | self._quotation(self.south)
        orders[0].order_line = [
            Command.create({"display_type": "line_section", "name": "Pumps", "sequence": 0})
        ]
        orders.invalidate_recordset(["order_line"])
        orders.action_confirm()
        lines = orders._create_invoices().invoice_line_ids.sorted("sequence")
        self.assertEqual(
            [(line.display_type, line.name) for line in lines if line.display_type != "product"],
            [("line_section", "Acme N"), ("line_subsection", "Pumps"), ("line_section", "Acme S")],
        )

    def test_orders_of_a_branch_keep_their_lines_apart(self):
        (self.north | self.south).billing_order_invoicing = "head_office"
        first, second, third = orders = (
            self._quotation(self.north) | self._quotation(self.north) | self._quotation(self.south)
        )
        first.order_line = [
            Command.create({"display_type": "line_section", "name": "Pumps", "sequence": 0})
        ]
        orders.invalidate_recordset(["order_line"])
        orders.action_confirm()
        lines = orders._create_invoices().invoice_line_ids.sorted("sequence")
        parents = [
            (line.sale_line_ids.order_id, line.parent_id.name)
            for line in lines
            if line.display_type == "product"
        ]
        self.assertEqual(parents, [(first, "Pumps"), (second, second.name), (third, "Acme S")])

    def test_terms_of_the_invoiced_head_office(self):
        """Orders with different terms share an invoice, with the head office's own or group's."""
        (self.north | self.south).billing_order_invoicing = "head_office"
        self.north.property_payment_term_id = self.days_30
        self.south.property_payment_term_id = self.days_60
        self.hq.property_payment_term_id = self.days_45
        for group, term in ((False, self.days_45), (self.resellers, self.days_30)):
            self.resellers.write({"application": "automatic", "payment_term_id": term.id})
            self.hq.customer_group_id = group
            orders = self._quotation(self.north) | self._quotation(self.south)
            orders.action_confirm()
            self.assertNotIn(self.days_45, orders.payment_term_id)
            invoice = orders._create_invoices()
            self.assertEqual(invoice.partner_id, self.hq)
            self.assertEqual(invoice.invoice_payment_term_id, term)
            direct = self.env["account.move"].create(
                {"move_type": "out_invoice", "partner_id": self.hq.id}
            )
            self.assertEqual(invoice.invoice_payment_term_id, direct.invoice_payment_term_id)

    def test_one_invoice_of_others_has_no_sections(self):
        orders = self._quotation(self.ordinary) | self._quotation(self.member)
        orders.write({"partner_invoice_id": self.hq.id, "partner_shipping_id": self.hq.id})
        orders.action_confirm()
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        self.assertEqual(set(invoice.invoice_line_ids.mapped("display_type")), {"product"})

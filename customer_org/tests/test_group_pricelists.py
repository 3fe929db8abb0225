# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestFirstGroupPricelist(GroupCommon):
    """The first pricelist of a group turns pricelists on: nobody else's price moves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.feature = cls.env.ref("product.group_product_pricelist")
        cls.users = cls.env.ref("base.group_user")
        cls.other_company = cls.env["res.company"].create({"name": "Other", "currency_id": 1})
        cls.env["customer.group"].search([]).write({"pricelist_id": False})
        cls.env["product.pricelist"].search([]).unlink()
        cls.users._remove_group(cls.feature)
        cls.env.user.group_ids -= cls.feature
        cls.companies = cls.company | cls.other_company

    def _price(self, partner, company):
        """What core asks of a customer for a pump in this company."""
        partner = partner.with_company(company)
        partner.invalidate_recordset(["property_product_pricelist"])
        product = self.product.with_company(company)
        return partner.property_product_pricelist._get_product_price(
            product, 1.0, currency=company.currency_id
        )

    def _assert_only_members_pay_less(self, prices):
        self.assertIn(self.feature, self.users.all_implied_ids)
        self.assertEqual(
            [self._price(self.ordinary, company) for company in self.companies], prices
        )
        self.assertEqual(self._price(self.member, self.company), prices[0] * 0.8)

    def _first_group(self, **values):
        pricelist = self._create_pricelist("Resellers -20 %", 20, **values)
        group = self._create_group("First", pricelist_id=pricelist.id)
        self.member.customer_group_id = group
        return group

    def test_nobody_used_pricelists(self):
        prices = [self._price(self.ordinary, company) for company in self.companies]
        self.assertFalse(self.feature in self.users.all_implied_ids)
        self._first_group()
        self._assert_only_members_pay_less(prices)
        standard = self.ordinary.property_product_pricelist
        self.assertEqual((standard.company_id, standard.item_ids.ids), (self.company, []))

    def test_pricelist_of_the_group_comes_first(self):
        """Whatever its place in the list: dragged to the top it is still the members' alone."""
        prices = [self._price(self.ordinary, company) for company in self.companies]
        self._first_group(sequence=-3)
        self._assert_only_members_pay_less(prices)

    def test_pricelists_that_are_there(self):
        """Prepared before the feature was on, with rules or in another currency."""
        prices = [self._price(self.ordinary, company) for company in self.companies]
        self._create_pricelist("Prepared", 50, sequence=1)
        euro = self.setup_other_currency("EUR").id
        self.users._remove_group(self.feature)
        self.env["product.pricelist"].create({"name": "E", "sequence": 0, "currency_id": euro})
        self._first_group()
        self._assert_only_members_pay_less(prices)

    def test_archived_standard_pricelists_come_back(self):
        """As turned off in the settings: what core archived is used again, not made anew."""
        prices = [self._price(self.ordinary, company) for company in self.companies]
        archived = self.env["product.pricelist"].create(
            [
                company._get_default_pricelist_vals() | {"active": False, "sequence": 90}
                for company in self.companies
            ]
        )
        self._first_group()
        self._assert_only_members_pay_less(prices)
        self.assertEqual(self.env["product.pricelist"].search([("item_ids", "=", False)]), archived)

    def test_standard_pricelist_of_some_countries_only(self):
        prices = [self._price(self.ordinary, company) for company in self.companies]
        europe = self.env.ref("base.europe")
        self.env["product.pricelist"].create(
            self.company._get_default_pricelist_vals()
            | {"country_group_ids": [Command.set(europe.ids)]}
        )
        self._first_group()
        self._assert_only_members_pay_less(prices)

    def test_users_of_one_company_and_defaults(self):
        """The manager sees one company; the pricelist comes from the context, not from the form."""
        prices = [self._price(self.ordinary, company) for company in self.companies]
        manager = self._create_user("group manager", "account.group_account_manager")
        pricelist = self._create_pricelist("Resellers -20 %", 20)
        group = (
            self.env["customer.group"]
            .with_user(manager)
            .with_context(
                default_pricelist_id=pricelist.id, disable_company_pricelist_creation=True
            )
            .create({"name": "First"})
        )
        self.member.customer_group_id = group.sudo()
        self._assert_only_members_pay_less(prices)

    def test_what_is_on_is_left_alone(self):
        """A company that uses pricelists arranged them itself."""
        self.users._apply_group(self.feature)
        all_pay = self._create_pricelist("All", 50, sequence=1)
        self._first_group()
        self.assertEqual(self.ordinary.property_product_pricelist, all_pay)
        self.assertFalse(self.env["product.pricelist"].search([("item_ids", "=", False)]))

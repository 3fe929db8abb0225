# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from itertools import product

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroups(GroupCommon):
    """What a group is, what it gives to whom, and who may change it."""

    # The group itself

    def test_cycle_is_refused(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        with self.assert_refused(ValidationError, "can't be placed below itself"):
            self.resellers.parent_id = gold
        with self.assert_refused(ValidationError, "can't be placed below itself"):
            gold.parent_id = gold

    def test_discount_is_a_percentage(self):
        for discount in (-1, 100.5):
            with self.assert_refused(ValidationError, "between 0 and 100"):
                self.resellers.discount = discount
        self.resellers.discount = 100

    def test_terms_of_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        pricelist = self._create_pricelist("Theirs", 1, company_id=other.id)
        with self.assert_refused(UserError, "another company"):
            self.resellers.pricelist_id = pricelist
        term = self.env["account.payment.term"].create({"name": "T", "company_id": other.id})
        with self.assert_refused(UserError, "another company"):
            self.resellers.payment_term_id = term

    def test_used_group_is_archived_not_deleted(self):
        self.member.customer_group_id = self.resellers
        self.member.active = False
        with self.assert_refused(UserError, "because it has members. Archive it"):
            self.resellers.unlink()
        self.member.customer_group_id = False
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        with self.assert_refused(UserError, "because it has subgroups"):
            self.resellers.unlink()
        (gold | self.resellers).unlink()
        self.assertFalse(self.resellers.exists())

    def test_group_on_posted_invoices_is_not_deleted(self):
        self.member.customer_group_id = self.resellers
        self._draft_invoice(self.member).action_post()
        self.member.customer_group_id = False
        with self.assert_refused(UserError, "posted invoices"):
            self.resellers.unlink()

    def test_pricelist_turns_pricelists_on(self):
        feature = self.env.ref("product.group_product_pricelist")
        users = self.env.ref("base.group_user")
        users._remove_group(feature)
        self.assertNotIn(feature, users.all_implied_ids)
        self._create_group("Distributors")
        self.assertIn(feature, users.all_implied_ids)

    def test_member_count(self):
        (self.member | self.hq).customer_group_id = self.resellers
        self.assertEqual(self.resellers.member_count, 2)

    def test_what_a_group_was_invoiced_and_owes(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        self.member.customer_group_id = self.resellers
        self.hq.customer_group_id = gold
        self._draft_invoice(self.member).action_post()
        self._draft_invoice(self.hq)
        self._invoice(self.hq, 200.0, due="2026-01-10")
        groups = self.resellers | gold
        self.assertEqual(groups.mapped("total_invoiced"), [665.0, 200.0])
        self.assertEqual(groups.mapped("total_due"), [731.5, 200.0])
        self.assertEqual(gold.total_overdue, 200.0)
        self.member.customer_group_id = gold
        groups.invalidate_recordset()
        self.assertEqual(groups.mapped("total_invoiced"), [665.0, 200.0], "history stays")
        self.assertEqual(groups.mapped("total_due"), [0.0, 931.5], "what is due follows")

    def test_group_form_of_a_user_without_invoicing(self):
        clerk = new_test_user(self.env, "clerk", "base.group_user")
        group = self.resellers.with_user(clerk)
        view = group.get_view(self.env.ref("customer_org.view_customer_group_form").id)
        self.assertNotIn("total_due", view["arch"])
        self.assertTrue(group.read(["name", "currency_id", "member_count", "inherited_terms"]))

    # Precedence

    def test_matrix_of_modes(self):
        """Mode x term in group x own value: which one documents take, and that leaving restores."""
        core_pricelist = self.ordinary.property_product_pricelist
        for mode, own, given in product(
            ("automatic", "default", "manual"), (False, True), (False, True)
        ):
            with self.subTest(mode=mode, own=own, given=given):
                self.resellers.write(
                    {
                        "application": mode,
                        "pricelist_id": given and self.group_pricelist.id,
                        "payment_term_id": given and self.days_45.id,
                        "discount": 5 if given else 0,
                    }
                )
                self.member.write(
                    {
                        "specific_property_product_pricelist": own and self.own_pricelist.id,
                        "property_payment_term_id": own and self.days_30.id,
                        "customer_group_id": self.resellers.id,
                    }
                )
                group_wins = given and (mode == "automatic" or (mode == "default" and not own))
                before = (
                    (self.own_pricelist, self.days_30)
                    if own
                    else (core_pricelist, self.env["account.payment.term"])
                )
                expected = (self.group_pricelist, self.days_45) if group_wins else before
                self.assertEqual(self._terms(self.member), expected)
                self.assertEqual(
                    self._draft_invoice(self.member).invoice_line_ids.discount,
                    5.0 if given and mode != "manual" else 0.0,
                )
                source = "group Resellers" if group_wins else ("own" if own else "country")
                self.assertEqual(self.member.customer_pricelist_source, source)
                self.assertEqual(self.member.customer_pricelist_sleeping, bool(group_wins and own))
                self.assertEqual(
                    self.member.customer_payment_term_source,
                    source if group_wins or own else False,
                )
                self.member.customer_group_id = False
                self.assertEqual(self._terms(self.member), before, "leaving restores")

    def _terms(self, partner):
        """The pricelist and the payment terms a new document takes."""
        invoice = self._draft_invoice(partner)
        return partner.property_product_pricelist, invoice.invoice_payment_term_id

    def test_scenario_23_unset_terms_come_from_above(self):
        reseller = self._create_group("Reseller")
        reseller.write({"pricelist_id": False, "discount": 0, "payment_term_id": self.days_60.id})
        gold = self._create_group("Gold", parent_id=reseller.id, discount=10)
        self.member.customer_group_id = gold
        invoice = self._draft_invoice(self.member)
        self.assertEqual(invoice.invoice_payment_term_id, self.days_60)
        self.assertEqual(invoice.invoice_line_ids.discount, 10)
        self.assertEqual(self.member.customer_payment_term_source, "group Reseller")

    def test_mode_of_the_members_group_governs(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id, application="default")
        self.member.property_product_pricelist = self.own_pricelist
        self.member.customer_group_id = gold
        self.assertEqual(self.member.property_product_pricelist, self.own_pricelist)
        gold.application = "automatic"
        self.assertEqual(self.member.property_product_pricelist, self.group_pricelist)

    def test_archived_group_gives_nothing(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        self.member.customer_group_id = gold
        self.assertEqual(self.member.property_product_pricelist, self.group_pricelist)
        gold.active = False
        self.assertNotEqual(self.member.property_product_pricelist, self.group_pricelist)
        gold.active = True
        self.resellers.active = False
        self.assertNotEqual(self.member.property_product_pricelist, self.group_pricelist)

    def test_archived_pricelist_counts_as_unset(self):
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        gold.pricelist_id = self._create_pricelist("Gold -30 %", 30)
        self.member.property_product_pricelist = self.own_pricelist
        self.member.customer_group_id = gold
        self.assertEqual(self.member.property_product_pricelist, gold.pricelist_id)
        gold.pricelist_id.active = False
        self.assertEqual(self.member.property_product_pricelist, self.group_pricelist)
        self.group_pricelist.active = False
        self.assertEqual(self.member.property_product_pricelist, self.own_pricelist)

    def test_terms_are_per_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.member.customer_group_id = self.resellers
        theirs = self._create_pricelist("Theirs", 1, company_id=other.id)
        self.resellers.with_company(other).pricelist_id = theirs
        self.assertEqual(self.member.property_product_pricelist, self.group_pricelist)
        member = self.member.with_company(other)
        self.assertEqual(member.property_product_pricelist, theirs)
        self.assertEqual(member._get_customer_group_discount(), 0)

    def test_contacts_get_the_terms_of_their_customer(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.member.id})
        self.assertNotEqual(contact.property_product_pricelist, self.group_pricelist)
        self.member.customer_group_id = self.resellers
        self.assertEqual(contact.property_product_pricelist, self.group_pricelist)
        invoice = self._draft_invoice(contact)
        self.assertEqual(invoice.invoice_payment_term_id, self.days_45)
        self.assertEqual(invoice.invoice_line_ids.discount, 5)

    def test_contact_can_not_be_a_member(self):
        with self.assert_refused(ValidationError, "is a contact of Member"):
            self.env["res.partner"].create(
                {
                    "name": "Ann",
                    "parent_id": self.member.id,
                    "customer_group_id": self.resellers.id,
                }
            )
        ann = self.env["res.partner"].create(
            {"name": "Ann", "customer_group_id": self.resellers.id}
        )
        with self.assert_refused(ValidationError, "is a contact of Member"):
            ann.parent_id = self.member

    # What was chosen by hand

    def test_standard_pricelist_chosen_by_hand_is_an_own_value(self):
        standard = self.member.property_product_pricelist
        self.resellers.application = "default"
        self.member.customer_group_id = self.resellers
        self.assertEqual(self.member.property_product_pricelist, self.group_pricelist)
        self.member.property_product_pricelist = standard
        self.assertEqual(self.member.property_product_pricelist, standard)
        self.member.property_product_pricelist = False
        self.assertEqual(self.member.property_product_pricelist, self.group_pricelist)

    def test_joining_in_the_form_copies_nothing(self):
        """The form sends the group's pricelist back with the group; that is no own value."""
        own = self.own_pricelist
        for mode, kept in product(("automatic", "default", "manual"), (own, own.browse())):
            self.resellers.application = mode
            member = self._create_customer("Joining", specific_property_product_pricelist=kept.id)
            vals = {"customer_group_id": self.resellers.id}
            shown = member.new(vals, origin=member).property_product_pricelist
            if shown == self.group_pricelist:
                vals["property_product_pricelist"] = shown.id
            member.write(vals)
            self.assertEqual(member.specific_property_product_pricelist, kept, mode)

    def test_form_shows_the_groups_pricelist_at_once(self):
        draft = self.member.new({"customer_group_id": self.resellers.id}, origin=self.member)
        self.assertEqual(draft.property_product_pricelist, self.group_pricelist)

    # Cost

    def test_changing_a_group_costs_the_same_for_all_sizes(self):
        counts = []
        for size in (1, 2, 50):
            self.env["res.partner"].create(
                [
                    {"name": f"{size} {n}", "customer_group_id": self.resellers.id}
                    for n in range(size)
                ]
            )
            self.env.flush_all()
            members = self.resellers.member_ids
            members.mapped("property_product_pricelist")
            pricelist = self.own_pricelist.copy()
            start = self.env.cr.sql_log_count
            self.resellers.write({"discount": size / 10, "pricelist_id": pricelist.id})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(*counts[1:])

    def test_reading_prices_costs_members_no_query_each(self):
        """Groups, their lineage and their pricelists are read once, whatever the size."""
        Partner = self.env["res.partner"]
        ordinary, members = (
            Partner.create([{"name": str(n), "customer_group_id": group.id} for n in range(100)])
            for group in (self.env["customer.group"], self.resellers)
        )
        self._count_pricelist_queries(ordinary | members)  # warm the registry caches
        core = self._count_pricelist_queries(ordinary)
        few = self._count_pricelist_queries(members[:10])
        many = self._count_pricelist_queries(members)
        self.assertEqual(many, few)
        self.assertLessEqual(many, core + 3)

    def _count_pricelist_queries(self, partners):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        partners.browse(partners.ids).mapped("property_product_pricelist")
        return self.env.cr.sql_log_count - start

    # Rights

    def test_who_may_change_groups_and_members(self):
        clerk = new_test_user(self.env, "clerk", "base.group_user,base.group_partner_manager")
        biller = new_test_user(
            self.env, "biller", "account.group_account_invoice,base.group_partner_manager"
        )
        self.resellers.with_user(clerk).read(["name", "pricelist_id"])
        with self.assert_refused(AccessError, "Only invoicing users"):
            self.member.with_user(clerk).customer_group_id = self.resellers
        self.member.with_user(clerk).write({"customer_group_id": False, "name": "Renamed"})
        self.member.with_user(biller).customer_group_id = self.resellers
        with self.assert_refused(AccessError, "not allowed to modify"):
            self.resellers.with_user(biller).discount = 1

    def test_group_by_default(self):
        """Nor does the context's default put a new customer into a group."""
        clerk = new_test_user(self.env, "clerk", "base.group_user,base.group_partner_manager")
        partners = self.env["res.partner"].with_context(default_customer_group_id=self.resellers.id)
        with self.assert_refused(AccessError, "Only invoicing users"):
            partners.with_user(clerk).create({"name": "X"})
        partners.with_user(clerk).create({"name": "X", "customer_group_id": False})
        self.assertEqual(partners.create({"name": "X"}).customer_group_id, self.resellers)

    def test_group_of_a_copy(self):
        """A copy is in the group where its maker may put customers into groups."""
        self.member.customer_group_id = self.resellers
        self.assertEqual(self.member.copy().customer_group_id, self.resellers)
        clerk = new_test_user(self.env, "clerk", "base.group_user,base.group_partner_manager")
        self.assertFalse(self.member.with_user(clerk).copy().customer_group_id)
        with self.assert_refused(AccessError, "Only invoicing users"):
            self.member.with_user(clerk).copy({"customer_group_id": self.resellers.id})

    def test_membership_is_in_the_chatter(self):
        self.env.flush_all()
        self.cr.precommit.run()
        member = self.member.with_context(tracking_disable=False, mail_notrack=False)
        member.customer_group_id = self.resellers
        self.env.flush_all()
        self.cr.precommit.run()
        self.assertIn("Resellers", member.message_ids.tracking_value_ids.mapped("new_value_char"))

    def test_portal_user_gets_the_price_but_not_the_group(self):
        self.member.customer_group_id = self.resellers
        user = new_test_user(self.env, "portal member", "base.group_portal")
        user.partner_id.parent_id = self.member
        partner = user.partner_id.with_user(user)
        self.assertEqual(partner.property_product_pricelist, self.group_pricelist)
        with self.assertRaises(AccessError):
            partner.commercial_partner_id.read(["customer_group_id"])

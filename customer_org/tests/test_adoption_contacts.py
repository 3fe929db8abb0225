# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import new_test_user, tagged

from .common_adoption import AdoptionCommon


@tagged("post_install", "-at_install")
class TestContactCompanies(AdoptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.globex = cls._create_customer(
            "Globex", vat="BE0477472701", street="Kerkstraat 1", city="Gent"
        )
        cls.paris = cls._create_customer("Globex Paris", street="Rue Neuve 2", city="Paris")
        cls.paris.write({"type": "other", "parent_id": cls.globex.id, "vat": "FR83404833048"})
        cls.invoice = cls._invoice(cls.paris, 120.0, due="2026-02-01")
        cls._payment(cls.paris, 20.0)
        cls.companies = cls.env["customer.contact.company"]

    def _get_row(self, partner):
        self.env.invalidate_all()
        return self.companies.search([("partner_id", "=", partner.id)])

    def _get_state(self):
        """Return what must stay: balances, number, address, and what portal users see."""
        self.env.flush_all()
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.paris.id), ("parent_state", "=", "posted")]
        )
        return (
            [(line.id, line.balance, line.amount_residual, line.account_id) for line in lines],
            self.paris.vat,
            self.paris.street,
            self.paris.city,
            self.paris.commercial_partner_id,
        )

    def _sees(self, user):
        self.env.invalidate_all()
        return bool(self.env["account.move"].with_user(user).search([("id", "=", self.invoice.id)]))

    def test_listed_and_taken_out(self):
        """A contact company with receivables is listed, and leaves without a change (46)."""
        row = self._get_row(self.paris)
        self.assertEqual((row.parent_id, row.item_count), (self.globex, 2))
        self.assertIn("2 receivable items become those of Globex", row.consequence)
        before = self._get_state()
        action = row.action_take_out()
        self.assertFalse(self.paris.parent_id)
        self.assertEqual(self.paris.billing_parent_id, self.globex)
        self.assertEqual(self.paris.billing_parent_access, "none")
        self.assertEqual(self._get_state(), before)
        self.assertFalse(self._get_row(self.paris))
        update = self.env["customer.hierarchy.update"].browse(action["res_id"])
        self.assertRegex(update.line_ids.check_text, "2 items, balance .*100.00, open .*100.00")
        self.assertEqual(update.line_ids.check_sums["before"], update.line_ids.check_sums["after"])
        update.action_undo()
        self.assertEqual(self.paris.parent_id, self.globex)
        self.assertFalse(self.paris.billing_parent_id)
        self.assertEqual(self._get_state(), before)
        self.assertEqual((self.globex.street, self.globex.vat), ("Kerkstraat 1", "BE0477472701"))

    def test_portal_as_before(self):
        """Portal users of both see the same as before, taken out and put back."""
        users = [
            new_test_user(
                self.env, f"portal_{partner.id}", "base.group_portal", partner_id=partner.id
            )
            for partner in (
                self.env["res.partner"].create({"name": "Ann", "parent_id": self.globex.id}),
                self.env["res.partner"].create({"name": "Bea", "parent_id": self.paris.id}),
            )
        ]
        self.assertEqual([self._sees(user) for user in users], [True, True])
        action = self._get_row(self.paris).action_take_out()
        self.assertEqual([self._sees(user) for user in users], [True, True])
        self.env["customer.hierarchy.update"].browse(action["res_id"]).action_undo()
        self.assertEqual([self._sees(user) for user in users], [True, True])

    def test_own_address_survives_undo(self):
        """An address of its own survives undo, also where core would copy its parent's."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET type = 'contact' WHERE id = %s", [self.paris.id]
        )
        self.env.invalidate_all()
        before = self._get_state()
        action = self._get_row(self.paris).action_take_out()
        self.env["customer.hierarchy.update"].browse(action["res_id"]).action_undo()
        self.assertEqual(self.paris.parent_id, self.globex)
        self.assertEqual(self._get_state(), before)
        self.assertEqual(self.globex.street, "Kerkstraat 1")

    def test_who_is_not_listed(self):
        """Companies filed as contacts that are nothing else are left alone."""
        nothing = self._create_customer("Globex Store")
        nothing.parent_id = self.globex
        self.assertFalse(self._get_row(nothing))
        self.assertFalse(self._get_row(self.globex))
        nothing.billing_parent_id = self.hq
        row = self._get_row(nothing)
        self.assertTrue(row.in_hierarchy)
        self.assertIn("place in the billing hierarchy is lost", row.consequence)
        row.action_take_out()
        self.assertEqual((nothing.parent_id.id, nothing.billing_parent_id), (False, self.hq))

    def test_many_are_asked_about_at_once(self):
        """Whatever the number of companies, the same queries tell what becomes of them."""

        def count(number):
            companies = self.env["res.partner"].create(
                [{"name": f"Globex {number}-{at}", "is_company": True} for at in range(number)]
            )
            companies.write({"type": "other", "parent_id": self.globex.id, "vat": "FR83404833048"})
            companies.customer_group_id = self.env["customer.group"].create({"name": "Resellers"})
            self.env.flush_all()
            self.env.invalidate_all()
            rows = self.companies.search([("partner_id", "in", companies.ids)])
            self.assertEqual(len(rows), number)
            with self.count_queries() as count:
                wanted = rows._get_wanted()
            self.assertEqual({values["parent_id"] for values in wanted.values()}, {False})
            self.assertEqual(
                {values["billing_parent_id"] for values in wanted.values()}, {self.globex.id}
            )
            return count()

        count(1)  # fills the caches
        self.assertEqual(count(2), count(12))

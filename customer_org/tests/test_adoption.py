# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import doctest
import importlib

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_adoption import AdoptionCommon

#: Modules without ORM: their doctests are tests.
PLAIN = (
    "address customer_name evidence hierarchy_plan mail_domain national_register paying_agent "
    "tax_number"
).split()


@tagged("post_install", "-at_install")
class TestPlainPython(BaseCase):
    def test_doctests(self):
        """What the plain modules say of themselves is true."""
        for name in PLAIN:
            with self.subTest(name):
                module = importlib.import_module(f"odoo.addons.customer_org.models.adoption.{name}")
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertEqual(result.failed, 0)


@tagged("post_install", "-at_install")
class TestSuggestions(AdoptionCommon):
    def test_siren_within_siret(self):
        """Two places of one French company: the one is certainly billed under the other (44)."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        self.assertEqual((suggestion.partner_id, suggestion.parent_id), (lyon, globex))
        self.assertEqual((suggestion.kind, suggestion.certainty), ("branch", "certain"))
        self.assertIn("same SIREN 123 456 782", suggestion.reason)
        suggestion.action_accept()
        self.assertEqual(lyon.billing_parent_id, globex)
        self.assertEqual(lyon.billing_parent_access, "none")
        self.assertEqual(suggestion.state, "accepted")

    def test_accountants_address(self):
        """Customers that have their accountant's e-mail do not belong together (45)."""
        names = "Martin Petit Leroy Dubois Robert Simon Laurent Michel Garcia David Durand".split()
        customers = [
            self._create_customer(f"Maison {name}", email="mail@fiduciaire-durand.fr")
            for name in names
        ]
        self.assertFalse(self._find(*customers))

    def test_payments_in_words(self):
        """Who paid invoices is likely the head office; where the names fit, certainly."""
        payer = self._create_customer("Globex HQ")
        gent = self._create_customer("Globex Gent", city="Gent")
        other = self._create_customer("Initech")
        self._match_across((payer, gent, 3), (payer, other, 1))
        found = self._find(payer, gent, other)
        by_customer = found.grouped("partner_id")
        self.assertIn("Globex HQ paid 3 of its invoices", by_customer[gent].reason)
        self.assertEqual(by_customer[gent].certainty, "certain")
        self.assertEqual(by_customer[other].reason, "Globex HQ paid one of its invoices")
        self.assertEqual(by_customer[other].certainty, "likely")
        self.assertEqual(found.parent_id, payer)

    def test_bank_account_of_another(self):
        """A customer that has a bank account of another one is likely billed under that one."""
        holder, branch = self._create_customer("Globex"), self._create_customer("Hooli")
        accounts = self.env["res.partner.bank"]
        accounts.create({"acc_number": "BE71096123456769", "partner_id": holder.id})
        accounts.create(
            {
                "acc_number": "BE71 0961 2345 6769",
                "partner_id": branch.id,
                "acc_holder_name": "Globex",
            }
        )
        suggestion = self._find(holder, branch)
        self.assertEqual((suggestion.partner_id, suggestion.parent_id), (branch, holder))
        self.assertEqual(suggestion.certainty, "likely")
        self.assertIn("6769", suggestion.reason)

    def test_same_number_elsewhere_or_here(self):
        """One tax number: at another address a branch, at the same a duplicate."""
        first = self._create_customer("Globex", vat="BE0477472701", city="Gent", zip="9000")
        twice = self._create_customer("GLOBEX NV", vat="BE 0477.472.701", city="Gent", zip="9000")
        namur = self._create_customer("Globex Namur", vat="BE0477472701", city="Namur")
        found = self._find(first, twice, namur).grouped("partner_id")
        self.assertEqual(found[twice].kind, "duplicate")
        self.assertEqual(found[namur].kind, "branch")
        self.assertEqual(found[namur].parent_id, first)

    def test_duplicates_go_to_the_merge(self):
        """Accepting a duplicate opens core's merge with both; merged, it is gone."""
        first = self._create_customer("Globex", vat="BE0477472701", city="Gent")
        twice = self._create_customer("Globex NV", vat="BE0477472701", city="Gent")
        suggestion = self._find(first, twice)
        action = suggestion.action_accept()
        self.assertEqual(action["res_model"], "base.partner.merge.automatic.wizard")
        self.assertFalse(twice.billing_parent_id)
        self.assertEqual(self._find(first, twice).kind, "duplicate", "found while not merged")
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertEqual(wizard.partner_ids, first | twice)
        wizard.action_merge()
        self.assertFalse(suggestion.exists())
        self.assertFalse(self._find(first))

    def test_dismissed_stays_so(self):
        """A dismissed pair is never proposed again, whichever way round; but on request."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        suggestion.action_dismiss()
        globex.name = "Globex Lille"
        lyon.name = "Globex"
        self.assertFalse(self._find(lyon, globex))
        suggestion.action_reopen()
        self.assertEqual(self._find(lyon, globex).parent_id, lyon)

    def test_dismissed_follows_a_merge(self):
        """What was dismissed stays so for the customer that another one was merged into."""
        lyon, globex = self._create_french()
        twice = self._create_customer("Globex Lyon Bis")
        suggestion = self._find(lyon, globex)
        suggestion.action_dismiss()
        self.env["base.partner.merge.automatic.wizard"]._merge((lyon | twice).ids, twice)
        self.assertEqual(suggestion.partner_id, twice)
        self.assertFalse(self._find(twice, globex))

    def test_search_keeps_what_holds(self):
        """Searching again keeps the same record, and drops what does not hold any more."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        self.assertEqual(self._find(lyon, globex), suggestion)
        lyon.company_registry = False
        lyon.name = "Soylent"
        self.assertFalse(self._find(lyon, globex))
        self.assertFalse(suggestion.exists())

    def test_what_no_longer_holds_is_refused(self):
        """Accepting is refused, with the reason, when something came between."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        changes = {
            "billed under Acme HQ already": lambda: lyon.write({"billing_parent_id": self.hq.id}),
            "is archived": lambda: globex.write({"active": False}),
            "has changed": lambda: lyon.write({"company_registry": "73282932000074"}),
            "under itself": lambda: globex.write({"billing_parent_id": lyon.id}),
            "A contact": lambda: lyon.write({"is_company": False, "parent_id": self.hq.id}),
        }
        for message, change in changes.items():
            with self.subTest(message), self.taken_back():
                change()
                with self.assert_refused(UserError, message):
                    suggestion.action_accept()
        suggestion.action_accept()
        with self.assert_refused(UserError, "Only new suggestions"):
            suggestion.action_accept()

    def test_nothing_is_proposed_where_it_may_not_be(self):
        """None for who has a billing parent, is archived, or belongs to another company."""
        other = self.env["res.company"].create({"name": "Other"})
        changes = {
            "billed": lambda: lyon.write({"billing_parent_id": self.hq.id}),
            "archived": lambda: globex.write({"active": False}),
            "other company": lambda: globex.write({"company_id": other.id}),
            "two companies": lambda: (
                globex.write({"company_id": other.id}),
                lyon.write({"company_id": self.company.id}),
            ),
        }
        lyon, globex = self._create_french()
        for name, change in changes.items():
            with self.subTest(name), self.taken_back():
                change()
                found = self._find(lyon, globex)
                self.assertFalse(found.filtered(lambda s: s.partner_id == lyon))
                self.assertFalse(name != "billed" and name != "other company" and found)

    def test_two_certain_parents(self):
        """Nobody is certain of two parents, such as contact tree and register name."""
        lyon, globex = self._create_french()
        lyon.write({"type": "other", "parent_id": self.hq.id})
        suggestion = self._find(lyon, globex, self.hq)
        self.assertEqual(len(suggestion), 1)
        self.assertEqual(suggestion.certainty, "likely")

    def test_bad_data(self):
        """Loops of contacts, contacts with a company of their own, no names: never an error."""
        one, two, three = (self._create_customer(f"Loop {name}") for name in "XYZ")
        other = self.env["res.company"].create({"name": "Other"})
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.hq.id, "company_id": other.id, "vat": "/"}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET parent_id = CASE id WHEN %s THEN %s WHEN %s THEN %s ELSE %s END"
            " WHERE id IN %s",
            [one.id, two.id, two.id, three.id, one.id, (one.id, two.id, three.id)],
        )
        self.env.cr.execute(
            "UPDATE res_partner SET name = '', email = '@', vat = '', zip = '' WHERE id = %s",
            [contact.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._find(one, two, three, contact))

    def test_only_managers_accept(self):
        """Invoicing users see suggestions; they neither accept nor dismiss nor undo."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        user = new_test_user(self.env, "clerk", groups="account.group_account_invoice")
        clerk = suggestion.with_user(user)
        self.assertIn("SIREN", clerk.reason)
        clerk.action_search()
        with mute_logger("odoo.addons.base.models.ir_model"):
            for method in ("action_accept", "action_dismiss", "action_reopen"):
                with self.assertRaises(AccessError):
                    getattr(clerk, method)()
            with self.assertRaises(AccessError):
                clerk.write({"state": "accepted"})
            with self.assertRaises(AccessError):
                clerk.create({"partner_id": globex.id, "parent_id": lyon.id})
            nobody = new_test_user(self.env, "nobody", groups="base.group_user")
            with self.assertRaises(AccessError):
                self.suggestions.with_user(nobody).action_search()
        suggestion.action_accept()
        with self.assertRaises(AccessError):
            suggestion.update_id.with_user(user).action_undo()

    def test_documents_of_other_companies(self):
        """What only another company's documents say is nothing for who may not see it."""
        payer, payee = self._create_customer("Globex"), self._create_customer("Hooli")
        self._match_across((payer, payee, 1))
        suggestion = self._find(payer, payee)
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "elsewhere",
            groups="account.group_account_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        visible = self.suggestions.with_user(user).search([("id", "=", suggestion.id)])
        self.assertFalse(visible)
        payee.vat = payer.vat = "BE0477472701"
        payee.city = "Gent"
        suggestion = self._find(payer, payee)
        self.assertIn("paid one", suggestion.reason)
        reason = suggestion.with_user(user).reason
        self.assertIn("BE0477472701", reason)
        self.assertNotIn("paid", reason)

    def test_effect(self):
        """What accepting changes is said before: who sees what, what both owe, open documents."""
        lyon, globex = self._create_french()
        self._invoice(lyon, 70.0, due="2026-02-01")
        effect = self._find(lyon, globex).effect
        self.assertIn("portal users of Globex see nothing of it", effect)
        self.assertRegex(effect, r"Globex Lyon owes \$\s70.00 on 1 open")

    def test_families(self):
        """A family is one card with its branches, by the rights of who looks."""
        lyon, globex = self._create_french()
        self._create_customer("Globex Nantes", company_registry="12345678200036")
        self.suggestions.action_search()
        family = self.env["customer.hierarchy.family"].search([("partner_id", "=", globex.id)])
        self.assertEqual((family.suggestion_count, family.certain_count), (2, 2))
        self.assertEqual(family.branch_names, "Globex Lyon, Globex Nantes")
        family.action_accept()
        self.assertEqual(len(globex.billing_child_ids), 2)
        self.assertEqual(lyon.billing_root_id, globex)

    def test_several_families_are_previewed(self):
        """What is certain of several families is counted first; nothing has changed until then."""
        self._create_french()
        for name, number in (("Hooli", "552100554"), ("Soylent", "404833048")):
            for place, office in (("", "00010"), (" Metz", "00028")):
                self._create_customer(name + place, company_registry=number + office)
        self.suggestions.action_search()
        heads = self.env["res.partner"].search([("name", "in", ("Hooli", "Soylent"))])
        families = self.env["customer.hierarchy.family"].search([("partner_id", "in", heads.ids)])
        action = families.action_accept()
        self.assertFalse(heads.billing_child_ids)
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(wizard.partner_count, 2)
        self.assertRegex(wizard.preview, r"Changed</th><th[^>]*>2<")
        wizard.action_apply()
        self.assertEqual(
            sorted(heads.billing_child_ids.mapped("name")), ["Hooli Metz", "Soylent Metz"]
        )

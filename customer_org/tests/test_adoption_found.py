# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..models.adoption.evidence import CERTAIN, IDENTITY, LIKELY, MONEY, Evidence, choose, gather
from .common_adoption import AdoptionCommon


@tagged("post_install", "-at_install")
class TestAdoptionFound(AdoptionCommon):
    """Customers in odd relations: what is proposed of them, and what is not."""

    def find_pairs(self, *customers):
        """Return ``{(customer, parent): certainty}`` of what is proposed."""
        found = self._find(*customers)
        return {(one.partner_id, one.parent_id): one.certainty for one in found}

    # ------------------------------------------------------------------
    # Circles
    # ------------------------------------------------------------------

    def test_circle_through_the_hierarchy(self):
        """Two proposals that close a circle over what is there already: one of them is left out.

        X is billed under Y; Z pays for Y, and X pays for Z.
        """
        upper = self._create_customer("Yonder")
        lower = self._create_customer("Xenon", upper)
        third = self._create_customer("Zephyr")
        self._match_across((third, upper, 2), (lower, third, 1))
        pairs = self.find_pairs(upper, lower, third)
        self.assertEqual(len(pairs), 1)
        ((customer, parent),) = pairs
        suggestion = self.suggestions.search(
            [("partner_id", "=", customer.id), ("parent_id", "=", parent.id)]
        )
        suggestion.action_accept()
        self.assertEqual(customer.billing_parent_id, parent)

    def test_circle_through_a_duplicate(self):
        """A duplicate comes to be the other one: what is billed under itself then is left out."""

        def see(partner, parent, certainty, kind="branch"):
            return Evidence(partner, parent, "x", certainty, IDENTITY, {}, kind=kind)

        chosen = choose(
            gather([see(1, 2, LIKELY, "duplicate"), see(2, 3, CERTAIN), see(3, 1, LIKELY)])
        )
        self.assertEqual([(one.partner_id, one.parent_id) for one in chosen], [(1, 2), (2, 3)])

    def test_chain_of_payers(self):
        """Who pays for a payer stands above it: a family of three levels, one card."""
        top, middle, bottom = (self._create_customer(name) for name in ("Alto", "Basso", "Canto"))
        self._match_across((top, middle, 2), (middle, bottom, 2))
        found = self._find(top, middle, bottom)
        self.assertEqual(
            self.find_pairs(top, middle, bottom),
            {(bottom, middle): "likely", (middle, top): "likely"},
        )
        self.assertEqual(found.family_id, top)
        found.action_accept()
        self.assertEqual(bottom.billing_root_id, top)

    def test_who_pays_for_each_other(self):
        """Who pays as often for the other as the other for it is no head office."""
        one, other = self._create_customer("Alto"), self._create_customer("Basso")
        self._match_across((one, other, 2), (other, one, 1))
        self.assertEqual(self.find_pairs(one, other), {})
        self._match_across((one, other, 3))
        self.assertEqual(self.find_pairs(one, other), {(other, one): "likely"})

    # ------------------------------------------------------------------
    # What comes between
    # ------------------------------------------------------------------

    def test_archived_meanwhile(self):
        """A proposal whose customer or head office was archived is refused, and not found again."""
        for index in range(2):
            lyon, globex = self._create_french()
            suggestion = self._find(lyon, globex)
            suggestion.partner_id.browse([lyon.id, globex.id][index]).active = False
            with self.assert_refused(UserError, "does not hold any more"):
                suggestion.action_accept()
            self.assertFalse(self._find(lyon, globex))
            (lyon | globex).unlink()

    def test_deleted_meanwhile(self):
        """With a customer its proposals go; the others of the family stay."""
        lyon, globex = self._create_french()
        lille = self._create_customer("Globex Lille", company_registry="12345678200036")
        self.assertEqual(len(self._find(lyon, globex, lille)), 2)
        lyon.unlink()
        self.assertEqual(self.find_pairs(globex, lille), {(lille, globex): "certain"})

    def test_merged_within_the_family(self):
        """Two branches merged into one while they were proposed: one proposal is left."""
        lyon, globex = self._create_french()
        lille = self._create_customer("Globex Lille", company_registry="12345678200036")
        self._find(lyon, globex, lille)
        self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": [(6, 0, (lyon | lille).ids)], "dst_partner_id": lille.id}
        ).action_merge()
        self.assertEqual(self.find_pairs(globex, lille), {(lille, globex): "certain"})

    def test_merged_with_the_head_office(self):
        """A branch merged into its proposed head office leaves nothing behind."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": [(6, 0, (lyon | globex).ids)], "dst_partner_id": globex.id}
        ).action_merge()
        self.assertFalse(suggestion.exists())
        self.assertEqual(self.find_pairs(globex), {})

    def test_parent_taken_meanwhile(self):
        """Who was billed under somebody else by hand is told with that one's name."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        lyon.billing_parent_id = self.hq
        with self.assert_refused(UserError, "billed under Acme HQ already"):
            suggestion.action_accept()
        self.assertEqual(lyon.billing_parent_id, self.hq)

    def test_one_of_many_does_not_hold(self):
        """Accepted together, one that does not hold stops all of them."""
        lyon, globex = self._create_french()
        lille = self._create_customer("Globex Lille", company_registry="12345678200036")
        found = self._find(lyon, globex, lille)
        lille.company_registry = False
        with self.assert_refused(UserError, "Globex Lille.*changed"):
            found.action_accept()
        self.assertFalse(lyon.billing_parent_id)
        self.assertEqual(set(found.mapped("state")), {"new"})

    def test_answered_ones(self):
        """What was answered is neither accepted nor dismissed again."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        suggestion.action_dismiss()
        for button in ("action_accept", "action_dismiss"):
            with self.assert_refused(UserError, "Only new suggestions"):
                getattr(suggestion, button)()
        with self.assert_refused(UserError, "Only new suggestions"):
            self.suggestions.browse().action_accept()

    def test_dismissed_family(self):
        """Dismissed for ever, also by the cron, for the pair alone: another branch is proposed."""
        lyon, globex = self._create_french()
        self._find(lyon, globex).action_dismiss()
        lille = self._create_customer("Globex Lille", company_registry="12345678200036")
        self.suggestions.sudo()._cron_search()
        self.assertEqual(self.find_pairs(lyon, globex, lille), {(lille, globex): "certain"})

    # ------------------------------------------------------------------
    # Companies and archived ones
    # ------------------------------------------------------------------

    def test_shared_branch_of_a_company_customer(self):
        """A customer of all companies is not billed under one of a single company."""
        other = self.env["res.company"].create({"name": "Other"})
        lyon, globex = self._create_french()
        globex.company_id = self.company
        self.assertEqual(self.find_pairs(lyon, globex), {})
        lyon.company_id = self.company
        self.assertEqual(self.find_pairs(lyon, globex), {(lyon, globex): "certain"})
        lyon.company_id = other
        self.assertEqual(self.find_pairs(lyon, globex), {})
        globex.company_id = False
        self.assertEqual(self.find_pairs(lyon, globex), {(lyon, globex): "certain"})

    def test_own_companies(self):
        """None of our own companies is a branch or a head office."""
        ours = self.company.partner_id
        ours.company_registry = "12345678200010"
        lyon = self._create_customer("Globex Lyon", company_registry="12345678200028")
        self.assertEqual(self.find_pairs(ours, lyon), {})

    def test_payments_of_archived_ones(self):
        """What an archived customer paid makes it nobody's head office."""
        payer, paid = self._create_customer("Alto"), self._create_customer("Basso")
        self._match_across((payer, paid, 3))
        payer.active = False
        self.assertEqual(self.find_pairs(payer, paid), {})

    def test_payments_taken_back(self):
        """A match that was taken back is no reason any more."""
        payer, paid = self._create_customer("Alto"), self._create_customer("Basso")
        self._match_across((payer, paid, 1))
        self.assertEqual(self.find_pairs(payer, paid), {(paid, payer): "likely"})
        items = self.env["account.move.line"].search([("partner_id", "=", paid.id)])
        items.remove_move_reconcile()
        self.assertEqual(self.find_pairs(payer, paid), {})

    def test_contacts_of_customers(self):
        """What contacts paid and were billed counts for their companies."""
        payer, paid = self._create_customer("Alto"), self._create_customer("Basso")
        clerk = self.env["res.partner"].create({"name": "Ann", "parent_id": payer.id})
        desk = self.env["res.partner"].create({"name": "Desk", "parent_id": paid.id})
        self._match_across((clerk, desk, 2))
        self.assertEqual(self.find_pairs(payer, paid, clerk, desk), {(paid, payer): "likely"})

    # ------------------------------------------------------------------
    # Precision
    # ------------------------------------------------------------------

    def test_strangers_of_one_name(self):
        """Two of one name in two towns are strangers, and none is the other's branch."""
        gent = self._create_customer("De Smet", city="Gent")
        brugge = self._create_customer("De Smet", city="Brugge")
        branch = self._create_customer("De Smet Antwerpen", city="Antwerpen")
        self.assertEqual(self.find_pairs(gent, brugge, branch), {})

    def test_name_alone_is_weak(self):
        """A name and a place are no more than a hint; with a common domain, too."""
        acme = self._create_customer("Initech", email="info@initech.example")
        lyon = self._create_customer("Initech Lyon", city="Lyon", email="lyon@initech.example")
        self.assertEqual(self.find_pairs(acme, lyon), {(lyon, acme): "weak"})

    def test_insurer(self):
        """Who pays for many that are named otherwise works for them; its own place is found."""
        insurer = self._create_customer("Axa")
        clients = [self._create_customer(f"Garage {name}") for name in "ABCDEFGHIJKL"]
        own = self._create_customer("Axa Lyon", city="Lyon")
        self._match_across(*((insurer, client, 1) for client in (*clients, own)))
        pairs = self.find_pairs(insurer, own, *clients)
        self.assertEqual(pairs.pop((own, insurer)), "certain")
        self.assertEqual(set(pairs.values()), {"weak"})

    def test_free_mail(self):
        """A free provider joins nobody, whatever the case of its letters."""
        names = ("Alto", "Alto Lyon")
        one, other = (
            self._create_customer(name, email=f"{name.split()[-1]}@{domain}", city="Lyon")
            for name, domain in zip(names, ("GMAIL.com", "gmail.com"), strict=True)
        )
        found = self._find(one, other)
        self.assertNotIn("domain", found.reason or "")
        self.assertEqual(found.mapped("certainty"), ["weak"])

    def test_certain_number_beats_money(self):
        """The register says who is the head office, whoever pays more."""
        lyon, globex = self._create_french()
        self._match_across((lyon, globex, 3))
        self.assertEqual(self.find_pairs(lyon, globex), {(lyon, globex): "certain"})

    def test_number_at_two_head_offices(self):
        """Two with the number of one head office are one twice; its branch has one parent."""
        heads = [
            self._create_customer(name, vat="BR 12.345.678/0001-95", city=city)
            for name, city in (("Globex Rio", "Rio"), ("Globex Sao Paulo", "Sao Paulo"))
        ]
        branch = self._create_customer("Globex Recife", vat="12.345.678/0002-76", city="Recife")
        pairs = self.find_pairs(*heads, branch)
        self.assertEqual(pairs, {(heads[1], heads[0]): "likely", (branch, heads[0]): "certain"})

    def test_money_and_money(self):
        """Payments and a bank account have one cause, and do not make each other certain."""
        evidence = [
            Evidence(1, 2, "payments", LIKELY, MONEY, {}),
            Evidence(1, 2, "bank_account", LIKELY, MONEY, {}),
        ]
        (proposal,) = gather(evidence)
        self.assertEqual(proposal.certainty, LIKELY)

    def test_effect_for_who_sees_no_entries(self):
        """Who may not read entries is told nothing of what is due."""
        lyon, globex = self._create_french()
        suggestion = self._find(lyon, globex)
        user = new_test_user(self.env, "reader_of_customers", "base.group_user")
        self.assertFalse(self.suggestions.with_user(user).has_access("read"))
        self.assertIn("nothing of it until it is allowed", suggestion.effect)


@tagged("post_install", "-at_install")
class TestTakeOutOfContacts(AdoptionCommon):
    """Companies filed as contacts where the hierarchy is not as simple as the contact tree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.globex = cls._create_customer("Globex")
        cls.paris = cls._create_customer("Globex Paris")
        cls.paris.write({"type": "other", "parent_id": cls.globex.id})
        cls.invoice = cls._invoice(cls.paris, 120.0, due="2026-02-01")
        cls.companies = cls.env["customer.contact.company"]

    def take_out(self, *customers):
        self.env.invalidate_all()
        ids = [customer.id for customer in customers]
        rows = self.companies.search([("partner_id", "in", ids)])
        self.assertEqual(len(rows), len(ids))
        return self.env["customer.hierarchy.update"].browse(rows.action_take_out()["res_id"])

    def create_portal_user(self, customer):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": customer.id})
        return new_test_user(
            self.env, f"portal_{customer.id}", "base.group_portal", partner_id=contact.id
        )

    def sees(self, user):
        self.env.invalidate_all()
        return bool(self.env["account.move"].with_user(user).search([("id", "=", self.invoice.id)]))

    def test_filed_under_its_own_branch(self):
        """A head office that is a contact of its branch is taken out, and stays the head office."""
        self.globex.billing_parent_id = self.paris
        update = self.take_out(self.paris)
        self.assertEqual(update.line_ids.result, "change")
        self.assertFalse(self.paris.parent_id or self.paris.billing_parent_id)
        self.assertEqual(self.globex.billing_parent_id, self.paris)
        update.action_undo()
        self.assertEqual(self.paris.parent_id, self.globex)
        self.assertEqual(self.globex.billing_parent_id, self.paris)

    def test_filed_under_an_archived_company(self):
        """A customer that is a contact of an archived company is taken out, and stands alone."""
        self.env.cr.execute("UPDATE res_partner SET active = false WHERE id = %s", [self.globex.id])
        self.env.invalidate_all()
        self.take_out(self.paris)
        self.assertFalse(self.paris.parent_id or self.paris.billing_parent_id)

    def test_two_levels(self):
        """A company of a company of a company: each comes under the one above, in one update."""
        depot = self._create_customer("Globex Depot")
        depot.write({"type": "other", "parent_id": self.paris.id})
        self._invoice(depot, 80.0, due="2026-02-01")
        update = self.take_out(depot, self.paris)
        self.assertEqual(set(update.line_ids.mapped("result")), {"change"})
        self.assertEqual(
            (depot.billing_parent_id, self.paris.billing_parent_id), (self.paris, self.globex)
        )
        self.assertFalse(depot.parent_id or self.paris.parent_id)
        update.action_undo()
        self.assertEqual((depot.parent_id, self.paris.parent_id), (self.paris, self.globex))
        self.assertFalse((depot | self.paris).billing_parent_id)

    def test_consent_reaches_no_further(self):
        """Consent for the company above is not passed on to those whom that one lets see itself."""
        self.globex.write({"billing_parent_id": self.hq.id, "billing_parent_access": "view"})
        own, above = self.create_portal_user(self.globex), self.create_portal_user(self.hq)
        self.assertEqual((self.sees(own), self.sees(above)), (True, False))
        update = self.take_out(self.paris)
        self.assertEqual(update.line_ids.result, "skip")
        self.assertIn("Portal users of Acme HQ would see its documents", update.line_ids.reason)
        self.assertEqual(self.paris.parent_id, self.globex)
        self.assertEqual((self.sees(own), self.sees(above)), (True, False))
        self.globex.billing_parent_access = "none"
        update = self.take_out(self.paris)
        self.assertEqual(self.paris.billing_parent_id, self.globex)
        self.assertEqual((self.sees(own), self.sees(above)), (True, False))

    def test_nobody_above_to_see(self):
        """Where the one above has no portal users, consent is for who has them, and no obstacle."""
        self.globex.write({"billing_parent_id": self.hq.id, "billing_parent_access": "pay"})
        own = self.create_portal_user(self.globex)
        self.take_out(self.paris)
        self.assertEqual(self.paris.billing_parent_access, "pay")
        self.assertTrue(self.sees(own))

    def test_check_sums(self):
        """The record keeps number, balance and open amount by company, before and after."""
        self._payment(self.paris, 20.0)
        line = self.take_out(self.paris).line_ids
        sums = [2, 100.0, 100.0]
        for which in ("before", "after"):
            self.assertEqual(line.check_sums[which]["items"], {str(self.company.id): sums})
            self.assertEqual(line.check_sums[which]["vat"], "")

    def test_undo_after_a_change(self):
        """Who was billed under somebody else since is left alone by the undo, and that is said."""
        update = self.take_out(self.paris)
        self.paris.billing_parent_id = self.hq
        update.action_undo()
        self.assertEqual((self.paris.billing_parent_id, self.paris.parent_id.id), (self.hq, False))
        self.assertEqual(update.line_ids.reason, "Changed since, so not undone")

    def test_undo_twice(self):
        """An update is undone once."""
        update = self.take_out(self.paris)
        update.action_undo()
        with self.assert_refused(UserError, "only once"):
            update.action_undo()
        self.assertEqual(self.paris.parent_id, self.globex)

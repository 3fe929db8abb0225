# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from itertools import product
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.customer_org.models.groups import customer_group_update

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroupsUndo(GroupCommon):
    """Bulk updates, when the world went on between doing and undoing, or between two batches."""

    def _start(self, partners, group, **values):
        values = {"kind": "membership", "group_id": group and group.id, **values}
        return self.env["customer.group.update"]._start(values, partners)

    def _copy_terms(self, partners, **options):
        options = {"copy_pricelist": True, "copy_payment_term": True, **options}
        return self._start(partners, self.resellers, kind="terms", **options)

    def _get_reasons(self, update):
        return {line.partner_id: line.reason for line in update.line_ids}

    def _own(self, partner):
        partner.invalidate_recordset()
        return partner.specific_property_product_pricelist, partner.property_payment_term_id

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_customer_group_update").method_direct_trigger()
        self.env.invalidate_all()

    # Undo after something was deleted

    def test_former_group_is_deleted(self):
        """Who came from a group that is gone stays where it is, and the line says why."""
        gold = self._create_group("Gold")
        self.member.customer_group_id = gold
        update = self._start(self.member | self.ordinary, self.resellers)
        gold.unlink()
        update.action_undo()
        self.assertEqual(self.member.customer_group_id, self.resellers)
        self.assertFalse(self.ordinary.customer_group_id, "the others are given back all the same")
        self.assertIn("deleted since", self._get_reasons(update)[self.member])
        self.assertEqual(update.state, "undone")

    def test_former_terms_are_deleted(self):
        """The same of a payment term or a pricelist that is gone; both terms stay together."""
        for gone in ("property_payment_term_id", "specific_property_product_pricelist"):
            with self.subTest(gone), self.taken_back():
                (self.member | self.ordinary).customer_group_id = self.resellers
                for partner in self.member | self.ordinary:
                    partner.property_payment_term_id = self.days_30
                    partner.specific_property_product_pricelist = self.own_pricelist
                self.ordinary.property_payment_term_id = self.days_60
                self.ordinary.specific_property_product_pricelist = self.group_pricelist.copy()
                kept = self._own(self.ordinary)
                update = self._copy_terms(self.member | self.ordinary, overwrite=True)
                copied = (self.group_pricelist, self.days_45)
                self.assertEqual(self._own(self.member), copied)
                (
                    self.days_30 if gone == "property_payment_term_id" else self.own_pricelist
                ).unlink()
                update.action_undo()
                self.assertEqual(self._own(self.member), copied)
                self.assertEqual(self._own(self.ordinary), kept)
                self.assertIn("deleted since", self._get_reasons(update)[self.member])
                line = update.line_ids.filtered(lambda one: one.partner_id == self.member)
                self.assertIn("deleted", line.before_text)

    def test_group_archived_meanwhile(self):
        """A former group that is archived takes its members back: it may be used again."""
        gold = self._create_group("Gold")
        self.member.customer_group_id = gold
        update = self._start(self.member, self.resellers)
        gold.active = False
        update.action_undo()
        self.assertEqual(self.member.customer_group_id, gold)

    def test_deleted_customer(self):
        """A customer that was deleted since is no obstacle."""
        update = self._start(self.member | self.ordinary, self.resellers)
        self.member.customer_group_id = False
        self.member.unlink()
        update.action_undo()
        self.assertFalse(self.ordinary.customer_group_id)
        self.assertEqual(update.line_ids.partner_id, self.ordinary)

    # Undo and batches where a customer refuses

    def test_became_a_contact_before_the_undo(self):
        """A customer that is a mere contact by now can't go back; the others do."""
        self.member.customer_group_id = self.ordinary.customer_group_id = self.resellers
        update = self._start(self.member | self.ordinary, False)
        self.member.write({"is_company": False, "parent_id": self.hq.id})
        update.action_undo()
        self.assertFalse(self.member.customer_group_id)
        self.assertEqual(self.ordinary.customer_group_id, self.resellers)
        self.assertIn("is a contact of Acme HQ", self._get_reasons(update)[self.member])

    def test_became_a_contact_between_two_batches(self):
        """One customer that can't be changed any more does not keep the others waiting for ever."""
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(6)])
        with patch.object(customer_group_update, "BATCH_SIZE", 2):
            update = self._start(partners, self.resellers)
            self.assertEqual((update.state, update.change_count), ("running", 6))
            partners[3].parent_id = self.hq
            self._run_cron()
        self.assertEqual(update.state, "done")
        self.assertEqual(self.resellers.member_ids, partners - partners[3])
        self.assertEqual((update.change_count, update.skip_count), (5, 1))
        self.assertIn("is a contact of Acme HQ", self._get_reasons(update)[partners[3]])
        update.action_undo()
        self.assertFalse(self.resellers.member_ids)

    def test_undo_of_many_by_cron(self):
        """What is more than one batch is taken back by cron, and shown as it goes on."""
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(6)])
        update = self._start(partners, self.resellers)
        partners[1].customer_group_id = gold = self._create_group("Gold")
        with patch.object(customer_group_update, "BATCH_SIZE", 2):
            update.action_undo()
            self.assertEqual((update.state, round(update.progress)), ("undoing", 33))
            self.assertEqual(self.resellers.member_ids, partners[2:])
            with self.assert_refused(UserError, "only once"):
                update.action_undo()
            partners[3].customer_group_id = gold
            self._run_cron()
        self.assertEqual((update.state, update.progress), ("undone", 100))
        self.assertEqual(gold.member_ids, partners[1] | partners[3])
        self.assertFalse(self.resellers.member_ids)
        reasons = self._get_reasons(update)
        self.assertEqual(
            [bool(reasons[partner]) for partner in partners],
            [False, True, False, True, False, False],
        )
        self.assertEqual(update.change_count, 6)

    def test_undo_of_customers_out_of_sight(self):
        """Who belongs to another company by now is not changed by who may not see it."""
        biller = self._create_user(
            "undo biller", "account.group_account_invoice,base.group_partner_manager"
        )
        update = self._start(self.member | self.ordinary, self.resellers)
        self.member.company_id = self.env["res.company"].create({"name": "Other"})
        update.with_user(biller).action_undo()
        self.assertEqual(self.resellers.member_ids, self.member)
        self.env.invalidate_all()
        self.assertIn("may not edit", self._get_reasons(update)[self.member])

    def test_queries_do_not_depend_on_how_the_customers_came(self):
        """Customers that were read one by one are fetched together all the same."""
        values = {"kind": "terms", "group_id": self.resellers.id, "copy_payment_term": True}
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "customer_group_id": self.resellers.id} for n in range(20)]
        )
        counts = []
        for size in (2, 2, 20):
            single = [self.env["res.partner"].browse(partner.id) for partner in partners[:size]]
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = list(
                self.env["customer.group.update"]._classify(values, single[0].union(*single))
            )
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual({row[1] for row in rows}, {"change"})
        self.assertEqual(counts[1], counts[2])

    def test_term_deleted_between_two_batches(self):
        """What the update was to copy is gone: the rest is skipped, with the reason."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "customer_group_id": self.resellers.id} for n in range(4)]
        )
        with patch.object(customer_group_update, "BATCH_SIZE", 2):
            update = self._copy_terms(partners, copy_pricelist=False)
            self.assertEqual(partners.mapped("property_payment_term_id"), self.days_45)
            self.resellers.payment_term_id = False
            partners[:2].property_payment_term_id = False
            self.days_45.unlink()
            self._run_cron()
        self.assertEqual((update.state, update.change_count, update.skip_count), ("done", 2, 2))
        self.assertFalse(partners.property_payment_term_id)
        self.assertEqual(
            set(self._get_reasons(update).values()),
            {False, "The group or the terms were deleted since"},
        )

    def test_running_update_is_not_undone(self):
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(3)])
        with patch.object(customer_group_update, "BATCH_SIZE", 2):
            update = self._start(partners, self.resellers)
        with self.assert_refused(UserError, "Only an update that is done"):
            update.action_undo()
        self.assertEqual(len(self.resellers.member_ids), 2)

    def test_undone_in_the_company_of_the_update(self):
        """Terms are per company: undo gives back those of the company where they were copied."""
        other = self._create_company(name="Other")
        self.member.customer_group_id = self.resellers
        theirs = self.member.with_company(other)
        theirs.property_payment_term_id = self.days_60
        self.member.property_payment_term_id = self.days_30
        update = self._copy_terms(self.member, overwrite=True)
        self.assertEqual(theirs.property_payment_term_id, self.days_60)
        update.with_company(other).action_undo()
        self.assertEqual(self.member.property_payment_term_id, self.days_30)
        self.assertEqual(theirs.property_payment_term_id, self.days_60)

    def test_second_update_before_the_first_is_undone(self):
        """Undone out of order: the first finds other values, and leaves them alone."""
        gold = self._create_group("Gold")
        first = self._start(self.member, self.resellers)
        second = self._start(self.member, gold)
        first.action_undo()
        self.assertEqual(self.member.customer_group_id, gold)
        self.assertIn("Changed since", self._get_reasons(first)[self.member])
        second.action_undo()
        self.assertEqual(self.member.customer_group_id, self.resellers)

    # What is copied

    def test_matrix_of_options(self):
        """Own values x what is copied x overwrite: what each member has, says, and gets back."""
        nothing = self.env["product.pricelist"], self.env["account.payment.term"]
        own = self.own_pricelist, self.days_30
        given = self.group_pricelist, self.days_45
        for has_own, copied, overwrite in product(
            product((False, True), repeat=2), product((False, True), repeat=2), (False, True)
        ):
            with self.subTest(own=has_own, copied=copied, overwrite=overwrite):
                before = tuple(own[n] if has_own[n] else nothing[n] for n in (0, 1))
                expected = tuple(
                    given[n] if copied[n] and (overwrite or not has_own[n]) else before[n]
                    for n in (0, 1)
                )
                self.member.write(
                    {
                        "customer_group_id": self.resellers.id,
                        "specific_property_product_pricelist": before[0].id,
                        "property_payment_term_id": before[1].id,
                    }
                )
                update = self._copy_terms(
                    self.member,
                    copy_pricelist=copied[0],
                    copy_payment_term=copied[1],
                    overwrite=overwrite,
                )
                self.assertEqual(self._own(self.member), expected)
                result = update.line_ids.result
                if not any(copied):
                    self.assertEqual(
                        (result, update.line_ids.reason), ("skip", "The group has no such terms")
                    )
                else:
                    self.assertEqual(result, "change" if expected != before else "keep")
                update.action_undo()
                self.assertEqual(self._own(self.member), before)

    def test_terms_of_who_is_no_member(self):
        """Members of a subgroup are not members of the group; archived ones are not asked."""
        gold = self._create_group("Gold", parent_id=self.resellers.id)
        self.ordinary.customer_group_id = gold
        update = self._copy_terms(self.ordinary)
        self.assertEqual(update.line_ids.reason, "Not a member of Resellers")
        self.assertEqual(self._own(self.ordinary), (self.own_pricelist[:0], self.days_30[:0]))

    def test_terms_from_above(self):
        """What a subgroup takes from above is copied as its own."""
        gold = self._create_group(
            "Gold", parent_id=self.resellers.id, payment_term_id=self.days_60.id
        )
        self.ordinary.customer_group_id = gold
        update = self._start(
            self.ordinary, gold, kind="terms", copy_pricelist=True, copy_payment_term=True
        )
        self.assertEqual(self._own(self.ordinary), (self.group_pricelist, self.days_60))
        self.assertEqual(
            update.line_ids.after_text, f"{self.group_pricelist.display_name}, 60 days"
        )

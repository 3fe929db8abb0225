# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceMatch(RemittanceCommon):
    """Documents are found by number only, among those that the payer may pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._create_customer("Stranger")

    def find(self, number, amount=3000.0):
        """Return the line that the number makes."""
        return self.create_matched((number, amount)).line_ids

    def rename(self, move, name):
        move.button_draft()
        move.name = name
        move.action_post()

    def test_ways_of_writing(self):
        """Capitals, blanks, punctuation, prefixes and leading zeros don't matter."""
        self.rename(self.invoice_n, "INV/2026/00812")
        for number in (
            "INV/2026/00812",
            "inv-2026-812",
            "Inv. 812",
            "00812",
            "2026/812",
            " I N V 2026 00812 ",
            "'812",
            "Rechnung Nr. 2026/00812",
        ):
            line = self.find(number)
            self.assertEqual((line.move_id, line.status), (self.invoice_n, "ok"), number)

    def test_other_names(self):
        """The customer's reference, the payment reference, and each of several orders."""
        self.invoice_n.ref = "PO-88120"
        self.invoice_s.payment_reference = "4400 0073 91"
        self.invoice_e.invoice_origin = "S05517, S05518"
        lines = self.create_matched(
            ("po 88120", 3000.0), ("4400007391", 2500.0), ("s 5518", 1750.0)
        ).line_ids
        self.assertEqual(lines.move_id, self.invoice_n | self.invoice_s | self.invoice_e)
        self.assertEqual(self.find("S05517, S05518", 1750.0).move_id, self.invoice_e)

    def test_exact_beats_shortened(self):
        """What is written in full is meant, though something else has the same end."""
        self.rename(self.invoice_n, "INV/2026/00803")
        self.invoice_s.ref = "RINV/2026/00803"
        self.assertEqual(self.find("INV/2026/00803").move_id, self.invoice_n)
        self.assertEqual(self.find("rinv 2026 00803", 2500.0).move_id, self.invoice_s)
        self.assertEqual(self.find("2026/803").status, "ambiguous")

    def test_several_open_ones(self):
        """Scenario 37: two open ones are ambiguous, and none is chosen, whatever the amount."""
        self.rename(self.invoice_n, "INV/2026/00812")
        self.invoice_w.ref = "INV/2025/00812"
        line = self.find("00812", 3000.0)
        self.assertEqual((line.status, line.move_id.id), ("ambiguous", False))

    def test_only_open_one(self):
        """Of several the only open one is meant."""
        self.rename(self.invoice_n, "INV/2026/00812")
        self.invoice_w.ref = "INV/2025/00812"
        self.reconcile(self.invoice_w, self._payment(self.west, 1500.0))
        self.assertEqual(self.find("00812").move_id, self.invoice_n)

    def test_other_customer(self):
        """Scenario 39: a stranger's number says so, and nothing of it is told."""
        invoice = self._invoice(self.stranger, 70.0, due="2026-01-10")
        line = self.find(invoice.name, 70.0)
        self.assertEqual(line.status, "other_customer")
        self.assertFalse(line.move_id or line.partner_id or line.amount_open)

    def test_upwards_is_another_customer(self):
        """A branch may not pay what its head office or a sibling owes."""
        own = self._invoice(self.hq, 10.0, due="2026-01-10")
        lines = self.create_matched(
            (own, 10.0), (self.invoice_s, 2500.0), (self.invoice_n, 3000.0), payer=self.north
        )
        self.assertEqual(self.get_statuses(lines), ["other_customer", "other_customer", "ok"])

    def test_statuses_of_documents(self):
        """Drafts, cancelled, blocked and paid documents say so."""
        self.invoice_n.button_draft()
        self.invoice_s.button_draft()
        self.invoice_s.button_cancel()
        self.invoice_e.action_toggle_block_payment()
        self.reconcile(self.invoice_w, self._payment(self.west, 1500.0))
        lines = [(move, move.amount_total) for move in self.invoices]
        remittance = self.create_matched(*lines)
        self.assertEqual(self.get_statuses(remittance), ["draft", "cancelled", "blocked", "paid"])

    def test_amounts(self):
        """Just what is open, less, more; with the deduction; the other sign is more than open."""
        for amount, deduction, status in (
            (3000.0, 0.0, "ok"),
            (2940.0, 60.0, "ok"),
            (0.0, 3000.0, "ok"),
            (2999.99, 0.0, "short"),
            (3000.01, 0.0, "over"),
            (2950.0, 60.0, "over"),
            (-3000.0, 0.0, "over"),
        ):
            line = self.create_matched((self.invoice_n, amount, {"deduction": deduction})).line_ids
            self.assertEqual(line.status, status, (amount, deduction))

    def test_credit_notes_are_mirrored(self):
        """Negative amounts, and a positive deduction lessens them."""
        note = self._invoice(self.north, 100.0, due="2026-01-10", move_type="out_refund")
        for amount, deduction, status in (
            (-100.0, 0.0, "ok"),
            (-98.0, 2.0, "ok"),
            (-90.0, 0.0, "short"),
            (-110.0, 0.0, "over"),
            (100.0, 0.0, "over"),
        ):
            line = self.create_matched((note, amount, {"deduction": deduction})).line_ids
            self.assertEqual(line.status, status, (amount, deduction))
            self.assertEqual(line.amount_open, -100.0)

    def test_other_currency(self):
        """A document in another currency than the list's says so."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=euro.id)
        self.assertEqual(self.find(invoice.name, 100.0).status, "currency")
        remittance = self.create_matched((invoice, 100.0), currency_id=euro.id)
        self.assertEqual(self.get_statuses(remittance), ["ok"])

    def test_listed_twice(self):
        """The first line counts; if it is left out, the next one does."""
        remittance = self.create_matched((self.invoice_n, 3000.0), (self.invoice_n, 3000.0))
        self.assertEqual(self.get_statuses(remittance), ["ok", "duplicate"])
        remittance.line_ids[0].left_out = True
        self.assertEqual(self.get_statuses(remittance), ["duplicate", "ok"])
        remittance.line_ids[0].unlink()
        self.assertEqual(self.get_statuses(remittance), ["ok"])

    def test_several_in_one_cell(self):
        """A line each, in the place of the cell, if the amount is just what is open on them."""
        cell = f"{self.invoice_n.name} + {self.invoice_s.name}"
        remittance = self.create_matched(
            (self.invoice_e, 1750.0), (cell, 5500.0), (self.invoice_w, 1500.0)
        )
        self.assertEqual(remittance.line_ids.mapped("amount"), [1750.0, 3000.0, 2500.0, 1500.0])
        self.assertEqual(remittance.line_ids.mapped("status"), ["ok"] * 4)
        self.assertEqual(remittance.amount_total, 8750.0)
        remittance.action_match()
        self.assertEqual(remittance.line_ids.mapped("amount"), [1750.0, 3000.0, 2500.0, 1500.0])

    def test_several_in_one_cell_that_do_not_add_up(self):
        """Nobody can say which of them was paid short: one line, ambiguous, no document."""
        cell = f"{self.invoice_n.name}, {self.invoice_s.name}"
        for text, amount in ((cell, 5499.0), (f"{cell}, 99999", 5500.0), ("991 + 992", 5.0)):
            line = self.find(text, amount)
            self.assertEqual(
                (line.status, line.move_id.id, line.number), ("ambiguous", False, text)
            )

    def test_two_names_of_one_document(self):
        """The number and the order of one document in one cell are that document."""
        self.invoice_n.ref = "PO-88120"
        line = self.find(f"{self.invoice_n.name}; PO-88120")
        self.assertEqual((line.move_id, line.status), (self.invoice_n, "ok"))

    def test_corrections(self):
        """A new number finds another document, a new amount changes how the line stands."""
        line = self.find("99999", 2500.0)
        self.assertEqual(line.status, "unknown")
        line.number = self.invoice_n.name
        self.assertEqual((line.move_id, line.status), (self.invoice_n, "short"))
        line.amount = 3000.0
        self.assertEqual(line.status, "ok")

    def test_chosen_by_hand(self):
        """A document that somebody chose is kept when documents are found again."""
        line = self.find("99999", 2500.0)
        line.move_id = self.invoice_s
        self.assertEqual((line.partner_id, line.status), (self.south, "ok"))
        line.remittance_id.action_match()
        self.assertEqual(line.move_id, self.invoice_s)
        line.move_id = False
        self.assertEqual(line.status, "unknown")

    def test_choose_a_strangers(self):
        """What the payer may not pay can't be chosen, by whatever way."""
        invoice = self._invoice(self.stranger, 70.0, due="2026-01-10")
        line = self.find("99999")
        with self.assert_refused(UserError, "can't be paid by Acme HQ"):
            line.move_id = invoice
        with self.assert_refused(UserError, "can't be paid by Acme HQ"):
            self.create_remittance(("1", 70.0, {"move_id": invoice.id}))

    def test_status_is_not_typed(self):
        """Nobody says by hand how a line stands."""
        line = self.find("99999")
        with self.assertRaises(AccessError):
            line.status = "ok"
        with self.assertRaises(AccessError):
            line.remittance_id.write({"line_ids": [Command.update(line.id, {"status": "ok"})]})

    def test_archived_branch(self):
        """A branch that still owes may be archived, and its document is found."""
        self.north.active = False
        self.assertEqual(self.find(self.invoice_n.name).move_id, self.invoice_n)

    def test_other_company(self):
        """Another company's document of the same number is none of this list."""
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        invoice = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.north.id,
                    "name": "ELSEWHERE/77",
                    "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5.0})],
                }
            )
        )
        self.assertEqual(self.find("ELSEWHERE/77", 5.0).status, "unknown")
        with self.assertRaises(UserError):
            self.find("99999").move_id = invoice

    def test_statements(self):
        """A hundred lines take as many statements as two."""
        invoices = self._create_invoices(self.branches, 100)

        def count(moves):
            remittance = self.create_remittance(*((move, 10.0) for move in moves))
            self.env.invalidate_all()
            with self.count_queries() as counted:
                remittance.action_match()
            return counted()

        few, many = count(invoices[:2]), count(invoices)
        self.assertLessEqual(many, few + 2)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..wizards import settlement_grid_page
from .test_settlement_wizard import WizardCommon


@tagged("post_install", "-at_install")
class TestSettlementGrid(WizardCommon):
    """What the screen shows is what Post books, at every moment."""

    def assert_posts_what_it_shows(self, wizard):
        """Post, and compare what each invoice got with what the grid said before."""
        amounts = self.get_amounts(wizard)
        before = {move: move.amount_residual for move in self.invoices}
        self.post(wizard)
        got = {move: before[move] - move.amount_residual for move in self.invoices}
        self.assertEqual(
            {move: round(amount, 2) for move, amount in got.items() if round(amount, 2)}, amounts
        )

    def test_policy(self):
        """A policy that is written is the one that is posted: no button in between."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        wizard.policy = "pro_rata"
        self.assertEqual(self.get_amounts(wizard)[self.invoice_w], 685.71)
        self.assert_posts_what_it_shows(wizard)

    def test_branches(self):
        """A filter leaves the credit to what it leaves."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        wizard.branch_ids = self.west
        self.assertEqual(self.get_amounts(wizard), {self.invoice_w: 1500.0})
        self.assert_posts_what_it_shows(wizard)

    def test_policy_and_filters_together(self):
        """U1: pro rata, of West and East only, in one write as the screen saves it."""
        self._payment(self.hq, 1000.0)
        wizard = self.open_wizard()
        wizard.write(
            {
                "policy": "pro_rata",
                "branch_ids": [Command.set((self.west | self.east).ids)],
                "date_due_until": "2026-01-31",
            }
        )
        self.assertEqual(self.get_amounts(wizard), {self.invoice_e: 538.46, self.invoice_w: 461.54})
        self.assert_posts_what_it_shows(wizard)

    def test_filter_taken_away(self):
        """All invoices come back with the amounts of the policy."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard(branch_ids=self.west.ids)
        wizard.branch_ids = False
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, self.invoice_s: 1000.0})

    def test_credit_left_out(self):
        """A credit that is not chosen pays nothing, by the wizard or by its line."""
        self._payment(self.hq, 3000.0)
        small = self._payment(self.hq, 500.0)
        for by_wizard in (True, False):
            with self.subTest(by_wizard=by_wizard), self.taken_back():
                wizard = self.open_wizard()
                self.assertEqual(wizard.amount_allocated, 3500.0)
                line = wizard.credit_ids.filtered(lambda line: line.move_id == small.move_id)
                if by_wizard:
                    wizard.credit_ids = [Command.update(line.id, {"selected": False})]
                else:
                    line.selected = False
                self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0})
                self.assert_posts_what_it_shows(wizard)

    def test_typed_amount_survives_policy(self):
        """What somebody typed stays; the policy shares out the rest."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        line = wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_w)
        line.amount = 1000.0
        self.assertEqual(wizard.amount_left, -1000.0, "typing changes no other amount")
        wizard.policy = "own"
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, self.invoice_w: 1000.0})
        wizard.policy = "manual"
        self.assertEqual(self.get_amounts(wizard), {self.invoice_w: 1000.0})
        wizard.action_propose()
        self.assertFalse(self.get_amounts(wizard), "manual proposes nothing")

    def test_typed_nothing_survives(self):
        """An invoice that somebody took out stays out."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_n).amount = 0.0
        wizard.date_due_until = "2026-01-20"
        self.assertEqual(self.get_amounts(wizard), {self.invoice_s: 2500.0, self.invoice_e: 1500.0})

    def test_typed_amount_behind_a_filter(self):
        """A filter hides a typed amount, which is not paid then; without it, it is back."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard(policy="manual")
        self.type_amounts(wizard, {self.invoice_w: 1000.0})
        wizard.branch_ids = self.north
        self.assertFalse(wizard.amount_allocated)
        wizard.branch_ids = False
        self.assertEqual(self.get_amounts(wizard), {self.invoice_w: 1000.0})

    def test_clear(self):
        """Clear leaves an empty grid, to tick one's own choice in."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        wizard.action_clear()
        self.assertFalse(wizard.amount_allocated)
        with self.assert_refused(UserError, "Nothing to settle"):
            wizard.action_post()

    def test_form_shows_what_it_saves(self):
        """The amounts follow the policy on the form, before it is saved and after."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        with Form(wizard) as form:
            form.policy = "pro_rata"
            with form.debt_ids.edit(0) as line:
                self.assertEqual(line.amount, 1371.43)
            form.policy = "own"
            with form.debt_ids.edit(0) as line:
                self.assertEqual(line.amount, 3000.0)
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, self.invoice_s: 1000.0})
        wizard.policy = "pro_rata"
        self.assertEqual(self.get_amounts(wizard)[self.invoice_w], 685.71, "nothing was typed")

    def test_form_keeps_what_is_typed(self):
        """An amount typed on the form outlives a policy chosen after it."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        with Form(wizard) as form:
            with form.debt_ids.edit(3) as line:
                line.amount = 1000.0
            form.policy = "own"
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, self.invoice_w: 1000.0})

    def test_covered_by_own_credit(self):
        """An invoice that its own customer's credit pays is left to that credit."""
        self._payment(self.north, 2900.0)
        self._payment(self.hq, 3000.0)
        wizard = self.open_wizard()
        self.assertEqual(
            self.get_amounts(wizard),
            {self.invoice_n: 100.0, self.invoice_s: 2500.0, self.invoice_e: 400.0},
        )
        self._payment(self.north, 100.0)
        wizard.action_refresh()
        self.assertEqual(self.get_reasons(wizard)[self.invoice_n], "covered")
        self.assert_posts_what_it_shows(wizard)

    def test_covered_in_other_currency(self):
        """The same where the plan works out the amounts; also of chosen invoices."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self._payment(self.north, 1500.0, currency_id=euro.id)
        self._payment(self.hq, 3000.0)
        for wizard in (self.open_wizard(), self.open_wizard(self.invoice_n | self.invoice_s)):
            self.assertEqual(self.get_reasons(wizard)[self.invoice_n], "covered")
            self.assertEqual(self.get_amounts(wizard)[self.invoice_s], 2500.0)

    def test_nothing_to_settle(self):
        """S2: no credit, no invoice, or neither: an empty grid that says why."""
        wizard = self.open_wizard()
        self.assertIn("no open credit", wizard.get_grid()["message"])
        lonely = self._create_customer("Lonely", self._create_customer("Other HQ"))
        wizard = self.open_wizard(lonely.billing_parent_id)
        self.assertFalse(wizard.debt_ids)
        self._payment(lonely.billing_parent_id, 10.0)
        wizard.action_refresh()
        self.assertIn("is open", wizard.get_grid()["message"])
        wizard.policy = "pro_rata"
        self._payment(self.hq, 10.0)
        wizard = self.open_wizard(date_due_until="2020-01-01")
        self.assertIn("filters", wizard.get_grid()["message"])

    def test_line_of_another_hierarchy(self):
        """S7: a line that was turned to another document posts nothing."""
        self._payment(self.hq, 3000.0)
        stranger = self._invoice(self._create_customer("Stranger"), 3000.0, due="2026-01-10")
        wizard = self.open_wizard()
        line = wizard.debt_ids[0]
        with self.assertRaises(AccessError):
            line.move_line_id = self._receivable_lines(stranger)
        line.sudo().move_line_id = self._receivable_lines(stranger)
        with self.assert_refused(UserError, "not in the billing hierarchy"):
            wizard.action_post()
        self.assertFalse(self.last_settlement())

    def test_line_with_another_open_amount(self):
        """S7: an open amount of nothing breaks no total and posts nothing."""
        self._payment(self.hq, 3000.0)
        wizard = self.open_wizard()
        wizard.debt_ids[0].sudo().amount_open = 0.0
        self.assertEqual(wizard.amount_allocated, 3000.0)
        with self.assert_refused(UserError, "changed since"):
            wizard.action_post()


@tagged("post_install", "-at_install")
class TestSettlementScreen(WizardCommon):
    """What the screen asks, and gets as an answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 4000.0)
        cls.wizard = cls.env["customer.settlement.wizard"].browse(
            cls.hq.action_settle_branches()["res_id"]
        )

    def get_line(self, move):
        return self.wizard.debt_ids.filtered(lambda line: line.move_id == move)

    def test_by_branch(self):
        """Invoices by branch with subtotals, sums below, totals above."""
        page = self.wizard.get_grid()
        self.assertEqual(
            [(group["name"], group["open"], group["amount"]) for group in page["groups"]],
            [
                ("Acme N", 3000.0, 3000.0),
                ("Acme S", 2500.0, 1000.0),
                ("Acme E", 1750.0, 0.0),
                ("Acme W", 1500.0, 0.0),
            ],
        )
        self.assertEqual(page["sums"], {"count": 4, "open": 8750.0, "amount": 4000.0})
        self.assertEqual(page["totals"]["amount_left"], 0.0)
        self.assertEqual([row["open"] for row in page["credits"]], [4000.0])

    def test_search(self):
        """By number or branch; sums follow, totals don't; wildcards are letters."""
        page = self.wizard.get_grid({"search": "acme s"})
        self.assertEqual(page["sums"], {"count": 1, "open": 2500.0, "amount": 1000.0})
        self.assertEqual(page["totals"]["amount_allocated"], 4000.0)
        page = self.wizard.get_grid({"search": self.invoice_w.name, "grouped": False})
        self.assertEqual(
            [row["document"] for row in page["groups"][0]["rows"]], [self.invoice_w.name]
        )
        self.assertFalse(self.wizard.get_grid({"search": "%"})["sums"]["count"])

    def test_view_of_a_stranger_mind(self):
        """A view that makes no sense is no error."""
        for view in ([], {"offset": "x", "opened": "y"}, {"offset": -5, "grouped": False}):
            self.assertEqual(self.wizard.get_grid(view)["sums"]["count"], 4)

    def test_tick(self):
        """A tick is all of it, none is nothing; both outlive a policy."""
        line = self.get_line(self.invoice_w)
        page = self.wizard.change_grid("tick", line.ids, True)
        self.assertEqual(page["totals"]["amount_left"], -1500.0)
        page = self.wizard.change_grid("tick", self.get_line(self.invoice_n).ids, False)
        self.assertEqual(page["totals"]["amount_left"], 1500.0)
        self.wizard.policy = "own"
        self.assertEqual(
            self.get_amounts(self.wizard), {self.invoice_s: 2500.0, self.invoice_w: 1500.0}
        )

    def test_tick_branch_and_found(self):
        """All of a branch, or of what a search finds."""
        self.wizard.action_clear()
        self.wizard.change_grid("branch", self.east.ids, True)
        self.assertEqual(self.get_amounts(self.wizard), {self.invoice_e: 1750.0})
        self.wizard.change_grid("found", [], True, {"search": "Acme W"})
        self.assertEqual(
            self.get_amounts(self.wizard), {self.invoice_e: 1750.0, self.invoice_w: 1500.0}
        )

    def test_unknown_change(self):
        """What the grid does not know changes nothing."""
        with self.assertRaises(ValueError):
            self.wizard.change_grid("anything", [], False)
        self.assertEqual(self.wizard.amount_allocated, 4000.0)

    def test_amount(self):
        """A typed amount; one that can't be is refused."""
        line = self.get_line(self.invoice_n)
        page = self.wizard.change_grid("amount", line.ids, 1000.0)
        self.assertEqual(page["totals"]["amount_left"], 2000.0)
        with self.assert_refused(UserError, "more than"):
            self.wizard.change_grid("amount", line.ids, 3000.01)

    def test_lines_of_others(self):
        """A wizard changes its own lines only."""
        other = self.open_wizard()
        self.wizard.change_grid("tick", other.debt_ids.ids, False)
        self.wizard.change_grid("credit", other.credit_ids.ids, False)
        self.assertEqual(other.amount_allocated, 4000.0)
        self.assertEqual(self.wizard.amount_allocated, 4000.0)

    def test_credit(self):
        """A credit that is ticked off pays nothing any more."""
        page = self.wizard.change_grid("credit", self.wizard.credit_ids.ids, False)
        self.assertEqual(page["totals"], dict.fromkeys(page["totals"], 0.0))

    def test_many_credits(self):
        """More credits than a page: the others are shown when asked for, all are chosen at once."""
        self._payment(self.hq, 500.0, date="2026-02-10")
        self.wizard.action_refresh()
        with patch.object(settlement_grid_page, "LIMIT", 1):
            page = self.wizard.get_grid()
            self.assertEqual(
                (len(page["credits"]), page["credit_count"], page["chosen_count"]), (1, 2, 2)
            )
            page = self.wizard.change_grid("credits", [], False, {"credits": 2})
            self.assertEqual([row["selected"] for row in page["credits"]], [False, False])
            self.assertFalse(page["totals"]["amount_available"])
            page = self.wizard.change_grid("credits", [], True)
            self.assertEqual(page["totals"]["amount_allocated"], 4500.0)

    def test_preview(self):
        """By the settlements that come of it; a reason instead where nothing can be posted."""
        self._payment(self.hq, 500.0, date="2026-02-10")
        self.wizard.action_refresh()
        self.wizard.credit_ids.selected = True
        preview = self.wizard.get_preview()
        self.assertEqual(
            [[leg["debit"] for leg in part["legs"]] for part in preview["settlements"]],
            [[4000.0, 0.0, 0.0], [500.0, 0.0]],
        )
        self.wizard.action_clear()
        self.assertIn("Nothing to settle", self.wizard.get_preview()["message"])

    def test_left_out(self):
        """What is left out, by reason, in whole sentences."""
        skipped = self.wizard.get_grid()["skipped"]
        self.assertEqual(
            [(part["name"], part["count"], part["open"]) for part in skipped],
            [("No credit is left for it.", 2, 3250.0)],
        )

    def test_title(self):
        """The title says who pays."""
        self.assertEqual(self.wizard.display_name, "Settle with credits of Acme HQ")

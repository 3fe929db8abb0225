# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common_payment_request import PaymentRequestCommon


@tagged("post_install", "-at_install")
class TestRemittanceButtons(PaymentRequestCommon):
    """Where the buttons lead, what the lists count, and who may press them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 5500.0)

    def create_two(self, **values):
        return self.create_matched((self.invoice_n, 3000.0), (self.invoice_s, 2500.0), **values)

    def get_opened(self, action):
        """Return the records that an action opens."""
        model = self.env[action["res_model"]]
        return (
            model.browse(action["res_id"])
            if action.get("res_id")
            else model.search(action["domain"])
        )

    def test_from_the_remittance(self):
        """Its documents and its settlements, and as many as the buttons say."""
        remittance = self.create_two()
        self.assertEqual(
            self.get_opened(remittance.action_open_documents()), self.invoice_n | self.invoice_s
        )
        self.assertEqual((remittance.document_count, remittance.settlement_count), (2, 0))
        self.settle(remittance, self.payment)
        self.assertEqual(remittance.settlement_count, 1)
        settlement = self.get_opened(remittance.action_open_settlements())
        self.assertEqual(settlement, self.last_settlement())
        self.assertEqual(self.get_opened(settlement.action_open_remittance()), remittance)

    def test_from_customer_invoice_and_payment(self):
        """Customer, invoice and payment lead to the lists that name them, and count them."""
        remittance = self.create_two()
        other = self.create_matched((self.invoice_n, 3000.0))
        self.settle(remittance, self.payment)
        both = remittance | other
        self.assertEqual(self.hq.customer_remittance_count, 2)
        self.assertEqual(self.get_opened(self.hq.action_open_customer_remittances()), both)
        self.assertEqual(self.invoice_n.customer_remittance_count, 2)
        self.assertEqual(self.get_opened(self.invoice_n.action_open_customer_remittances()), both)
        self.assertEqual(self.invoice_s.customer_remittance_count, 1)
        self.assertEqual(self.invoice_w.customer_remittance_count, 0)
        self.assertEqual(
            self.get_opened(self.payment.action_open_customer_remittances()), remittance
        )
        self.assertFalse(self._payment(self.hq, 1.0).customer_remittance_ids)

    def test_lists_to_look_at(self):
        """What has lines to look at is found and counted; what is left out or closed is not."""
        clear, unclear = self.create_two(), self.create_matched(("X/981", 5.0), ("X/982", 6.0))
        remittances = self.env["customer.remittance"]
        self.assertEqual((clear.to_check_count, unclear.to_check_count), (0, 2))
        self.assertEqual(remittances.search([("to_check_count", ">", 0)]), unclear)
        self.assertIn(clear, remittances.search([("to_check_count", "=", 0)]))
        unclear.line_ids[0].left_out = True
        self.assertEqual(unclear.to_check_count, 1)
        unclear.action_leave_out_others()
        self.assertFalse(remittances.search([("to_check_count", "!=", 0)]))
        unclear.line_ids.left_out = False
        unclear.action_cancel()
        self.assertFalse(remittances.search([("to_check_count", ">", 0)]))

    def test_advice_of_each_line(self):
        """Each line that is not ready says what to do, until it is left out."""
        remittance = self.create_matched((self.invoice_n, 3100.0), (self.invoice_s, 2500.0))
        over, ready = remittance.line_ids
        self.assertIn("Correct the amount", over.advice)
        self.assertFalse(ready.advice)
        over.left_out = True
        self.assertFalse(over.advice)

    def test_print_request(self):
        """The paper of a request is the report's, for those that were chosen."""
        request = self.create_waiting(self.invoice_n)
        action = request.action_print_request()
        self.assertEqual(action["report_name"], "customer_org.report_payment_request")
        self.assertEqual(action["context"]["active_ids"], request.ids)

    def test_document_chosen_on_a_request(self):
        """Of a document that is chosen by hand on a request all that is open is asked for."""
        request = self.request(self.invoice_n)
        with Form(request) as form, form.line_ids.new() as line:
            line.move_id = self.invoice_s
        self.assertEqual(request.line_ids.mapped("amount"), [3000.0, 2500.0])
        note = self._invoice(self.north, 40.0, due="2026-01-10", move_type="out_refund")
        with Form(request) as form, form.line_ids.new() as line:
            line.move_id = note
        self.assertEqual(request.line_ids[-1].amount, -40.0)

    def test_account_of_a_reason(self):
        """A receivable, payable or bank account takes no write-off, whoever says so."""
        reason = (
            self.env["customer.deduction.reason"]
            .sudo()
            .create({"name": "x", "action": "write_off"})
        )
        for account in (
            self.receivable,
            self.company_data["default_account_payable"],
            self.company_data["default_journal_bank"].default_account_id,
        ):
            with (
                self.assert_refused(ValidationError, "can't take write-offs"),
                self.env.cr.savepoint(),
            ):
                reason.account_id = account
        reason.account_id = self.company_data["default_account_expense"]

    def test_used_reason(self):
        """A reason that a list names can't be deleted; it is archived."""
        reason = (
            self.env["customer.deduction.reason"].sudo().create({"name": "x", "action": "open"})
        )
        self.create_remittance(
            (self.invoice_n, 2990.0, {"deduction": 10.0, "reason_id": reason.id})
        )
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            reason.unlink()
        reason.active = False
        self.assertNotIn(reason, self.env["customer.deduction.reason"].search([]))

    def test_resolve_nothing(self):
        """Where nothing is disputed there is nothing to resolve."""
        with self.assert_refused(UserError, "Nothing is disputed"):
            self.invoice_n.action_resolve_dispute()

    def test_rights_of_invoicing_users(self):
        """Invoicing users enter and match lists; only who may reconcile settles and undoes."""
        biller = new_test_user(self.env, "biller_of_lists", groups="account.group_account_invoice")
        remittance = self.create_two()
        for button in ("action_match", "action_confirm", "action_draft"):
            getattr(remittance.with_user(biller), button)()
        self.settle(remittance, self.payment)
        reader = new_test_user(
            self.env, "reader_of_lists", groups="base.group_user,account.group_account_readonly"
        )
        self.assertEqual(remittance.with_user(reader).line_ids.mapped("status"), ["ok", "ok"])
        for button in ("action_undo", "action_match", "action_settle"):
            with self.subTest(button), self.assertRaises(UserError):
                getattr(remittance.with_user(reader), button)()
        self.assertEqual(remittance.state, "settled")

    def test_other_companies(self):
        """Lists of a company are those of its users alone, with their lines."""
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "biller_elsewhere",
            groups="account.group_account_user",
            company_id=other.id,
            company_ids=other.ids,
        )
        remittance = self.create_two()
        mine = self.env["customer.remittance"].with_user(user).with_company(other)
        self.assertFalse(mine.search([]))
        self.assertFalse(mine.env["customer.remittance.line"].search([]))
        with self.assertRaises(AccessError):
            remittance.with_user(user).with_company(other).action_settle()
        with self.assertRaises(UserError):
            mine.create(
                {
                    "partner_id": self.hq.id,
                    "company_id": other.id,
                    "line_ids": [(0, 0, {"move_id": self.invoice_n.id, "amount": 1.0})],
                }
            )


@tagged("post_install", "-at_install")
class TestAdoptionButtons(PaymentRequestCommon):
    """Where the screens of the hierarchy and of suggestions lead."""

    def test_root_of_a_branch(self):
        """From a branch the hierarchy opens from its head office down."""
        action = self.north.action_open_billing_root()
        self.assertEqual(action, self.hq.action_open_billing_hierarchy())

    def test_both_of_a_suggestion(self):
        """Both customers of a suggestion are opened, archived ones, too."""
        lyon = self._create_customer("Globex Lyon", company_registry="12345678200028")
        globex = self._create_customer("Globex", company_registry="12345678200010")
        suggestions = self.env["customer.hierarchy.suggestion"]
        suggestions.action_search()
        suggestion = suggestions.search([("partner_id", "=", lyon.id)])
        lyon.active = False
        action = suggestion.action_open_both()
        found = self.env["res.partner"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(found, lyon | globex)

    def test_help_of_an_empty_list(self):
        """An empty hierarchy says how many families were found, and leads there."""
        partners = self.env["res.partner"].with_context(billing_hierarchy=True)
        self.assertIn("No hierarchy is found here", partners.get_empty_list_help(""))
        self._create_customer("Globex Lyon", company_registry="12345678200028")
        self._create_customer("Globex", company_registry="12345678200010")
        self.env["customer.hierarchy.suggestion"].action_search()
        count = self.env["customer.hierarchy.family"].search_count([])
        self.assertIn(f"{count} families found", partners.get_empty_list_help(""))
        self.assertEqual(self.env["res.partner"].get_empty_list_help("help"), "help")

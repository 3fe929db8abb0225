# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_doors import DoorsCommon

# Where what is told about a record is kept beside it.
BESIDE = {
    "mail.message": ["body", "subject", "record_name", "res_id"],
    "mail.activity": ["summary", "note", "res_name"],
    "ir.attachment": ["name", "res_name", "res_id"],
}


@tagged("post_install", "-at_install")
class TestDoorsContext(DoorsCommon):
    """What a client sends along in the context opens no door, nor does what is kept beside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.threads = [
            record
            for record in cls.records.values()
            if "message_ids" in record._fields and record._name != "customer.group"
        ]
        for record in cls.threads:
            attachment = (
                cls.env["ir.attachment"]
                .sudo()
                .create(
                    {
                        "name": "Hushed file",
                        "raw": b"x",
                        "res_model": record._name,
                        "res_id": record.id,
                    }
                )
            )
            record.sudo().message_post(body="Hushed note", attachment_ids=attachment.ids)
            if "activity_ids" in record._fields:
                record.sudo().activity_schedule(
                    "mail.mail_activity_data_todo", summary="Hushed work", user_id=cls.env.uid
                )
        cls.env.flush_all()
        cls.env.invalidate_all()

    def get_contexts(self):
        """Return contexts that our code reads, with what a client might send in them."""
        return [
            {"allowed_company_ids": self.company.ids},
            {"allowed_company_ids": (self.other_company | self.company).ids},
            {"portal_visitor_id": self.env.uid},
            {"customer_org_code": True, "customer_mail_batch": True},
            {"customer_settlement_branch_id": self.east.id, "customer_settlement_receipt": True},
            {"customer_statement": {"branches": True, "date_to": "2026-12-31"}},
            {"customer_statement_printed": False, "customer_aged_as_of": "2026-12-31"},
            {"active_model": "res.partner", "active_ids": self.hq.ids, "active_id": self.hq.id},
            {"default_partner_ids": [[6, 0, self.hq.ids]], "default_payer_id": self.hq.id},
            {"show_address": True, "show_email": True, "show_vat": True},
            {"active_test": False, "bin_size": True, "tracking_disable": True},
            {"credit_limit_checked": True, "credit_limit_pending": {self.hq.id: -1e9}},
        ]

    def test_reading_with_contexts(self):
        """Lists with each of them, of each model."""
        for context in self.get_contexts():
            for visitor in ("clerk", "foreigner"):
                for record in self.records.values():
                    text = self.knock(
                        visitor,
                        record,
                        "web_search_read",
                        [],
                        {"display_name": {}},
                        context=context,
                    )
                    with self.subTest(visitor=visitor, model=record._name, context=[*context]):
                        self.assert_hushed(visitor, (record._name, context), text)

    def test_methods_with_contexts(self):
        """Our methods with those that name a company, a visitor or a customer."""
        for context in (self.get_contexts()[1], self.get_contexts()[2], self.get_contexts()[4]):
            for record in self.records.values():
                for name, is_model in self.get_own_methods(record):
                    if not name.startswith(("action_", "get_")):
                        continue
                    args = [] if is_model else [record.ids]
                    text = self.knock("foreigner", record, name, *args, context=context)
                    with self.subTest(method=name, model=record._name, context=[*context]):
                        self.assert_hushed("foreigner", (record._name, name, context), text)

    def test_opening_a_form_with_contexts(self):
        """The values with which a new form begins are no way to another's names."""
        contexts = [
            one for one in self.get_contexts() if {"active_ids", "default_payer_id"} & {*one}
        ]
        for context in contexts:
            for visitor in self.users:
                for record in self.records.values():
                    names = [*record._fields]
                    text = self.knock(visitor, record, "default_get", names, context=context)
                    with self.subTest(visitor=visitor, model=record._name, context=[*context]):
                        self.assert_hushed(visitor, (record._name, context), text)

    def test_beside(self):
        """Messages, activities and files of our records are read by who reads the record."""
        names = [record._name for record in self.threads]
        self.assertGreater(len(names), 2)
        for visitor in self.users:
            for model, fields in BESIDE.items():
                key = "res_model" if model != "mail.message" else "model"
                for name in names:
                    domain = [(key, "=", name)]
                    record = self.env[model]
                    with self.subTest(visitor=visitor, model=model, of=name):
                        text = self.knock(visitor, record, "search_read", domain, fields)
                        self.assertNotIn("Hushed", text)
                        found = self.env[model].sudo().search(domain)
                        text = self.knock(visitor, record, "read", found.ids, fields)
                        self.assertNotIn("Hushed", text)

    def test_beside_by_the_accountant(self):
        """The accountant reads them: the test above would see it."""
        self.users = {"accountant": self.env.user}
        record = self.records["customer.remittance"]
        text = self.knock(
            "accountant",
            self.env["mail.message"],
            "search_read",
            [("model", "=", record._name), ("res_id", "=", record.id)],
            ["body"],
        )
        self.assertIn("Hushed note", text)

    def test_followers(self):
        """Nobody follows a record that is not his, and no one else is made to."""
        for visitor in self.users:
            for record in self.threads:
                partner = self.users[visitor].partner_id
                with self.subTest(visitor=visitor, model=record._name):
                    text = self.knock(visitor, record, "message_subscribe", record.ids, partner.ids)
                    # Core says no by an answer to who would follow by himself.
                    self.assertRegex(text, "^(AccessError|MissingError|false)", text)
                    text = self.knock(visitor, record, "message_post", record.ids, body="x")
                    self.assertRegex(text, "^(AccessError|MissingError)", text)

    def test_payer_of_a_payment(self):
        """Who pays is what the wizard says, where it is checked: no context books a stranger."""
        for value in (self.stranger.id, {"id": self.stranger.id}, True):
            with self.subTest(value), self.taken_back():
                register = self.env["account.payment.register"].with_context(
                    active_model="account.move",
                    active_ids=self.secret.ids,
                    payment_register_payer_id=value,
                )
                payment = register.create({"payer_id": False})._create_payments()
                self.assertEqual(payment.partner_id, self.east)
            self.env.invalidate_all()

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from .common_doors import DoorsCommon

# Of others' models that we extend: documents and customers a client may call our methods on.
EXTENDED = (
    "account.journal",
    "account.move",
    "account.move.line",
    "account.payment",
    "onboarding.onboarding",
    "onboarding.onboarding.step",
    "res.company",
    "res.partner",
)


@tagged("post_install", "-at_install")
class TestDoorsRpc(DoorsCommon):
    """Whoever calls by RPC what is not for him learns nothing, whatever model and method."""

    def iter_knocks(self):
        for visitor in self.users:
            for record in self.records.values():
                yield visitor, record

    def test_there_is_something_behind_every_door(self):
        """The other tests would be idle for a model without a record."""
        missing = [name for name, record in self.records.items() if not record]
        self.assertFalse(missing, "Create a record of these in common_doors.py")
        names = {model._name for model in self._iter_models(self.env)}
        self.assertEqual(names, set(self.records))

    def test_reading(self):
        """No reader of the ORM tells a portal user, an employee or another company anything."""
        for visitor, record in self.iter_knocks():
            model = record.with_user(self.users[visitor])
            names = [
                name
                for name, field in model._fields.items()
                if model._has_field_access(field, "read")
            ]
            many2one = {
                name: {"fields": {"display_name": {}}}
                for name in names
                if model._fields[name].type == "many2one"
            }
            for method, args, kwargs in (
                ("read", [record.ids, names], {}),
                ("web_read", [record.ids, {"display_name": {}, **many2one}], {}),
                ("search_read", [[], names], {}),
                ("web_search_read", [[], {"display_name": {}, **many2one}], {}),
                ("name_search", [""], {}),
                ("export_data", [record.ids, ["display_name", *many2one]], {}),
            ):
                with self.subTest(visitor=visitor, model=record._name, method=method):
                    text = self.knock(visitor, record, method, *args, **kwargs)
                    self.assert_hushed(visitor, (record._name, method), text)

    def test_grouping(self):
        """Nor do groups and their sums."""
        for visitor, record in self.iter_knocks():
            names = [
                name
                for name, field in record._fields.items()
                if field.type in ("many2one", "selection")
                and field._description_groupable(self.env)
            ]
            sums = [
                f"{name}:sum"
                for name, field in record._fields.items()
                if field.type in ("monetary", "float") and field.store
            ]
            for name in names:
                with self.subTest(visitor=visitor, model=record._name, by=name):
                    text = self.knock(
                        visitor, record, "formatted_read_group", [], [name], ["__count", *sums]
                    )
                    self.assert_hushed(visitor, (record._name, name), text)

    def test_methods(self):
        """Nor any public method of ours, be it called on a record of one's own or another's."""
        self.assertGreater(self.assert_methods_are_hushed(self.iter_knocks()), 150)

    def test_methods_of_extended_models(self):
        """Nor those that we add to customers, documents and payments."""
        payment = self.env["account.payment"].search([("partner_id", "=", self.hq.id)], limit=1)
        documents = {
            "account.journal": self.secret.journal_id,
            "account.move": self.secret,
            "account.move.line": self._receivable_lines(self.secret),
            "account.payment": payment,
            "res.company": self.company,
            "res.partner": self.hq,
        }
        for visitor in self.users:
            for model_name in EXTENDED:
                record = documents.get(model_name) or self.env[model_name].search([], limit=1)
                for name, is_model in self.get_own_methods(record):
                    with self.subTest(visitor=visitor, model=model_name, method=name):
                        args = [] if is_model else [record.ids]
                        text = self.knock(visitor, record, name, *args)
                        self.assert_hushed(visitor, (model_name, name), text)

    def test_writing(self):
        """Nobody of them changes, copies or deletes a record of ours, whatever the model."""
        for visitor, record in self.iter_knocks():
            if record._name == "customer.group" and visitor == "foreigner":
                continue  # Groups belong to all companies: its manager may.
            if record._name == "customer.deduction.reason":
                continue  # Words that all companies share.
            name = next(name for name, field in record._fields.items() if self.is_plain(field))
            for method, args in (("write", [{name: False}]), ("unlink", []), ("copy", [])):
                with self.subTest(visitor=visitor, model=record._name, method=method):
                    text = self.knock(visitor, record, method, record.ids, *args)
                    self.assertRegex(text, "^(AccessError|MissingError|UserError|TypeError)", text)

    @staticmethod
    def is_plain(field):
        return (
            field.type in ("boolean", "char", "date", "many2one")
            and field.name not in MAGIC_COLUMNS
        )

    def test_accountant(self):
        """The other tests would be idle if nobody learned anything: the accountant does."""
        self.users = {**self.users, "accountant": self.env.user}
        told = set()
        for record in self.records.values():
            spec = {
                name: {"fields": {"display_name": {}}} if field.type == "many2one" else {}
                for name, field in record._fields.items()
                if field.type in ("char", "many2one", "monetary") and field.name != "id"
            }
            text = self.knock("accountant", record, "web_read", record.ids, spec)
            if any(secret in text for secret in (*self.NAMES, *self.FIGURES)):
                told.add(record._name)
        silent = set(self.records) - told
        self.assertLessEqual(
            silent,
            {
                "customer.aged.receivable.wizard",
                "customer.deduction.reason",
                "customer.group",
                "customer.group.update",
                "customer.group.update.wizard",
                "customer.hierarchy.update",
                "customer.settlement.batch",
            },
        )

    def test_asking_the_form(self):
        """The onchange of a form, to which values of anybody can be sent, names nobody either."""
        partners = {"partner_id", "parent_id", "payer_id", "partner_ids", "billing_parent_id"}
        for visitor, record in self.iter_knocks():
            values = {}
            for name in partners & record._fields.keys():
                is_many = record._fields[name].type == "many2many"
                values[name] = [[6, 0, self.hq.ids]] if is_many else self.hq.id
            spec = {
                name: {"fields": {"display_name": {}}} if field.relational else {}
                for name, field in record._fields.items()
                if field.type not in ("binary",)
            }
            with self.subTest(visitor=visitor, model=record._name):
                text = self.knock(visitor, record, "onchange", [], values, [*values], spec)
                self.assert_hushed(visitor, (record._name, "onchange"), text)

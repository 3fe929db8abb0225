# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open, mute_logger

from .common_adoption import AdoptionCommon

COLUMNS = ["partner_id", "billing_parent_id"]


@tagged("post_install", "-at_install")
class TestHierarchyImport(AdoptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holding = cls._create_customer("Globex Holding", ref="G0")
        cls.globex = cls._create_customer("Globex", vat="BE0477472701")
        cls.lyon = cls._create_customer("Globex Lyon", ref="G 1")
        cls.env["ir.model.data"].create(
            {"module": "shop", "name": "c7", "model": "res.partner", "res_id": cls.lyon.id}
        )
        cls.importer = cls.env["customer.hierarchy.import"]

    def _load(self, *rows, **context):
        return self.importer.with_context(import_file=True, **context).load(COLUMNS, list(rows))

    def _get_errors(self, *rows, **context):
        """Return ``{row: message}`` of a refused import."""
        result = self._load(*rows, **context)
        self.assertFalse(result["ids"])
        return {message["record"]: message["message"] for message in result["messages"]}

    def test_any_order_any_word(self):
        """By name, reference, tax number or external id, branches before their parents."""
        result = self._load(["shop.c7", "BE 0477.472.701"], ["globex", "G0"], ["G0", ""])
        self.assertEqual(result["messages"], [])
        self.assertEqual(len(result["ids"]), 2)
        self.assertEqual(self.lyon.billing_parent_id, self.globex)
        self.assertEqual(self.globex.billing_parent_id, self.holding)
        update = self.env["customer.hierarchy.update"].search([], limit=1)
        self.assertEqual((update.kind, update.change_count), ("import", 2))
        update.action_undo()
        self.assertFalse(self.lyon.billing_parent_id)

    def test_words_as_they_are_written(self):
        """Sharp s and accents; an external id as core's importer keeps it, without a module."""
        self._create_customer("Große Weiß GmbH")
        self._create_customer("Élan")
        self.env["ir.model.data"].create(
            {"module": "__import__", "name": "c8", "model": "res.partner", "res_id": self.lyon.id}
        )
        result = self._load(["große weiß gmbh", "Globex"], ["Élan", "Globex"], ["c8", "Globex"])
        self.assertEqual(result["messages"], [])
        self.assertEqual(len(self.globex.billing_child_ids), 3)

    def _count_queries_of_check(self, rows):
        columns = list(zip(COLUMNS, range(2), strict=True))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.count_queries() as count:
            wanted, _rows, messages = self.importer._read_rows(columns, rows)
            classified = self.env["customer.hierarchy.update"]._classify(wanted)
        self.assertEqual(messages, [])
        self.assertEqual([result for _customer, result, _why in classified], ["change"] * len(rows))
        return count()

    def test_queries_of_the_check(self):
        """A row more is no query more, also where each customer has a parent of its own."""
        names = [(f"Child {number}", f"Above {number}") for number in range(40)]
        for pair in names:
            for name in pair:
                self._create_customer(name)
        few = self._count_queries_of_check(names[:5])
        self.assertLessEqual(self._count_queries_of_check(names), few)

    def test_every_wrong_row_is_told(self):
        """The whole file is checked: each wrong row with number and reason, nothing imported."""
        self._create_customer("Twin")
        self._create_customer("Twin")
        self._create_customer("Old", active=False)
        self.env["res.partner"].create({"name": "Ann", "parent_id": self.hq.id})
        other = self.env["res.company"].create({"name": "Other"})
        self._create_customer("Foreign", company_id=other.id)
        errors = self._get_errors(
            ["Globex Lyon", "Globex"],
            ["Nobody", "Globex"],
            ["Globex", "Twin"],
            ["Acme N", "Ann"],
            ["Acme S", "Old"],
            ["Globex Lyon", "Acme HQ"],
            ["Acme E", "Foreign"],
            ["Acme HQ", "Acme W"],
            ["", "Globex"],
        )
        self.assertEqual(
            errors,
            {
                1: "Row 3: Nobody is not known.",
                2: "Row 4: Twin is ambiguous: 2 customers have it. Use the reference or the "
                "external id.",
                3: "Row 5: Ann is a contact of Acme HQ, and no customer of its own.",
                4: "Row 6: Old is archived.",
                5: "Row 7: Globex Lyon is in row 2 already.",
                6: "Row 8: Foreign is a customer of Other only.",
                7: "Row 9: It would be billed under itself.",
                8: "Row 10: The customer is missing.",
            },
        )
        self.assertFalse(self.lyon.billing_parent_id)

    def test_cycle_within_the_file(self):
        """Rows that would come to be above each other are told, all of them."""
        errors = self._get_errors(
            ["Globex", "Globex Lyon"], ["Globex Lyon", "G0"], ["G0", "Globex"]
        )
        self.assertEqual(list(errors), [0, 1, 2])

    def test_wrong_rows_left_out(self):
        """The importer's *Skip record* leaves out just the wrong rows."""
        result = self._load(
            ["Nobody", "Globex"],
            ["Globex Lyon", "Globex"],
            ["Globex", "Nowhere"],
            import_skip_records=COLUMNS,
        )
        self.assertEqual((len(result["ids"]), result["messages"]), (1, []))
        self.assertEqual(self.lyon.billing_parent_id, self.globex)
        self.assertFalse(self.globex.billing_parent_id)

    def test_columns(self):
        """A file without one of the columns is told what it needs."""
        result = self.importer.load(["partner_id"], [["Globex"]])
        self.assertIn("Billing Parent", result["messages"][0]["message"])

    def test_templates(self):
        """Our templates come through Odoo's own importer, in both formats."""
        for name in ("Acme", "Acme Lyon", "Acme Paris"):
            self._create_customer(name)
        for template in self.importer.get_import_templates():
            with self.subTest(template["template"]), self.taken_back():
                with file_open(template["template"].lstrip("/"), "rb") as file:
                    content = file.read()
                wizard = self.env["base_import.import"].create(
                    {
                        "res_model": self.importer._name,
                        "file": content,
                        "file_name": template["template"],
                    }
                )
                options = {"quoting": '"', "has_headers": True}
                preview = wizard.parse_preview(options)
                self.assertEqual(preview["headers"], ["Customer", "Billing Parent"])
                options = {**preview["options"], **options, "limit": 1}
                result = wizard.execute_import(COLUMNS, COLUMNS, options)
                self.assertFalse(result["messages"])
                self.assertEqual(len(result["ids"]), 3, "the whole file, whatever the step")

    def test_only_managers(self):
        """Others import no hierarchy."""
        clerk = new_test_user(self.env, "clerk", groups="account.group_account_invoice")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.importer.with_user(clerk).load(COLUMNS, [["Globex Lyon", "Globex"]])

    def test_new_customers_with_parents(self):
        """Core's import of customers takes billing parents of later rows, by any word."""
        result = self.env["res.partner"].load(
            ["name", "ref", "is_company", "billing_parent_id"],
            [
                ["Hooli Roma", "H2", "1", "H1"],
                ["Hooli", "H1", "1", "BE0477472701"],
                ["Hooli Oslo", "H3", "1", "Hooli"],
            ],
        )
        self.assertEqual(result["messages"], [])
        roma, hooli, oslo = self.env["res.partner"].browse(result["ids"])
        self.assertEqual((roma | oslo).billing_parent_id, hooli)
        self.assertEqual(hooli.billing_parent_id, self.globex)

    def test_new_customers_all_or_none(self):
        """One wrong billing parent, and none of the file's customers is created."""
        result = self.env["res.partner"].load(
            ["name", "billing_parent_id"], [["Hooli", ""], ["Hooli Roma", "Nobody"]]
        )
        self.assertFalse(result["ids"])
        (message,) = result["messages"]
        self.assertEqual(
            (message["record"], message["message"]), (1, "Row 3: Nobody is not known.")
        )
        self.assertFalse(self.env["res.partner"].search([("name", "=like", "Hooli%")]))

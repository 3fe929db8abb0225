# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from itertools import permutations

from odoo.tests import tagged

from .common_adoption import AdoptionCommon

COLUMNS = ["partner_id", "billing_parent_id"]


@tagged("post_install", "-at_install")
class TestHierarchyImportRows(AdoptionCommon):
    """Files with every kind of wrong row, in any order, and what becomes of the right ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.globex = cls._create_customer("Globex", ref="G0")
        cls.lyon = cls._create_customer("Globex Lyon", ref="G1")
        cls.lille = cls._create_customer("Globex Lille", ref="G2")
        cls.contact = cls.env["res.partner"].create({"name": "Ann", "parent_id": cls.lyon.id})
        cls.importer = cls.env["customer.hierarchy.import"]

    def load(self, *rows, columns=None, **context):
        importer = self.importer.with_context(import_file=True, **context)
        return importer.load(columns or COLUMNS, list(rows))

    def get_errors(self, *rows, **context):
        result = self.load(*rows, **context)
        self.assertFalse(result["ids"])
        return {message["record"]: message["message"] for message in result["messages"]}

    def test_any_order(self):
        """Whatever the order, each wrong row is told with its own number, and nothing imported."""
        rows = {
            "right": ["Globex Lyon", "Globex"],
            "unknown": ["Nobody", "Globex"],
            "contact": ["Ann", "Globex"],
            "itself": ["Globex", "Globex"],
        }
        reasons = {
            "unknown": "Nobody is not known.",
            "contact": "Ann is a contact of Globex Lyon, and no customer of its own.",
            "itself": "It would be billed under itself.",
        }
        for order in permutations(rows):
            with self.subTest(order):
                errors = self.get_errors(*(rows[name] for name in order))
                self.assertEqual(
                    errors,
                    {
                        number: f"Row {number + 2}: {reasons[name]}"
                        for number, name in enumerate(order)
                        if name in reasons
                    },
                )
        self.assertFalse((self.lyon | self.globex).billing_parent_id)

    def test_cycle_with_what_is_there(self):
        """A row that closes a circle over what is there; turned around in one file."""
        self.lyon.billing_parent_id = self.globex
        errors = self.get_errors(["Globex", "Globex Lyon"], ["Globex Lille", "Globex"])
        self.assertEqual(errors, {0: "Row 2: It would be billed under itself."})
        result = self.load(["Globex", "Globex Lyon"], ["Globex Lyon", "Globex Lille"])
        self.assertEqual(result["messages"], [])
        self.assertEqual(self.globex.billing_parent_id, self.lyon)
        self.assertEqual(self.lyon.billing_parent_id, self.lille)

    def test_long_circle(self):
        """All rows of a circle of four are told; the one that only leads to it is right."""
        extra = self._create_customer("Globex Metz")
        rows = [["G0", "G1"], ["G1", "G2"], ["G2", "Globex Metz"], ["Globex Metz", "G0"]]
        errors = self.get_errors(*rows, ["Acme N", "G0"])
        self.assertEqual(sorted(errors), [0, 1, 2, 3])
        self.assertFalse(extra.billing_parent_id)

    def test_one_word_of_two(self):
        """A word that is the name of one customer and the reference of another is ambiguous."""
        self._create_customer("G1")
        errors = self.get_errors(["G1", "Globex"], ["Globex Lille", "G1"])
        self.assertEqual(list(errors), [0, 1])
        self.assertIn("ambiguous: 2 customers", errors[0])

    def test_own_customer_beats_others(self):
        """An active customer of its own is meant, before contacts and archived ones of its name."""
        self._create_customer("Globex Lyon", active=False)
        self.env["res.partner"].create({"name": "Globex Lyon", "parent_id": self.hq.id})
        result = self.load(["Globex Lyon", "Globex"])
        self.assertEqual(result["messages"], [])
        self.assertEqual(self.lyon.billing_parent_id, self.globex)

    def test_written_in_many_ways(self):
        """Capitals, blanks around, and references that a spreadsheet took for numbers."""
        self.lille.ref = "4711"
        result = self.load([" GLOBEX lyon ", "g0"], ["4711", "\tGlobex\n"])
        self.assertEqual(result["messages"], [])
        self.assertEqual((self.lyon | self.lille).billing_parent_id, self.globex)

    def test_tax_numbers(self):
        """Tax numbers are found with and without punctuation; one that two have is ambiguous."""
        self.globex.vat = "BE0477472701"
        result = self.load(["G1", "BE 0477.472.701"], ["G2", "be0477472701"])
        self.assertEqual(result["messages"], [])
        self.assertEqual(len(self.globex.billing_child_ids), 2)
        self._create_customer("Globex Bis", vat="BE0477472701")
        self.assertIn("ambiguous", self.get_errors(["Acme N", "BE0477472701"])[0])

    def test_customers_of_another_company(self):
        """Who may not be seen is not known: no file tells whether it is there."""
        other = self.env["res.company"].create({"name": "Other"})
        self._create_customer("Foreign", company_id=other.id)
        user = self.env["res.users"].create(
            {
                "name": "Manager",
                "login": "hierarchy_manager",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [
                    (4, self.env.ref("account.group_account_manager").id),
                    (4, self.env.ref("base.group_partner_manager").id),
                ],
            }
        )
        importer = self.importer.with_user(user).with_company(self.company)
        result = importer.load(COLUMNS, [["Globex Lyon", "Foreign"], ["Globex Lille", "No One"]])
        self.assertEqual(
            [message["message"] for message in result["messages"]],
            ["Row 2: Foreign is not known.", "Row 3: No One is not known."],
        )

    def test_empty_rows(self):
        """Empty rows and rows that name a head office only change nothing."""
        self.lyon.billing_parent_id = self.globex
        result = self.load(["", ""], ["Globex", ""], ["Globex Lyon", ""], ["G2", "Globex"])
        self.assertEqual((result["messages"], len(result["ids"])), ([], 1))
        self.assertEqual(self.lyon.billing_parent_id, self.globex)

    def test_nothing_to_change(self):
        """A file that says what is there already imports without a change."""
        self.lyon.billing_parent_id = self.globex
        result = self.load(["Globex Lyon", "Globex"])
        self.assertEqual(result["messages"], [])
        update = self.env["customer.hierarchy.update"].search([], limit=1)
        self.assertEqual((update.change_count, update.keep_count, update.state), (0, 1, "done"))

    def test_skipped_by_column(self):
        """Rows wrong in the column that is skipped are left out, others are told."""
        rows = [["Nobody", "Globex"], ["G1", "Globex"], ["G2", "Somebody"]]
        errors = self.get_errors(*rows, import_skip_records=["partner_id"])
        self.assertEqual(list(errors), [2])
        result = self.load(*rows, import_skip_records=COLUMNS)
        self.assertEqual(len(result["ids"]), 1)
        self.assertEqual(self.lyon.billing_parent_id, self.globex)
        self.assertFalse(self.lille.billing_parent_id)

    def test_skipped_first_of_two(self):
        """Where the first row of a customer is left out, its second one counts."""
        rows = [["G1", "Somebody"], ["G1", "Globex"]]
        self.assertEqual(list(self.get_errors(*rows)), [0])
        self.load(*rows, import_skip_records=["billing_parent_id"])
        self.assertEqual(self.lyon.billing_parent_id, self.globex)

    def test_twice(self):
        """A customer in two rows is told once for each further row, with the first one's number."""
        errors = self.get_errors(["G1", "Globex"], ["G2", "Globex"], ["G1", "G0"], ["G1", "G2"])
        self.assertEqual(
            errors,
            {
                2: "Row 4: Globex Lyon is in row 2 already.",
                3: "Row 5: Globex Lyon is in row 2 already.",
            },
        )

    def test_columns_in_another_order(self):
        """The parent first, or by a column of external ids, and columns that are not ours."""
        self.env["ir.model.data"].create(
            {"module": "shop", "name": "c0", "model": "res.partner", "res_id": self.globex.id}
        )
        result = self.load(["shop.c0", "G1"], columns=["billing_parent_id/id", "partner_id"])
        self.assertEqual(result["messages"], [])
        self.assertEqual(self.lyon.billing_parent_id, self.globex)
        result = self.load(["G2"], columns=["partner_id"])
        self.assertIn("needs one column", result["messages"][0]["message"])
        result = self.load(["G2", "G0", "G1"], columns=[*COLUMNS, "billing_parent_id/id"])
        self.assertIn("needs one column", result["messages"][0]["message"])

    def test_deep_tree(self):
        """A chain of twenty levels, the lowest first, in one file."""
        names = [f"Level {number}" for number in range(20)]
        customers = [self._create_customer(name) for name in names]
        rows = [[names[number + 1], names[number]] for number in range(19)]
        self.assertEqual(self.load(*reversed(rows))["messages"], [])
        self.assertEqual(customers[-1].billing_root_id, customers[0])
        update = self.env["customer.hierarchy.update"].search([], limit=1)
        update.action_undo()
        self.assertFalse(self.env["res.partner"].union(*customers).billing_parent_id)

    def test_undo_after_some_changed(self):
        """The undo of a file leaves alone who was billed elsewhere since."""
        self.load(["G1", "Globex"], ["G2", "Globex"])
        update = self.env["customer.hierarchy.update"].search([], limit=1)
        self.lyon.billing_parent_id = self.hq
        update.action_undo()
        self.assertEqual(self.lyon.billing_parent_id, self.hq)
        self.assertFalse(self.lille.billing_parent_id)
        reasons = {line.partner_id: line.reason for line in update.line_ids}
        self.assertEqual(reasons[self.lyon], "Changed since, so not undone")
        self.assertFalse(reasons[self.lille])

    def test_consent_comes_back(self):
        """A customer that moves has no consent under its new parent; the undo gives it back."""
        self.lyon.write({"billing_parent_id": self.globex.id, "billing_parent_access": "pay"})
        self.load(["G1", "Acme HQ"])
        self.assertEqual(self.lyon.billing_parent_access, "none")
        self.env["customer.hierarchy.update"].search([], limit=1).action_undo()
        self.assertEqual(
            (self.lyon.billing_parent_id, self.lyon.billing_parent_access), (self.globex, "pay")
        )

    def test_new_customers(self):
        """Core's import of customers: a parent in a later row, by its reference; circles told."""
        fields = ["name", "is_company", "ref", "billing_parent_id"]
        partners = self.env["res.partner"].with_context(import_file=True)
        rows = [["New Branch", "1", "N1", "N0"], ["New Head", "1", "N0", ""]]
        result = partners.load(fields, rows)
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        branch, head = partners.browse(result["ids"])
        self.assertEqual(branch.billing_parent_id, head)
        rows = [["A", "1", "X1", "X2"], ["B", "1", "X2", "X1"], ["C", "1", "X3", "X9"]]
        result = partners.load(fields, rows)
        self.assertFalse(result["ids"])
        self.assertEqual(
            [message["message"] for message in result["messages"]],
            [
                "Row 2: It would be billed under itself.",
                "Row 3: It would be billed under itself.",
                "Row 4: X9 is not known.",
            ],
        )
        self.assertFalse(partners.search([("ref", "in", ("X1", "X2", "X3"))]))

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..models.adoption.customer_lookup import CustomerLookup

#: The row of a spreadsheet that has the first record: the one above it is the header.
FIRST_ROW = 2


class CustomerHierarchyImport(models.TransientModel):
    """Rows of a file that says who is billed under whom, for Odoo's own importer.

    Takes: customer and billing parent, each by name, reference, tax number or external id, in any
    order of rows.

    Use: *Import Hierarchy* on the customer list.

    How it works: :meth:`load` reads the whole file, also where the importer would go on in steps,
    and checks it whole. Where a row is wrong, all wrong rows are told and nothing is imported,
    unless the importer was told to skip them. What is right becomes one update with undo.
    """

    _name = "customer.hierarchy.import"
    _description = "Import of Hierarchies"
    _rec_name = "partner_id"

    # Not required, so that the importer offers to skip rows whose customer is not known.
    partner_id = fields.Many2one("res.partner", string="Customer")
    billing_parent_id = fields.Many2one("res.partner")

    @api.model
    def get_import_templates(self):
        """Offer the templates of a hierarchy."""
        path = "/customer_org/static/import/customer_hierarchy"
        return [
            {
                "label": self.env._("Import Template for Hierarchies (XLSX)"),
                "template": f"{path}.xlsx",
            },
            {
                "label": self.env._("Import Template for Hierarchies (CSV)"),
                "template": f"{path}.csv",
            },
        ]

    @api.model
    def load(self, fields, data):
        """Check all rows; change the billing parents where all are right.

        :return: as core's ``load``: ``ids``, ``messages``, ``nextrow``
        :raises AccessError: for all but invoicing managers
        """
        updates = self.env["customer.hierarchy.update"]
        updates._check_rights()
        columns, message = self._get_columns(fields)
        if message:
            return {"ids": False, "messages": [{"type": "error", "message": message}], "nextrow": 0}
        wanted, rows, messages = self._read_rows(columns, data)
        for customer, result, reason in updates._classify(wanted):
            if result == "skip":
                number = rows[customer]
                messages.append(self._get_message(number, columns[1], f"{reason}."))
        skipped = set(self.env.context.get("import_skip_records") or ())
        errors = [message for message in messages if message["field"] not in skipped]
        if errors:
            errors.sort(key=lambda message: message["record"])
            return {"ids": False, "messages": errors, "nextrow": 0}
        wrong = {message["record"] for message in messages}
        wanted = {customer: wanted[customer] for customer in wanted if rows[customer] not in wrong}
        if wanted:
            updates._start("import", wanted, at_once=True)
        made = self.create(
            [
                {"partner_id": customer.id, "billing_parent_id": values["billing_parent_id"]}
                for customer, values in wanted.items()
            ]
        )
        return {"ids": made.ids, "messages": [], "nextrow": 0}

    def _get_columns(self, fields):
        """Return the columns of customer and billing parent, and what is wrong with them."""
        # The external id has a column of its own kind, partner_id/id: words are words.
        names = [field.partition("/")[0] for field in fields]
        wanted = ("partner_id", "billing_parent_id")
        if missing := [name for name in wanted if names.count(name) != 1]:
            label = self._fields[missing[0]]._description_string(self.env)
            return None, self.env._("The file needs one column %s.", label)
        return [(fields[names.index(name)], names.index(name)) for name in wanted], False

    def _read_rows(self, columns, data):
        """Return ``{customer: values}``, ``{customer: row}`` and the messages of wrong rows."""
        words = [[str(row[index] or "").strip() for _name, index in columns] for row in data]
        lookup = CustomerLookup(self.env, {word for pair in words for word in pair})
        wanted, rows, messages = {}, {}, []
        for number, pair in enumerate(words):
            # A row without a parent only names a head office: nobody leaves by an empty cell.
            if not all(pair):
                if pair[1]:
                    messages.append(
                        self._get_message(
                            number, columns[0], self.env._("The customer is missing.")
                        )
                    )
                continue
            found = [lookup[word] for word in pair]
            for column, (_customer, reason) in zip(columns, found, strict=True):
                if reason:
                    messages.append(self._get_message(number, column, reason))
            if any(reason for _customer, reason in found):
                continue
            (customer, _reason), (parent, _reason) = found
            if customer in rows:
                twice = self.env._(
                    "%(customer)s is in row %(row)s already.",
                    customer=customer.display_name,
                    row=rows[customer] + FIRST_ROW,
                )
                messages.append(self._get_message(number, columns[0], twice))
                continue
            rows[customer] = number
            wanted[customer] = {"billing_parent_id": parent.id}
        return wanted, rows, messages

    def _get_message(self, number, column, reason):
        """Return a message of the importer about one row, counted from 0 as it does."""
        name, _index = column
        return {
            "type": "error",
            "record": number,
            "rows": {"from": number, "to": number},
            "field": name,
            "message": self.env._("Row %(row)s: %(reason)s", row=number + FIRST_ROW, reason=reason),
        }

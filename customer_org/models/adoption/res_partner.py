# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, models

from .customer_lookup import CustomerLookup

PARENT = "billing_parent_id"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_open_billing_root(self):
        """Open the hierarchy that this branch is part of, from its head office down."""
        self.ensure_one()
        return self.billing_root_id.action_open_billing_hierarchy()

    @api.model
    def get_empty_list_help(self, help_message):
        """An empty hierarchy says how many families were found, and leads to them."""
        if not self.env.context.get("billing_hierarchy"):
            return super().get_empty_list_help(help_message)
        families = self.env["customer.hierarchy.family"]
        count = families.search_count([]) if families.has_access("read") else 0
        action = self.env.ref("customer_org.action_customer_hierarchy_family")
        if self.search_count([(PARENT, "!=", False)], limit=1):
            title = self.env._("No hierarchy is found here")
        else:
            title = self.env._("No customer is billed under another one yet")
        if count:
            text = self.env._("%s families found among your customers: look at them", count)
        else:
            text = self.env._("Look for customers that belong together")
        return Markup(
            "<p class='o_view_nocontent_smiling_face'>%s</p>"
            "<p><a class='btn btn-primary' href='/odoo/action-%s'>%s</a></p>"
        ) % (title, action.id, text)

    @api.model
    def load(self, fields, data):
        """Import customers with billing parents in any order of rows, by name, reference or number.

        Core finds a billing parent that is there before its branch, and by name only. Here the
        customers come first and their billing parents after that, all or none: what is wrong is
        told of every row.
        """
        if PARENT not in fields or any(
            "/" in field and self._fields[field.partition("/")[0]].type == "one2many"
            for field in fields
            if field.partition("/")[0] in self._fields
        ):
            return super().load(fields, data)
        index = fields.index(PARENT)
        words = [str(row[index] or "").strip() for row in data]
        others = [[*row[:index], *row[index + 1 :]] for row in data]
        savepoint = self.env.cr.savepoint()
        # The whole file at once: a later step may bring the billing parents of this one.
        whole = self.with_context(_import_limit=None)
        result = super(ResPartner, whole).load([*fields[:index], *fields[index + 1 :]], others)
        messages = result["messages"]
        if result["ids"] and len(result["ids"]) != len(data):
            text = self.env._(
                "Rows were skipped, so the billing parents do not fit. Leave these rows out of "
                "the file."
            )
            messages.append({"type": "error", "message": text})
        if result["ids"] and not any(message["type"] == "error" for message in messages):
            customers = self.browse(result["ids"])
            messages += self._load_billing_parents(customers, words)
        if any(message["type"] == "error" for message in messages):
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            return {**result, "ids": False}
        savepoint.close(rollback=False)
        return result

    def _load_billing_parents(self, customers, words):
        """Bill imported customers under who the file says; return the messages of wrong rows."""
        lookup = CustomerLookup(self.env, words)
        skip = PARENT in (self.env.context.get("import_skip_records") or ())
        empty = PARENT in (self.env.context.get("import_set_empty_fields") or ())
        wanted, rows, messages = {}, {}, []
        for number, (customer, word) in enumerate(zip(customers, words, strict=True)):
            if not word:
                continue
            parent, reason = lookup[word]
            rows[customer] = number
            if reason:
                messages.append(self._get_billing_parent_message(number, reason))
            else:
                wanted[customer] = {PARENT: parent.id}
        updates = self.env["customer.hierarchy.update"]
        classified = updates._classify(wanted)
        for customer, result, reason in classified:
            if result == "skip":
                messages.append(self._get_billing_parent_message(rows[customer], f"{reason}."))
        if messages and not (skip or empty):
            return sorted(messages, key=lambda message: message["record"])
        if skip:
            wrong = {message["record"] for message in messages}
            customers.browse(customer.id for customer in rows if rows[customer] in wrong).unlink()
        changed = {
            customer: wanted[customer]
            for customer, result, _reason in classified
            if result == "change"
        }
        if changed:
            updates._start("import", changed, at_once=True)
        return []

    def _get_billing_parent_message(self, number, reason):
        """Return a message of the importer about one row, counted from 0 as it does."""
        return {
            "type": "error",
            "record": number,
            "rows": {"from": number, "to": number},
            "field": PARENT,
            # The first row of the file is its header.
            "message": self.env._("Row %(row)s: %(reason)s", row=number + 2, reason=reason),
        }

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..cron_batch import run_batches
from .hierarchy_plan import find_cycles, sort_top_down

#: Customers per committed batch; up to this many are changed at once, more by cron.
BATCH_SIZE = 1000


class CustomerHierarchyUpdate(models.Model):
    """One change of the billing parents of many customers, with what was before.

    Takes: a kind, and the values each customer shall get, sorted by :meth:`_classify` into
    changed, kept and refused; each of them has a line.

    Use: :meth:`_start` from a wizard or an importer; :meth:`action_undo` from the form.

    How it works: up to 1,000 changes are made at once, more by cron in committed batches. Undo
    gives back what was before, and leaves alone what somebody changed in the meantime.
    """

    _name = "customer.hierarchy.update"
    _inherit = ["mail.thread"]
    _description = "Customer Hierarchy Update"
    _order = "id desc"

    kind = fields.Selection(
        [
            ("parent", "Set billing parent"),
            ("branches", "Add branches"),
            ("suggestions", "Accept suggestions"),
            ("import", "Import a hierarchy"),
            ("contacts", "Take out of the contact tree"),
        ],
        required=True,
        readonly=True,
    )
    parent_id = fields.Many2one(
        "res.partner",
        string="Billing Parent",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The billing parent, where all customers got the same one.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("undone", "Undone")],
        default="running",
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("customer.hierarchy.update.line", "update_id", readonly=True)
    change_count = fields.Integer(string="Changed", compute="_compute_counts")
    keep_count = fields.Integer(string="Kept", compute="_compute_counts")
    skip_count = fields.Integer(string="Refused", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="In percent.")

    @api.depends("kind", "parent_id.name", "create_date")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for update in self:
            made_at = update.create_date or fields.Datetime.now()
            made_on = fields.Datetime.context_timestamp(update, made_at).date()
            name = labels.get(update.kind, "")
            if update.parent_id:
                name = f"{name}: {update.parent_id.display_name}"
            update.display_name = f"{name}, {format_date(self.env, made_on, date_format='d MMM y')}"

    def _compute_counts(self):
        counts = Counter()
        for update, result, done, count in self.env["customer.hierarchy.update.line"]._read_group(
            [("update_id", "in", self.ids)], ["update_id", "result", "done"], ["__count"]
        ):
            counts[update.id, result, done] += count
        for update in self:
            done, waiting = (counts[update.id, "change", flag] for flag in (True, False))
            update.change_count = done + waiting
            update.keep_count = counts[update.id, "keep", False]
            update.skip_count = counts[update.id, "skip", False]
            update.progress = 100 * done / (done + waiting) if done + waiting else 100

    # What would happen

    @api.model
    @api.private
    def _classify(self, wanted):
        """Sort customers by what an update would do to them; nothing is written.

        :param dict wanted: ``{customer: values}``, see :meth:`_start`
        :return: a list of ``(customer, "change"|"keep"|"skip", reason)``, in the same order
        """
        cyclic = self._find_cyclic(wanted)
        parent_ids = {values.get("billing_parent_id") for values in wanted.values()} - {None, False}
        result = []
        for customer, values in wanted.items():
            parent = customer.browse(values.get("billing_parent_id") or []).with_prefetch(
                parent_ids
            )
            if reason := self._get_refusal(customer, parent, values, customer.id in cyclic):
                result.append((customer, "skip", reason))
            elif all(
                customer._fields[fname].convert_to_write(customer[fname], customer) == value
                for fname, value in values.items()
            ):
                result.append((customer, "keep", self.env._("Already so")))
            else:
                result.append((customer, "change", self._describe_former(customer, parent)))
        return result

    def _describe_former(self, customer, parent):
        former = customer.billing_parent_id
        if former and former != parent:
            return self.env._("Was billed under %s", former.display_name)
        return False

    def _find_cyclic(self, wanted):
        """Return the ids of the customers that would come to be billed under themselves."""
        parent_of = {}
        parent_ids = {values.get("billing_parent_id") for values in wanted.values()} - {None, False}
        links = self.env["customer.hierarchy.link"]
        for path in (links._get_ancestors(parent_ids) if parent_ids else {}).values():
            parent_of.update(zip(path, path[1:], strict=False))
        changed = [
            customer.id for customer, values in wanted.items() if "billing_parent_id" in values
        ]
        for customer in self.env["res.partner"].browse(changed):
            parent_of[customer.id] = wanted[customer]["billing_parent_id"] or None
        return find_cycles(parent_of, changed)

    def _get_refusal(self, customer, parent, values, cyclic):
        """Return why ``customer`` can't get ``parent``, in words, or False.

        The rules are those of ``res.partner``; here they are asked before, and by customer.
        """
        stays_contact = values.get("parent_id", True)
        if stays_contact and customer.commercial_partner_id != customer:
            return self.env._(
                "A contact; its company %s is the customer",
                customer.commercial_partner_id.display_name,
            )
        if not parent:
            return False
        if parent.commercial_partner_id != parent:
            return self.env._(
                "%(contact)s is a contact of %(customer)s, and no customer of its own",
                contact=parent.display_name,
                customer=parent.commercial_partner_id.display_name,
            )
        if not parent.active:
            return self.env._("%s is archived", parent.display_name)
        if parent.company_id and parent.company_id not in customer.company_id.parent_ids:
            return self.env._(
                "%(parent)s is a customer of %(company)s only",
                parent=parent.display_name,
                company=parent.company_id.display_name,
            )
        if cyclic:
            return self.env._("It would be billed under itself")
        if not stays_contact and values.get("billing_parent_access") == "pay":
            return self._get_exposure(customer, parent)
        return False

    def _get_exposure(self, customer, parent):
        """Return who above ``parent`` would come to see the documents of ``customer``, or False.

        The consent that replaces the contact tree is for its company, and not for those to whom
        that one has given consent itself.
        """
        if customer.billing_parent_id == parent and customer.billing_parent_access != "none":
            return False
        # sudo: a look at consents and logins, to tell what would change by them.
        links = self.env["customer.hierarchy.link"].sudo()
        above = links.search(
            [("descendant_id", "=", parent.id), ("depth", ">", 0), ("can_view", "=", True)]
        ).ancestor_id
        users = self.env["res.users"].sudo()
        seen = users.search(
            [("share", "=", True), ("partner_id.commercial_partner_id", "in", above.ids)], limit=1
        )
        return bool(seen) and self.env._(
            "Portal users of %(head_office)s would see its documents, because %(parent)s lets "
            "them see its own. Withdraw that consent first",
            head_office=seen.partner_id.commercial_partner_id.display_name,
            parent=parent.display_name,
        )

    # Doing it

    @api.model
    @api.private
    def _check_rights(self):
        """Refuse users who may not change hierarchies.

        :raises AccessError: for all but invoicing managers
        """
        self.env["res.partner"].check_access("write")
        if not (self.env.su or self.env.user.has_group("account.group_account_manager")):
            raise AccessError(
                self.env._(
                    "Only invoicing administrators can change the billing hierarchy. Ask one of "
                    "them to do it."
                )
            )

    @api.model
    @api.private
    def _start(self, kind, wanted, parent=None, at_once=False):
        """Change customers; more than 1,000 of them by cron.

        :param str kind: see the field
        :param dict wanted: ``{customer: values}``; the values are ``billing_parent_id`` (an id or
            False) and others that change with it, as ``write`` takes them
        :param parent: the billing parent, where all get the same one
        :param bool at_once: all of them now, as importers do
        :return: the update
        :raises AccessError: for all but invoicing managers
        """
        self._check_rights()
        # sudo: a record of what this user is allowed to do, which the cron goes on with.
        update = self.sudo().create({"kind": kind, "parent_id": parent.id if parent else False})
        update.line_ids.create(
            [
                {
                    "update_id": update.id,
                    "partner_id": customer.id,
                    "result": result,
                    "reason": reason,
                    **(
                        update._get_change(customer, wanted[customer]) if result == "change" else {}
                    ),
                }
                for customer, result, reason in self._classify(wanted)
            ]
        )
        update = update.sudo(self.env.su)
        while update._run_batch() and at_once:
            pass
        if update.state == "running":
            self.env.ref("customer_org.cron_customer_hierarchy_update").sudo()._trigger()
        return update

    def _get_change(self, customer, values):
        """Return ``before`` and ``after`` of a line."""
        names = [*values]
        if "billing_parent_id" in values and "billing_parent_access" not in values:
            # Consent is given to one parent; undo gives it back with its parent.
            names.append("billing_parent_access")
        before = {
            fname: customer._fields[fname].convert_to_write(customer[fname], customer)
            for fname in names
        }
        return {"before": before, "after": values}

    def _run_batch(self):
        """Make the next 1,000 changes; return how many remain."""
        self.ensure_one()
        domain = [("update_id", "=", self.id), ("result", "=", "change"), ("done", "=", False)]
        lines = self.env["customer.hierarchy.update.line"].search(domain, limit=BATCH_SIZE)
        lines._apply("after")
        remaining = lines.search_count(domain)
        if not remaining:
            # sudo: users have no right to write updates; who may make one was checked.
            self.sudo().state = "done"
            self._log_counts(self.env._("Done"))
        return remaining

    @api.model
    def _cron_run(self):
        """Go on with the running updates, batch by batch, each committed."""
        run_batches(self.search([("state", "=", "running")], order="id"), BATCH_SIZE)

    def action_undo(self):
        """Give all customers back what they had before, unless it was changed since.

        :raises UserError: while the update runs, and the second time
        :raises AccessError: for all but invoicing managers
        """
        self.ensure_one()
        self._check_rights()
        self.check_access("read")
        if self.state != "done":
            raise UserError(self.env._("Only an update that is done can be undone, and only once."))
        lines = self.line_ids.filtered("done")
        changed_since = lines.filtered(lambda line: not line._has_values("after"))
        # sudo: users have no right to write updates; who may undo one was checked.
        changed_since.sudo().reason = self.env._("Changed since, so not undone")
        (lines - changed_since)._apply("before")
        self.sudo().state = "undone"
        self._reopen_suggestions(lines - changed_since)
        self._log_counts(self.env._("Undone"))

    def _reopen_suggestions(self, lines):
        """Propose again what was accepted; see ``customer.hierarchy.suggestion``."""

    def _log_counts(self, title):
        # sudo: a note about the update itself, without rights of the user to write it.
        self.sudo().message_post(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                "%(title)s: %(changed)s changed, %(kept)s kept, %(refused)s refused.",
                title=title,
                changed=self.change_count,
                kept=self.keep_count,
                refused=self.skip_count,
            ),
        )

    def _get_open_action(self):
        """Return the action that opens this update."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Update of Hierarchy"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _sort_lines(self, lines, which):
        """Return ``lines`` so that nobody is above itself while they are written one by one."""
        parent_of = {
            line.partner_id.id: line[which]["billing_parent_id"] or None
            for line in lines
            if "billing_parent_id" in line[which]
        }
        by_customer = lines.grouped(lambda line: line.partner_id.id)
        order = sort_top_down(parent_of, by_customer)
        return lines.browse(line.id for customer_id in order for line in by_customer[customer_id])

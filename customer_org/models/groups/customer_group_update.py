# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import functools
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, split_every

from ..cron_batch import run_batches

#: Customers per committed batch; up to this many are changed at once, more by cron.
BATCH_SIZE = 1000


class CustomerGroupUpdate(models.Model):
    """One change of many customers at once, with the values before, so that it can be undone.

    Takes: a kind, a group, and customers, sorted by :meth:`_classify` into changed, kept and
    skipped; each of them has a line.

    Use: :meth:`_start` from a wizard; :meth:`action_undo` from the form.

    How it works: up to 1,000 changes are made at once, more by cron in committed batches. Undo
    gives back what was before, in the same way, and leaves alone what somebody changed meanwhile.
    """

    _name = "customer.group.update"
    _description = "Customer Group Update"
    _order = "id desc"
    _rec_name = "group_id"

    kind = fields.Selection(
        [("membership", "Set group"), ("terms", "Copy terms to members")],
        required=True,
        readonly=True,
    )
    group_id = fields.Many2one("customer.group", readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    copy_pricelist = fields.Boolean(readonly=True)
    copy_payment_term = fields.Boolean(string="Copy Payment Terms", readonly=True)
    overwrite = fields.Boolean(string="Replace Own Terms", readonly=True)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("undoing", "Being Undone"),
            ("undone", "Undone"),
        ],
        default="running",
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("customer.group.update.line", "update_id", readonly=True)
    change_count = fields.Integer(string="Changed", compute="_compute_counts")
    keep_count = fields.Integer(string="Kept", compute="_compute_counts")
    skip_count = fields.Integer(string="Skipped", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="In percent.")

    @api.depends("kind", "group_id.name", "create_date")
    def _compute_display_name(self):
        for update in self:
            if update.kind == "terms":
                name = self.env._("Copy terms of %s", update.group_id.name)
            elif update.group_id:
                name = self.env._("Set group %s", update.group_id.name)
            else:
                name = self.env._("Remove from groups")
            made_at = update.create_date or fields.Datetime.now()
            made_on = fields.Datetime.context_timestamp(update, made_at).date()
            update.display_name = f"{name}, {format_date(self.env, made_on, date_format='d MMM y')}"

    def _compute_counts(self):
        counts = {}
        for update, result, done, count in self.env["customer.group.update.line"]._read_group(
            [("update_id", "in", self.ids)], ["update_id", "result", "done"], ["__count"]
        ):
            counts[update.id, result, done] = count
        for update in self:
            done, waiting = (counts.get((update.id, "change", flag), 0) for flag in (True, False))
            update.change_count = done + waiting
            update.keep_count = counts.get((update.id, "keep", False), 0)
            update.skip_count = counts.get((update.id, "skip", False), 0)
            if update.state in ("done", "undone"):
                update.progress = 100
            else:
                settled = waiting if update.state == "undoing" else done
                update.progress = 100 * settled / ((done + waiting) or 1)

    # What would happen

    @api.model
    def _classify(self, values, partners):
        """Sort ``partners`` by what an update would do to them.

        :param dict values: of the update
        :return: by ``yield``, ``(partner, "change"|"keep"|"skip", reason, change)``, where
            ``change`` are ``before`` and ``after`` of a line, if any; customers that the user may
            not see are left out
        """
        group = self.env["customer.group"].browse(values.get("group_id"))
        is_membership = values["kind"] == "membership"
        classify = self._classify_members if is_membership else self._classify_terms
        # Some at a time: each is looked for among those that are fetched with it.
        for ids in split_every(BATCH_SIZE, partners.ids):
            readable = partners.browse(ids)._filtered_access("read")
            editable = readable._filtered_access("write")
            for partner in readable - editable:
                yield partner, "skip", self.env._("You may not edit this customer"), {}
            yield from classify(editable, group, values)

    def _classify_members(self, partners, group, _values):
        after = {"customer_group_id": group.id, "customer_group_by_rule": False}
        for partner in partners:
            present = partner.customer_group_id
            if partner.commercial_partner_id != partner:
                reason = self.env._(
                    "A contact; the group of its company %s counts",
                    partner.commercial_partner_id.display_name,
                )
                yield partner, "skip", reason, {}
            elif present == group:
                yield partner, "keep", self.env._("Already so"), {}
            else:
                reason = self.env._("Was in %s", present.name) if present else False
                before = {
                    "customer_group_id": present.id,
                    "customer_group_by_rule": partner.customer_group_by_rule,
                }
                yield partner, "change", reason, {"before": before, "after": after}

    def _classify_terms(self, partners, group, values):
        terms = self._get_new_terms(group, values)
        for partner, own in partners._get_own_terms().items():
            kept = [fname for fname in terms if own[fname] and not values.get("overwrite")]
            if partner.customer_group_id != group:
                yield partner, "skip", self.env._("Not a member of %s", group.name), {}
            elif not terms:
                yield partner, "skip", self.env._("The group has no such terms"), {}
            elif all(own[fname] == value for fname, value in terms.items()):
                yield partner, "keep", self.env._("Already so"), {}
            elif len(kept) == len(terms):
                yield partner, "keep", self.env._("Has own terms"), {}
            else:
                reason = self._describe_kept(kept[0]) if kept else False
                after = {fname: value for fname, value in terms.items() if fname not in kept}
                yield partner, "change", reason, {"before": own, "after": after}

    def _describe_kept(self, fname):
        if fname == "property_payment_term_id":
            return self.env._("Keeps its own payment terms")
        return self.env._("Keeps its own pricelist")

    @api.model
    def _get_new_terms(self, group, values):
        """Return the own values (ids) that the group's terms would give a member."""
        names = {
            "specific_property_product_pricelist": values.get("copy_pricelist") and "pricelist_id",
            "property_payment_term_id": values.get("copy_payment_term") and "payment_term_id",
        }
        return {
            fname: giver[term].id
            for fname, term in names.items()
            if term and (giver := group._get_group_with_term(term))
        }

    # Doing it

    @api.model
    def _start(self, values, partners):
        """Change ``partners``; more than 1,000 of them by cron.

        :param dict values: of the update
        :return: the update
        :raises AccessError: for users who may not change groups or customers
        """
        self.env["res.partner"].check_access("write")
        self.env["res.partner"]._check_customer_group_user()
        # sudo: a record of what this user is allowed to do, which the cron goes on with.
        update = self.sudo().create(values)
        lines = self.env["customer.group.update.line"].sudo()
        for rows in split_every(BATCH_SIZE, self._classify(values, partners)):
            lines.create(
                [
                    {
                        "update_id": update.id,
                        "partner_id": partner.id,
                        "result": result,
                        "reason": reason,
                        **change,
                    }
                    for partner, result, reason, change in rows
                ]
            )
        update._run_first_batch()
        return update.sudo(self.env.su)

    def _run_first_batch(self):
        """Make what is made at once, and leave the rest to the cron."""
        if self._run_batch():
            self.env.ref("customer_org.cron_customer_group_update")._trigger()

    def _run_batch(self):
        """Make the next 1,000 changes, or take back as many; return how many remain."""
        self.ensure_one()
        undoing = self.state == "undoing"
        domain = [("update_id", "=", self.id), ("result", "=", "change"), ("done", "=", undoing)]
        lines = self.env["customer.group.update.line"].search(domain, limit=BATCH_SIZE)
        if undoing:
            lines._undo()
        else:
            lines._apply("after")
        remaining = lines.search_count(domain)
        if not remaining:
            self.state = "undone" if undoing else "done"
        return remaining

    @api.model
    def _cron_run(self):
        """Go on with the running updates, batch by batch, each committed."""
        run_batches(self.search([("state", "in", ("running", "undoing"))], order="id"), BATCH_SIZE)

    def action_undo(self):
        """Give all customers back what they had before, unless it was changed since.

        More than 1,000 of them by cron.

        :raises UserError: while the update runs, and the second time
        """
        self.ensure_one()
        if self.state != "done":
            raise UserError(self.env._("Only an update that is done can be undone, and only once."))
        self.env["res.partner"].check_access("write")
        self.env["res.partner"]._check_customer_group_user()
        # sudo: as in `_start`; what the user may not edit is left alone.
        update = self.sudo()
        # Searched for: the cache would give the superuser the lines that the user sees.
        lines = self.env["customer.group.update.line"].sudo()
        lines = lines.search([("update_id", "=", self.id), ("done", "=", True)])
        editable = set(lines.partner_id.with_env(self.env)._filtered_access("write"))
        lines.filtered(lambda line: line.partner_id not in editable).write(
            {"done": False, "reason": self.env._("Not undone: you may not edit this customer")}
        )
        update.state = "undoing"
        update._run_first_batch()


class CustomerGroupUpdateLine(models.Model):
    """One customer of an update: what happens to it and why, and its values before and after."""

    _name = "customer.group.update.line"
    _description = "Customer Group Update Line"
    _log_access = False
    _rec_name = "partner_id"

    update_id = fields.Many2one(
        "customer.group.update", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    result = fields.Selection(
        [("change", "Changed"), ("keep", "Kept"), ("skip", "Skipped")], required=True
    )
    reason = fields.Char()
    done = fields.Boolean(help="The customer has its new values; they were not taken back.")
    before = fields.Json(string="Values Before")
    after = fields.Json(string="Values After")
    before_text = fields.Char(string="Before", compute="_compute_texts")
    after_text = fields.Char(string="After", compute="_compute_texts")

    @api.depends("before", "after")
    def _compute_texts(self):
        describe = functools.cache(self._describe_value)
        for line in self:
            # What was not changed is not told, though `before` may have it.
            fnames = [
                fname for fname in line.after or () if line.partner_id._fields[fname].relational
            ]
            company = line.update_id.company_id
            for which in ("before", "after"):
                line[f"{which}_text"] = ", ".join(
                    describe(company, fname, line[which][fname]) for fname in fnames
                )

    @api.model
    def _describe_value(self, company, fname, value):
        partners = self.env["res.partner"].with_company(company)
        if value is None:
            value = partners._get_company_term(fname).id
        if not value:
            return self.env._("none")
        # sudo: the names of what was set; who reads updates need not be allowed to read pricelists.
        records = self.env[partners._fields[fname].comodel_name].sudo()
        return records.browse(value).exists().display_name or self.env._("deleted")

    def _get_customer(self):
        return self.partner_id.with_company(self.update_id.company_id)

    def _has_values(self, which):
        """Whether the customer has the values ``before`` or ``after`` still."""
        customer = self._get_customer()
        return all(
            customer._fields[fname].convert_to_write(customer[fname], customer) == value
            for fname, value in self[which].items()
        )

    def _undo(self):
        changed_since = self.filtered(lambda line: not line._has_values("after"))
        changed_since.reason = self.env._("Changed since, so not undone")
        (self - changed_since)._apply("before")
        self.done = False

    def _apply(self, which):
        """Give the customers their values ``before`` or ``after``; note what can't be done.

        One write per kind of values; where that is refused, customer by customer, so that one
        can't stop the others.
        """
        lost = self._filter_lost(which)
        for line in lost:
            line._note_refusal(which, self.env._("The group or the terms were deleted since"))
        changed = lambda line: tuple(  # noqa: E731
            (fname, line[which][fname]) for fname in line.after
        )
        for values, lines in (self - lost).grouped(changed).items():
            lines._apply_values(which, dict(values))

    def _apply_values(self, which, values):
        try:
            with self.env.cr.savepoint():
                self._write_values(values)
                if which == "after":
                    self.done = True
        except UserError as error:
            if len(self) == 1:
                self._note_refusal(which, str(error))
                return
            for line in self:
                line._apply_values(which, values)

    def _write_values(self, values):
        customers = self._get_customer()
        customers.write(
            {
                # What the company gives is stored as nothing of its own.
                fname: customers._get_company_term(fname).id if value is None else value
                for fname, value in values.items()
            }
        )

    def _note_refusal(self, which, reason):
        """Note why a customer did not get its values ``before`` or ``after``."""
        self.write({"reason": reason, **({"result": "skip"} if which == "after" else {})})

    def _filter_lost(self, which):
        """Return the lines whose values name a group, pricelist or term that was deleted since."""
        named = defaultdict(set)
        for line in self:
            for fname in line.after:
                if line.partner_id._fields[fname].relational and line[which][fname]:
                    named[fname].add(line[which][fname])
        present = {
            fname: set(self.partner_id[:1][fname].browse(ids).exists().ids)
            for fname, ids in named.items()
        }
        return self.filtered(
            lambda line: any(
                line[which].get(fname) and line[which][fname] not in ids
                for fname, ids in present.items()
            )
        )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CustomerHierarchyUpdateLine(models.Model):
    """One customer of an update: what happens to it and why, and its values before and after."""

    _name = "customer.hierarchy.update.line"
    _description = "Customer Hierarchy Update Line"
    _log_access = False
    _rec_name = "partner_id"

    update_id = fields.Many2one(
        "customer.hierarchy.update", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    result = fields.Selection(
        [("change", "Changed"), ("keep", "Kept"), ("skip", "Refused")], required=True
    )
    reason = fields.Char()
    done = fields.Boolean()
    before = fields.Json(string="Values Before")
    after = fields.Json(string="Values After")
    check_sums = fields.Json(
        string="Sums Before and After",
        readonly=True,
        help="Number, balance and open amount of the posted receivable items by company, tax "
        "number, address and portal users, before and after.",
    )
    check_text = fields.Char(string="Check Sums", compute="_compute_check_text")
    before_text = fields.Char(string="Before", compute="_compute_texts")
    after_text = fields.Char(string="After", compute="_compute_texts")

    @api.depends("before", "after")
    def _compute_texts(self):
        for line in self:
            for which in ("before", "after"):
                line[f"{which}_text"] = line._describe_values(which)

    def _describe_values(self, which):
        """Return the values in words: the billing parent above all."""
        values = self[which] or {}
        texts = []
        if "billing_parent_id" in values:
            name = self._get_name(values["billing_parent_id"])
            texts.append(
                self.env._("billed under %s", name) if name else self.env._("no billing parent")
            )
        if "parent_id" in values:
            name = self._get_name(values["parent_id"])
            texts.append(
                self.env._("contact of %s", name) if name else self.env._("contact of nobody")
            )
        return ", ".join(texts)

    def _get_name(self, partner_id):
        if not partner_id:
            return False
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            return self.env._("somebody deleted since")
        # A name of another company's customer is nothing for this user.
        return partner.display_name if partner.has_access("read") else self.env._("somebody")

    def _has_values(self, which):
        """Whether the customer has the values ``before`` or ``after`` still."""
        customer = self.partner_id
        return all(
            customer._fields[fname].convert_to_write(customer[fname], customer) == value
            for fname, value in self[which].items()
        )

    def _apply(self, which):
        """Write the values ``before`` or ``after``, as this user; note what is refused.

        One write per kind of values; where that is refused, customer by customer.
        """
        done = which == "after"
        lost = self._filter_lost(which)
        for line in lost:
            line._note_refusal(which, self.env._("The billing parent does not exist any more"))
        ordered = self.update_id._sort_lines(self - lost, which)
        for values, lines in ordered.grouped(lambda line: tuple(line[which].items())).items():
            try:
                with self.env.cr.savepoint():
                    lines._write_values(dict(values))
                # sudo: users have no right to write updates; who may make one was checked.
                lines.sudo().done = done
            except (UserError, AccessError):
                for line in lines:
                    line._apply_one(which)

    def _write_values(self, values):
        """Write values to these customers; of who is in the contact tree prove that all stays.

        :raises UserError: where a balance, tax number, address or portal user would change
        """
        if "parent_id" not in values:
            self.partner_id.write(values)
            return
        for line in self:
            customer = line.partner_id
            before = line._get_check_sums()
            line._write_contact_parent(values["parent_id"])
            customer.write({key: value for key, value in values.items() if key != "parent_id"})
            after = line._get_check_sums()
            if before != after:
                raise UserError(
                    self.env._(
                        "Balance, tax number, address or portal users of %s would change, so "
                        "nothing was done.",
                        customer.display_name,
                    )
                )
            # sudo: as in `_apply`.
            line.sudo().check_sums = {"before": before, "after": after}

    def _write_contact_parent(self, parent_id):
        """Take a customer out of the contact tree, or put it back just as it was.

        Core gives who comes below a company the address of that one, and refuses customers with
        items and a tax number of their own, though it lets them be there.
        """
        customer = self.partner_id
        if parent_id:
            models.BaseModel.write(customer, {"parent_id": parent_id})
        else:
            customer.write({"parent_id": False})

    def _get_check_sums(self):
        """Return what must stay as it is, as plain values."""
        customer = self.partner_id
        customer.env.flush_all()
        # sudo: all companies and users count, also those that this user may not see.
        items = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("partner_id.commercial_partner_id", "=", customer.id),
                    ("parent_state", "=", "posted"),
                    ("account_type", "=", "asset_receivable"),
                ],
                ["company_id"],
                ["__count", "balance:sum", "amount_residual:sum"],
            )
        )
        users = (
            self.env["res.users"]
            .sudo()
            .search([("partner_id.commercial_partner_id", "=", customer.id)], order="id")
        )
        return {
            "items": {
                str(company.id): [
                    count,
                    company.currency_id.round(balance),
                    company.currency_id.round(residual),
                ]
                for company, count, balance, residual in items
            },
            "vat": customer.vat or "",
            "address": [
                customer._fields[fname].convert_to_write(customer[fname], customer) or ""
                for fname in customer._address_fields()
            ],
            "users": users.ids,
        }

    @api.depends("check_sums")
    @api.depends_context("company")
    def _compute_check_text(self):
        currency = self.env.company.currency_id
        for line in self:
            sums = (line.check_sums or {}).get("after")
            if not sums:
                line.check_text = False
                continue
            count, balance, residual = sums["items"].get(str(self.env.company.id), (0, 0.0, 0.0))
            line.check_text = self.env._(
                "%(count)s items, balance %(balance)s, open %(residual)s: as before",
                count=count,
                balance=currency.format(balance),
                residual=currency.format(residual),
            )

    def _apply_one(self, which):
        done = which == "after"
        try:
            with self.env.cr.savepoint():
                self._write_values(self[which])
            # sudo: as in `_apply`.
            self.sudo().done = done
        except (UserError, AccessError) as error:
            self._note_refusal(which, str(error))

    def _note_refusal(self, which, reason):
        """Note why the values ``before`` or ``after`` could not be written."""
        # sudo: as in `_apply`.
        self.sudo().write({"reason": reason, **({"result": "skip"} if which == "after" else {})})

    def _filter_lost(self, which):
        """Return the lines whose values name somebody who is not there any more."""
        named = {
            line: {line[which].get(fname) for fname in ("billing_parent_id", "parent_id")}
            - {None, False}
            for line in self
        }
        partners = self.env["res.partner"].browse(set().union(*named.values())).exists()
        present = set(partners.ids)
        return self.filtered(lambda line: named[line] - present)

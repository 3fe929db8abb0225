# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .document_finder import DOCUMENT_TYPES


class CustomerRemittanceLine(models.Model):
    """A number and an amount as the payer wrote them, and the document that was found."""

    _name = "customer.remittance.line"
    _description = "Customer Remittance Line"
    _order = "remittance_id desc, sequence, id"
    _rec_name = "number"

    remittance_id = fields.Many2one(
        "customer.remittance", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="remittance_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="remittance_id.currency_id")
    state = fields.Selection(related="remittance_id.state", string="Remittance Status")
    number = fields.Char(help="The document's number or reference as the payer wrote it.")
    cell = fields.Char(
        string="Written As",
        readonly=True,
        copy=False,
        help="The cell of the list from which this line comes, where it names several documents.",
    )
    note = fields.Char(help="What the payer wrote about this line.")
    amount = fields.Monetary(help="What the money pays, after the deduction.")
    deduction = fields.Monetary(help="What the payer took off, as a positive amount.")
    reason_id = fields.Many2one(
        "customer.deduction.reason",
        ondelete="restrict",
        help="Why the deduction was made: it decides what becomes of it.",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Document",
        index="btree_not_null",
        ondelete="set null",
        domain="[('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt')), "
        "('company_id', '=', company_id)]",
    )
    is_chosen = fields.Boolean(
        string="Chosen by Hand", readonly=True, help="Somebody chose the document: it is kept."
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_partner_id", store=True, index=True
    )
    amount_open = fields.Monetary(
        string="Open",
        readonly=True,
        copy=False,
        help="What was open on the document when it was found.",
    )
    left_out = fields.Boolean(
        help="Stays on the list and in its sum, and is not settled.",
    )
    status = fields.Selection(
        [
            ("ok", "Ready"),
            ("short", "Paid short"),
            ("over", "More than open"),
            ("paid", "Already paid"),
            ("unknown", "Not found"),
            ("ambiguous", "Several possible"),
            ("other_customer", "Another customer's"),
            ("draft", "Not posted"),
            ("cancelled", "Cancelled"),
            ("blocked", "Blocked"),
            ("currency", "Other currency"),
            ("duplicate", "Listed twice"),
        ],
        readonly=True,
        copy=False,
        index=True,
    )

    advice = fields.Char(string="What to Do", compute="_compute_advice")

    @api.constrains("deduction")
    def _check_deduction(self):
        for line in self:
            if line.currency_id.compare_amounts(line.deduction, 0.0) < 0:
                raise ValidationError(
                    self.env._(
                        "A deduction is what the payer took off, as a positive amount: that of "
                        "%s is below 0.",
                        line._get_short_names(),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
            vals.setdefault("is_chosen", bool(vals.get("move_id")))
            if vals.get("move_id") and not vals.get("number"):
                vals["number"] = self.env["account.move"].browse(vals["move_id"]).name
        lines = super().create(vals_list)
        lines.remittance_id._check_open()
        lines._check_document()
        matched = lines.remittance_id.filtered(lambda rem: any(rem.line_ids.mapped("status")))
        if not self._is_own_change():
            for remittance in matched:
                remittance._match()
        return lines

    def write(self, vals):
        self._check_typed(vals)
        self._check_change(vals)
        if "number" in vals and "move_id" not in vals:
            vals = {**vals, "is_chosen": False, "cell": False}
        elif "move_id" in vals and "is_chosen" not in vals:
            vals = {**vals, "is_chosen": bool(vals["move_id"])}
        result = super().write(vals)
        # Who has left the hierarchy since keeps nobody from leaving its document out.
        if "move_id" in vals:
            self._check_document()
        self._look_again(vals)
        return result

    @api.model
    def _check_typed(self, vals):
        """Refuse what is found out and can't be typed."""
        found = {"status", "amount_open", "is_disputed", "cell"} & vals.keys()
        if any(vals[fname] for fname in found) and not self._is_own_change():
            raise AccessError(
                self.env._("How a line stands can't be typed. Correct its number or document.")
            )

    @api.model
    def _is_own_change(self):
        return self.env["customer.remittance"]._is_own_change()

    def _check_change(self, vals):
        """Refuse changes of what is settled, and of where a line belongs."""
        remittances = self.remittance_id
        if vals.keys() - {"note", "sequence"}:
            remittances._check_open()
        if "remittance_id" in vals:
            raise UserError(self.env._("A line stays in its remittance. Add a new one instead."))

    def _check_document(self):
        """Only documents that the payer may pay can be chosen.

        :raises UserError: if a document is none of a customer, of another company, or of somebody
            who is not billed under the payer
        """
        for remittance, lines in self.filtered("is_chosen").grouped("remittance_id").items():
            payer = remittance.partner_id.commercial_partner_id
            below = lines.move_id.commercial_partner_id - payer
            paths = self.env["customer.hierarchy.link"]._get_ancestors(below.ids) if below else {}
            for move in lines.move_id:
                customer = move.commercial_partner_id
                if (
                    move.move_type not in DOCUMENT_TYPES
                    or move.company_id != remittance.company_id
                    or (payer and customer != payer and payer.id not in paths.get(customer.id, []))
                ):
                    raise UserError(
                        self.env._(
                            "%(document)s can't be paid by %(payer)s. Choose an invoice or credit "
                            "note of it, or of a customer that is billed under it.",
                            document=move.display_name,
                            payer=payer.display_name,
                        )
                    )

    def _look_again(self, vals):
        """After a correction: find documents by a new number, and say again how lines stand."""
        if self._is_own_change():
            return
        changed = vals.keys() & {"number", "move_id", "amount", "deduction", "left_out"}
        for remittance in self.remittance_id if changed else []:
            if not remittance.partner_id or not any(remittance.line_ids.mapped("status")):
                continue
            if "number" in changed or not vals.get("move_id", True):
                remittance._match()
            else:
                remittance._refresh_statuses()

    def unlink(self):
        remittances = self.remittance_id
        remittances._check_open()
        result = super().unlink()
        for remittance in remittances.exists():
            if any(remittance.line_ids.mapped("status")):
                remittance._refresh_statuses()
        return result

    @api.depends("move_id")
    def _compute_partner_id(self):
        for line in self:
            line.partner_id = line.move_id.commercial_partner_id

    @api.depends("status", "left_out")
    def _compute_advice(self):
        advices = self._get_advices()
        for line in self:
            line.advice = False if line.left_out else advices.get(line.status, False)

    @api.model
    def _get_advices(self):
        """Return, by status, what a person does next."""
        return {
            "short": self.env._("The rest stays open, or type a deduction with its reason."),
            "over": self.env._("Correct the amount, or choose another document."),
            "paid": self.env._("Ask the payer, or leave the line out: the money stays its credit."),
            "unknown": self.env._("Correct the number, choose the document, or leave it out."),
            "ambiguous": self.env._("Choose the document that is meant."),
            "other_customer": self.env._("Ask the payer what it means, or leave the line out."),
            "draft": self.env._("Post the document, then find the documents again."),
            "cancelled": self.env._("Choose the document that replaces it, or leave it out."),
            "blocked": self.env._("Unblock the document, then find the documents again."),
            "currency": self.env._("Settle it by another remittance in its own currency."),
            "duplicate": self.env._("Leave the line out, or choose another document."),
        }

    def _is_ready(self):
        """Whether this line can be settled as it is."""
        self.ensure_one()
        return self.status in ("ok", "short")

    def _get_short_names(self, limit=5):
        """Return the numbers of these lines as text, the first ones of many."""
        names = [line.number or self.env._("a line without a number") for line in self[:limit]]
        return ", ".join(names) + (", …" if len(self) > limit else "")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .document_numbers import get_communication

#: ``customer_remittance_change`` in the context of our own changes; nobody can send it.
CHANGE = object()


class CustomerRemittance(models.Model):
    """Which documents a sum of a payer pays: a list, no entry; it changes no ledger by itself.

    Takes: lines with the numbers and amounts that the payer names, by the import, by mail, in the
    portal, or by program.

    Use: :meth:`action_match` finds the documents, :meth:`action_confirm` announces them,
    :meth:`action_settle` settles them with the payer's open credits, :meth:`action_undo` takes
    that back.

    How it works: the documents of all lines are found in a few statements, whatever their number;
    they are settled by one plan of the settlement (:mod:`..settlement`).
    """

    _name = "customer.remittance"
    _description = "Customer Remittance"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    kind = fields.Selection(
        [("advice", "Payer's List"), ("wire", "Announced Transfer"), ("request", "Request")],
        required=True,
        default="advice",
        help="Payer's list: the payer sent it.\n"
        "Announced transfer: the payer chose the documents in the portal.\n"
        "Request: we ask the payer to pay these documents.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("waiting", "Waiting"),
            ("settled", "Settled"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        index=True,
        ondelete="restrict",
        tracking=True,
        context={"active_test": False},
        help="The customer whose money pays. Its own documents and those of all customers billed "
        "below it can be paid.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    date_expected = fields.Date(
        string="Expected On",
        index=True,
        tracking=True,
        help="The day for which the payer promised its money.",
    )
    ref = fields.Char(
        string="Payer's Reference",
        copy=False,
        index="btree_not_null",
        help="The payer's own number of the list: each can be settled once.",
    )
    communication = fields.Char(
        string="Payment Reference",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What the payer writes on the transfer.",
    )
    line_ids = fields.One2many("customer.remittance.line", "remittance_id", copy=True)
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amount_total", store=True, help="The sum of the lines."
    )
    amount_announced = fields.Monetary(
        string="Announced Total",
        copy=False,
        tracking=True,
        help="The sum that the list itself states. Nothing is settled while the lines don't add "
        "up to it.",
    )
    credit_line_ids = fields.Many2many(
        "account.move.line",
        "customer_remittance_credit_rel",
        "remittance_id",
        "line_id",
        string="Paid From",
        copy=False,
        help="The open credits that pay. If none is chosen, it is the payer's whose reference, or "
        "else whose open amount fits.",
    )
    settlement_ids = fields.One2many(
        "customer.settlement", "remittance_id", string="Settlements", readonly=True
    )
    statement_line_ids = fields.One2many(
        "account.bank.statement.line", "remittance_id", string="Bank Lines", readonly=True
    )
    settlement_count = fields.Integer(compute="_compute_counts")
    document_count = fields.Integer(compute="_compute_counts")
    to_check_count = fields.Integer(
        string="Lines to Look At",
        compute="_compute_to_check_count",
        search="_search_to_check_count",
    )
    has_advice = fields.Boolean(string="What to Do", compute="_compute_has_advice")

    _ref_uniq = models.UniqueIndex(
        "(company_id, partner_id, ref) WHERE ref != '' AND state != 'cancelled'",
        "There is a remittance of this payer with this reference already. Open that one, or cancel "
        "it before you enter it again.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for remittance in self:
            if not remittance.currency_id:
                company = remittance.company_id or self.env.company
                remittance.currency_id = company.currency_id

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for remittance in self:
            remittance.amount_total = sum(remittance.line_ids.mapped("amount"))

    @api.depends("settlement_ids", "line_ids.move_id")
    def _compute_counts(self):
        for remittance in self:
            remittance.settlement_count = len(remittance.settlement_ids)
            remittance.document_count = len(remittance.line_ids.move_id)

    @api.depends("line_ids.status", "line_ids.left_out")
    def _compute_to_check_count(self):
        counts = dict(
            self.env["customer.remittance.line"]._read_group(
                [("remittance_id", "in", self.ids), *self._get_to_check_domain()],
                ["remittance_id"],
                ["__count"],
            )
        )
        for remittance in self:
            remittance.to_check_count = counts.get(remittance._origin, 0)

    @api.depends("line_ids.advice")
    def _compute_has_advice(self):
        for remittance in self:
            remittance.has_advice = any(remittance.line_ids.mapped("advice"))

    @api.model
    def _get_to_check_domain(self):
        """Domain of lines that a person has to look at before they can be settled."""
        return [
            ("left_out", "=", False),
            ("status", "not in", (False, "ok", "short")),
            ("remittance_id.state", "in", ("draft", "waiting")),
        ]

    def _search_to_check_count(self, operator, value):
        if operator not in (">", "=", "!=") or value:
            return NotImplemented
        lines = self.env["customer.remittance.line"]._search(self._get_to_check_domain())
        return [("line_ids", "not in" if operator == "=" else "in", lines)]

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        """Fields that only the buttons change."""
        return {
            "state",
            "name",
            "communication",
            "settlement_ids",
            "partial_ids",
            "deduction_move_ids",
        }

    def _check_ref_is_free(self, vals):
        """Say which remittance has the reference already; the index holds it for sure.

        :raises ValidationError: if another one of the payer has it
        """
        for remittance in self or [self]:
            state = vals.get("state", remittance.state)
            ref = vals.get("ref", remittance.ref)
            payer = vals.get("partner_id", remittance.partner_id.id)
            company = vals.get("company_id", remittance.company_id.id) or self.env.company.id
            if not ref or not payer or state == "cancelled":
                continue
            domain = [("id", "not in", remittance.ids), ("state", "!=", "cancelled")]
            domain += [("ref", "=", ref), ("partner_id", "=", payer), ("company_id", "=", company)]
            if other := self.search(domain, limit=1):
                raise ValidationError(
                    self.env._(
                        "%(other)s of %(payer)s has the reference %(ref)s already. Open that one, "
                        "or cancel it before you enter it again.",
                        other=other.name,
                        payer=other.partner_id.display_name,
                        ref=ref,
                    )
                )

    def _is_own_change(self):
        return self.env.context.get("customer_remittance_change") is CHANGE

    def _with_change(self):
        """Return these records so that what only the buttons change can be written."""
        return self.with_context(customer_remittance_change=CHANGE)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected(vals)
            self._clean_values(vals)
            self.browse()._check_ref_is_free(vals)
            if not vals.get("name"):
                vals["name"] = self._next_name(vals.get("date"))
            if vals.get("kind") in ("wire", "request") and not vals.get("communication"):
                vals["communication"] = get_communication(vals["name"])
        return super().create(vals_list)

    @api.model
    def _next_name(self, date):
        return (
            self.env["ir.sequence"]
            .with_context(ir_sequence_date=date or fields.Date.context_today(self))
            .next_by_code("customer.remittance")
        )

    def write(self, vals):
        self._check_protected(vals)
        vals = dict(vals)
        self._clean_values(vals)
        self._check_kind(vals)
        if {"ref", "partner_id", "company_id", "state"} & vals.keys():
            self._check_ref_is_free(vals)
        closed = {"partner_id", "company_id", "currency_id", "line_ids", "kind", "credit_line_ids"}
        if closed & vals.keys():
            self._check_open()
        result = super().write(vals)
        if {"partner_id", "company_id", "currency_id"} & vals.keys():
            self.filtered(lambda rem: any(rem.line_ids.mapped("status"))).action_match()
        return result

    def _clean_values(self, vals):
        """Write references without blanks around them; the payer is a customer, no contact."""
        if isinstance(vals.get("ref"), str):
            vals["ref"] = vals["ref"].strip()
        if vals.get("partner_id"):
            payer = self.env["res.partner"].browse(vals["partner_id"])
            vals["partner_id"] = payer.commercial_partner_id.id

    def _check_kind(self, vals):
        """Refuse another kind of what was announced or asked for already."""
        for remittance in self:
            if vals.get("kind", remittance.kind) != remittance.kind and remittance.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is no draft any more, so its kind stays. Make it a draft first.",
                        remittance.display_name,
                    )
                )

    @api.model
    def _check_protected(self, vals):
        """Refuse what only the buttons change; a draft may say that it is one."""
        if self._is_own_change():
            return
        changed = self._get_protected_fields() & vals.keys()
        if vals.get("state") == "draft":
            changed.discard("state")
        if changed:
            raise AccessError(
                self.env._(
                    "The number, payment reference, settlements and status of a remittance can't "
                    "be typed. Use its buttons."
                )
            )

    def _check_open(self):
        """Refuse changes of what is settled or cancelled."""
        if self._is_own_change():
            return
        for remittance in self:
            if remittance.state in ("settled", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(remittance)s is settled or cancelled and can't be changed. Undo it "
                        "first.",
                        remittance=remittance.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(remittance.state in ("waiting", "settled") for remittance in self):
            raise UserError(
                self.env._(
                    "A remittance that waits for its money or is settled can't be deleted. Undo or "
                    "cancel it first."
                )
            )
        if undone := self.filtered("settlement_ids")[:1]:
            raise UserError(
                self.env._(
                    "%s was settled before, and its settlements name it. Cancel it instead.",
                    undone.display_name,
                )
            )

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------

    def _set_state(self, state):
        self._with_change().write({"state": state})

    def action_confirm(self):
        """Announce the documents: the remittance waits for its money from now on.

        :raises UserError: if it is no draft, or has no payer or no line
        """
        for remittance in self:
            if remittance.state != "draft":
                raise UserError(
                    self.env._("Only drafts can be confirmed: %s is none.", remittance.display_name)
                )
            if not remittance.partner_id or not remittance.line_ids:
                raise UserError(
                    self.env._(
                        "Add the payer and at least one line to %s first.", remittance.display_name
                    )
                )
        self._set_state("waiting")

    def action_cancel(self):
        """Forget the remittance; what is settled has to be undone before.

        :raises UserError: if it is settled
        """
        if any(remittance.state == "settled" for remittance in self):
            raise UserError(self.env._("What is settled can't be cancelled. Undo it first."))
        self._set_state("cancelled")

    def action_draft(self):
        """Make a cancelled or waiting remittance a draft again."""
        if any(remittance.state == "settled" for remittance in self):
            raise UserError(self.env._("What is settled is no draft. Undo it first."))
        self._set_state("draft")

    def action_leave_out_others(self):
        """Leave out every line that is neither ready nor paid short."""
        self.line_ids.filtered(lambda line: not line._is_ready()).left_out = True

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_settlements(self):
        """Open the settlements that this remittance made."""
        return self.settlement_ids._get_records_action(name=self.env._("Settlements"))

    def action_open_documents(self):
        """Open the documents that were found."""
        return self.line_ids.move_id._get_records_action(name=self.env._("Documents"))

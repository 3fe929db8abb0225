# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CustomerRemittance(models.Model):
    """What becomes of deductions: left open and disputed, written off, or a draft credit note."""

    _inherit = "customer.remittance"

    deduction_move_ids = fields.Many2many(
        "account.move",
        "customer_remittance_deduction_rel",
        "remittance_id",
        "move_id",
        string="Entries of Deductions",
        readonly=True,
        copy=False,
    )

    def _post_deductions(self, lines):
        """Do with the deductions of these lines what their reasons say."""
        deducted = lines.filtered(lambda line: line.deduction)
        by_action = deducted.grouped(lambda line: line.reason_id.action)
        disputed = by_action.get("open", deducted.browse())
        if disputed:
            disputed.with_env(self._with_change().env).is_disputed = True
        moves = self.env["account.move"]
        if written_off := by_action.get("write_off"):
            moves |= self._post_write_offs(written_off)
        for line in by_action.get("credit_note", ()):
            moves |= line._draft_credit_note()
        # sudo: a note of what was just made.
        self._with_change().sudo().deduction_move_ids = [Command.set(moves.ids)]

    def _post_write_offs(self, lines):
        """Post one entry per date, dated as the settlement, and match it with the documents."""
        by_date = defaultdict(lines.browse)
        credit_date = max(self.credit_line_ids.mapped("date"), default=None)
        for line in lines:
            by_date[max(filter(None, (credit_date, line.move_id.date)))] |= line
        moves = self.env["account.move"]
        for date, of_date in by_date.items():
            moves |= self._post_write_off(date, of_date)
        return moves

    def _post_write_off(self, date, lines):
        company = self.company_id
        # sudo: the journal is the company's, and who may settle may write off by its reasons;
        # accounts and amounts come from the reasons and documents.
        journal = company.sudo()._ensure_customer_settlement_journal()
        legs, vals_list = [], []
        for line in lines:
            vals = line._prepare_write_off()
            legs.append((line.move_id, len(vals_list)))
            vals_list += vals
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .with_context(skip_invoice_sync=True)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "company_id": company.id,
                    "date": date,
                    "ref": self.env._("Deductions of %s", self.name),
                    "partner_id": False,
                    "line_ids": [Command.create(vals) for vals in vals_list],
                }
            )
        )
        move._post(soft=False)
        items = move.line_ids.sorted("id")
        open_items = self._get_items(lines.move_id).grouped("move_id")
        plan = [
            open_items[document] + items[position].with_env(self.env) for document, position in legs
        ]
        self.env["account.move.line"]._reconcile_plan(plan)
        return move.with_env(self.env)

    def _undo_deductions(self):
        """Take back the entries; a credit note that was posted meanwhile stays, and we say so."""
        self.line_ids.with_env(self._with_change().env).is_disputed = False
        moves = self.deduction_move_ids.exists()
        notes = moves.filtered(lambda move: move.move_type != "entry")
        kept = notes.filtered(lambda move: move.state == "posted")
        if kept:
            self.message_post(
                body=self.env._(
                    "These credit notes were posted meanwhile and are kept: %s. Reverse them if "
                    "they are not wanted.",
                    ", ".join(kept.mapped("name")),
                )
            )
        (notes - kept).unlink()
        self._cancel_write_offs(moves - notes)
        # sudo: a note of what was just taken back.
        self._with_change().sudo().deduction_move_ids = [Command.clear()]

    def _cancel_write_offs(self, moves):
        """Cancel the entries; where a lock or a hash forbids it, reverse them."""
        moves = moves.filtered(lambda move: move.state == "posted")
        moves.line_ids.remove_move_reconcile()
        removable = moves.filtered(lambda move: move._can_be_unlinked())
        # As the system: an accountant's review of the entry must not keep it alive.
        removable.with_user(SUPERUSER_ID).button_cancel()
        for move in moves - removable:
            vals = {"date": move.date, "ref": self.env._("Reversal of: %s", move.name)}
            move._reverse_moves([vals], cancel=True)


class CustomerRemittanceLine(models.Model):
    _inherit = "customer.remittance.line"

    is_disputed = fields.Boolean(
        string="Disputed",
        readonly=True,
        copy=False,
        help="The deduction is left open on the document until it is agreed.",
    )

    _disputed_idx = models.Index("(move_id) WHERE is_disputed")

    def _get_reduced_base_lines(self):
        """Return the document's lines, by their taxes, as small as the deduction is.

        Core's own arithmetic: base and taxes together are exactly the deduction.
        """
        self.ensure_one()
        move = self.move_id
        base_lines, _tax_lines = move._get_rounded_base_and_tax_lines()
        return self.env["account.tax"]._reduce_base_lines_to_target_amount(
            base_lines, move.company_id, "fixed", self.deduction
        )

    def _prepare_write_off(self):
        """Return the values of journal items: the receivable first, then base and taxes.

        Of a credit note it is the other way round, as everything is.
        """
        self.ensure_one()
        account = self.reason_id.with_company(self.company_id).account_id
        if not account:
            raise UserError(
                self.env._(
                    "The reason %(reason)s has no account in %(company)s. Set one under "
                    "Configuration, Deduction Reasons.",
                    reason=self.reason_id.name,
                    company=self.company_id.display_name,
                )
            )
        base_lines = self._get_reduced_base_lines()
        tax_lines = []
        taxes = self.env["account.tax"]
        for base_line in base_lines:
            base_line["sign"] *= -1
            base_line["is_refund"] = not base_line["is_refund"]
        if base_lines:
            taxes._add_accounting_data_in_base_lines_tax_details(
                base_lines, self.company_id, include_caba_tags=self.move_id.always_tax_exigible
            )
            results = taxes._prepare_tax_lines(base_lines, self.company_id)
            tax_lines = results["tax_lines_to_add"]
            base_lines = results["base_lines_to_update"]
        items = [
            {
                "account_id": account.id,
                "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                **amounts,
            }
            for base_line, amounts in base_lines
        ]
        items += tax_lines
        return self._complete_write_off(items, account)

    def _complete_write_off(self, items, account):
        """Add the receivable item that balances the others, and what all of them share."""
        move = self.move_id
        receivable = move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")[
            :1
        ]
        sign = 1 if self.amount_open > 0 else -1
        amount = -sign * self.deduction
        if not items:
            balance = receivable.currency_id._convert(
                sign * self.deduction, move.company_currency_id, move.company_id, move.date
            )
            items = [{"account_id": account.id, "amount_currency": -amount, "balance": balance}]
        balance = -sum(item["balance"] for item in items)
        shared = {
            "partner_id": receivable.partner_id.id,
            "currency_id": move.currency_id.id,
            "name": self.env._(
                "%(reason)s (%(document)s)", reason=self.reason_id.name, document=move.name
            ),
        }
        first = {"account_id": receivable.account_id.id, "amount_currency": amount}
        first["balance"] = move.company_currency_id.round(balance)
        return [{**item, **shared} for item in (first, *items)]

    def _draft_credit_note(self):
        """Draft a credit note over the deduction, for the customer of the document."""
        self.ensure_one()
        move = self.move_id
        account = self.reason_id.with_company(self.company_id).account_id
        lines = [
            Command.create(
                {
                    "name": self.env._(
                        "%(reason)s (%(document)s)",
                        reason=self.reason_id.name,
                        document=move.name,
                    ),
                    "account_id": (account or base_line["account_id"]).id,
                    "quantity": 1.0,
                    "price_unit": base_line["price_unit"]
                    * base_line["quantity"]
                    * (1 - base_line["discount"] / 100.0),
                    "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                }
            )
            for base_line in self._get_reduced_base_lines()
        ]
        is_note = move.move_type == "out_refund"
        draft = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "out_invoice" if is_note else "out_refund",
                    "partner_id": move.partner_id.id,
                    "currency_id": move.currency_id.id,
                    "ref": self.env._(
                        "%(reason)s, %(remittance)s",
                        reason=self.reason_id.name,
                        remittance=self.remittance_id.name,
                    ),
                    "reversed_entry_id": False if is_note else move.id,
                    "invoice_line_ids": lines,
                }
            )
        )
        self._round_credit_note(draft)
        return draft

    def _round_credit_note(self, draft):
        """Let the draft be of just the deduction: core rounds its taxes anew, to a cent beside."""
        currency = draft.currency_id
        missing = currency.round(self.deduction - draft.amount_total)
        taxes = draft.line_ids.filtered("tax_repartition_line_id")
        if taxes and not currency.is_zero(missing):
            largest = max(taxes, key=lambda line: abs(line.amount_currency))
            largest.amount_currency += draft.direction_sign * missing

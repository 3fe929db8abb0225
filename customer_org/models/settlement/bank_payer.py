# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who paid, where a bank screen books the counterpart on the debtor itself.

OCA's and Enterprise's screens give the counterpart of a bank line the customer of the item that it
is matched with. A head office's wire then pays its branches without a settlement, and the ledgers
are right all the same. The payer is the bank line's customer.

OCA's screen can also keep the bank line's entry as it is: the counterparts are in another entry of
the bank's journal, which takes the money from the suspense account.
"""

from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_bank_payer(self):
        """Return the customer whose bank line this credit is, if another one of its hierarchy.

        Costs no query for what core's payments widget has read already.
        """
        self.ensure_one()
        partners = self.env["res.partner"]
        if not self.partner_id:
            return partners
        # The bank line's customer is its entry's: core keeps them the same.
        payer = self._get_bank_entry().partner_id
        if not payer or payer == self.partner_id:
            return partners
        payer, customer = payer.commercial_partner_id, self.partner_id.commercial_partner_id
        is_family = payer != customer and payer.billing_root_id == customer.billing_root_id
        return payer if is_family else partners

    def _get_bank_entry(self):
        """Return the entry of the bank line whose money this item is, or none."""
        move = self.move_id
        if self.statement_line_id:
            return move
        if self.payment_id or move.move_type != "entry" or move.journal_id.type != "bank":
            return move.browse()
        # What was taken from the suspense account, by an entry that pays several.
        taken = move.line_ids.matched_credit_ids.credit_move_id
        return taken.filtered("statement_line_id").move_id[:1]


class AccountMove(models.Model):
    _inherit = "account.move"

    def _compute_payments_widget_reconciled_info(self):
        """Say who paid by a bank line that is booked on the invoice's own customer."""
        super()._compute_payments_widget_reconciled_info()
        for move in self:
            if move.invoice_payments_widget and move.is_sale_document(include_receipts=True):
                move._label_bank_payers()

    def _label_bank_payers(self):
        """Add the payers' names to the widget: no entry is added or dropped."""
        self.ensure_one()
        partials = self.env["account.partial.reconcile"]
        payers = {}
        for values in self.invoice_payments_widget["content"]:
            # sudo: who sees the invoice's payments may know whose they are, as core's widget shows.
            partial = partials.browse(values.get("partial_id")).sudo()
            if payer := partial.credit_move_id and partial.credit_move_id._get_bank_payer():
                payers[values["partial_id"]] = payer
        if not payers:
            return
        content = []
        for values in self.invoice_payments_widget["content"]:
            if payer := payers.get(values.get("partial_id")):
                label = self.env._("by %s", payer.display_name)
                values = {
                    **values,
                    "settlement_label": label,
                    "settlement_payer_id": payer.id,
                }
            content.append(values)
        self.invoice_payments_widget = {**self.invoice_payments_widget, "content": content}

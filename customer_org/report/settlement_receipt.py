# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The settlement receipt: which invoices were paid from which document.

It goes from us to the payer and to its branches. (A remittance advice goes the other way: the
payer's list of what its money pays.)
"""

from odoo import models


class CustomerSettlement(models.Model):
    _name = "customer.settlement"
    _inherit = ["customer.settlement", "customer.settlement.receipt"]

    def _get_remittance_parts(self):
        """Return what the receipt lists: per customer what was paid from which document.

        With ``customer_settlement_branch_id`` in the context it is that customer's part alone.

        :return: list of ``{"partner", "rows", "amount"}``; rows hold the documents, and the amount
            in the invoice's currency; the part's amount is in the company's
        """
        self.ensure_one()
        # sudo: who sees the settlement sees what it pays, also by a document of a user's own.
        lines = self.sudo().line_ids
        branch_id = self.env.context.get("customer_settlement_branch_id")
        if branch_id:
            lines = lines.filtered(lambda line: line.partner_id.id == branch_id)
        parts = []
        for partner, of_partner in lines.grouped("partner_id").items():
            rows = [row for line in of_partner for row in line._get_remittance_rows()]
            if rows:
                rows.sort(key=lambda row: (row["invoice"].date, row["invoice"].id))
                amount = sum(of_partner.mapped("amount"))
                parts.append({"partner": partner, "rows": rows, "amount": amount})
        return sorted(parts, key=lambda part: part["partner"].display_name or "")

    def _get_remittance_payer(self):
        """Return the customer who paid."""
        return self.payer_id

    def _get_remittance_branches(self):
        """Return the customers who were paid for, in sudo."""
        # sudo: as its parts.
        return self.sudo().line_ids.partner_id

    def action_send_remittance(self):
        """Open a mail to the payer with the settlement receipt attached."""
        self.ensure_one()
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        template = self.env.ref("customer_org.mail_template_remittance")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Settlement Receipt"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
                "customer_settlement_receipt": True,
            },
        }

    def _message_post_after_hook(self, message, msg_values):
        # Before core notifies: mails may be gone when it comes back. That a client may say so of
        # another message does no harm: its mails are watched, and tried again where they fail.
        if self.env.context.get("customer_settlement_receipt") and message.partner_ids:
            self._create_delivery(self.payer_id)._track(message)
        return super()._message_post_after_hook(message, msg_values)

    def _get_delivery_values(self):
        return {"settlement_id": self.id, "period": self.name}


class CustomerSettlementLine(models.Model):
    _inherit = "customer.settlement.line"

    def _get_remittance_rows(self):
        """Return what this pays: invoice, due date, the document it is paid from, amount."""
        self.ensure_one()
        credit, debt = self.credit_line_id, self.debt_line_id
        if self.is_undone or not debt:
            return []
        return [
            {
                "invoice": debt.move_id,
                "date_due": debt.date_maturity,
                "credit": credit.move_id,
                "credit_ref": credit.payment_id.memo or credit.move_id.ref,
                "credit_date": credit.date,
                "currency": self.debt_currency_id,
                "amount": self.debt_amount_currency,
            }
        ]

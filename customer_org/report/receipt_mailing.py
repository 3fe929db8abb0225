# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class CustomerSettlementReceipt(models.AbstractModel):
    """What a settlement receipt can be mailed of: a settlement, or a bank line that paid branches.

    Use: extensions say what the receipt lists (``_get_remittance_parts``), of whom
    (``_get_remittance_payer``), which branches have a part in it (``_get_remittance_branches``),
    and in :meth:`_get_delivery_values` what it is about.
    """

    _name = "customer.settlement.receipt"
    _description = "Settlement Receipt"

    @api.private
    def _get_remittance_recipient(self):
        """Return who gets the receipt: the invoice contact of the payer, or of one branch."""
        self.ensure_one()
        branch_id = self.env.context.get("customer_settlement_branch_id")
        # The context may come from a URL: of others it gives no address.
        branch = self._get_remittance_branches().filtered(lambda one: one.id == branch_id)
        customer = branch.sudo(False) or self._get_remittance_payer()
        return customer.browse(customer.address_get(["invoice"])["invoice"])

    @api.private
    def _get_delivery_values(self):
        """Return the values of ``customer.mail.delivery`` that tell what the receipt is about."""
        return {}

    def action_send_branch_remittances(self):
        """Mail every branch its own part of the settlement receipt.

        :return: a notification that names the branches without an e-mail address
        """
        self.ensure_one()
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        queued, missing = 0, []
        for part in self._get_remittance_parts():
            branch = part["partner"]
            receipt = self.with_context(customer_settlement_branch_id=branch.id)
            if receipt._get_remittance_recipient().email:
                self._create_delivery(branch)._send_document()
                queued += 1
            else:
                missing.append(branch.display_name)
        message = self.env._("Queued for %s branches.", queued)
        if missing:
            message += " " + self.env._(
                "No e-mail address: %s. Add one to their invoice contact and send again.",
                ", ".join(missing),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if missing else "success",
                "message": message,
                "sticky": bool(missing),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.private
    def _create_delivery(self, customer):
        """Return the record of a mail with a customer's part of the receipt, in sudo."""
        # sudo: a note of what this user sends.
        return (
            self.env["customer.mail.delivery"]
            .sudo()
            .create(
                {
                    "kind": "receipt",
                    "partner_id": customer.id,
                    "company_id": self.company_id.id,
                    "user_id": self.env.uid,
                    "date_to": self.date,
                    **self._get_delivery_values(),
                }
            )
        )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import api, models
from odoo.exceptions import UserError

from . import reader


class CustomerRemittance(models.Model):
    """Lists that come by mail: a draft for each, read where the sender is known."""

    _inherit = "customer.remittance"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make a draft of a mail, of the list that is attached if its sender is a payer's contact.

        Everything else waits for a person: a mail of somebody unknown, without an attachment, or
        with one that is no list.
        """
        # Anybody may call this: only what the buttons don't change is taken.
        self._check_protected(custom_values or {})
        company = self.env["res.company"].browse((custom_values or {}).get("company_id"))
        remittances = self.with_company(company or self.env.company)
        payer = remittances._get_mail_payer(msg_dict)
        values = {
            **(custom_values or {}),
            "name": self._next_name(False),
            "partner_id": payer.id,
        }
        remittance = super(CustomerRemittance, remittances._with_change()).message_new(
            msg_dict, values
        )
        # Without the mark of our own changes: what follows is checked as anybody's is.
        remittance = remittance.with_context(customer_remittance_change=None)
        lists = [
            (attachment.fname, attachment.content) for attachment in msg_dict.get("attachments", [])
        ]
        remittance._read_mail(lists)
        return remittance

    @api.model
    def _get_mail_payer(self, msg_dict):
        """Return the customer whose contact wrote; none for users of ours and unknown senders."""
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or None)
        customer = author.commercial_partner_id
        is_customer = (
            customer.customer_rank or customer.billing_parent_id or customer.billing_child_ids
        )
        is_ours = any(not user.share for user in author.user_ids)
        return customer if is_customer and not is_ours else customer.browse()

    def _read_mail(self, lists):
        """Fill in the first attachment that is a list, and say what a person has to do."""
        self.ensure_one()
        if not self.partner_id:
            self._ask_person(
                self.env._("Choose the payer and import the attached list: the sender is unknown.")
            )
            return
        lists = [
            (name, content.encode() if isinstance(content, str) else content)
            for name, content in lists
        ]
        errors = []
        for position, (name, content) in enumerate(lists, start=1):
            error = self._read_attachment(name, content)
            if not error:
                self._tell_of_further_lists(lists[position:])
                return
            errors.append(f"{name}: {error}")
        self._ask_person("\n".join(errors) or self.env._("The mail has no list attached."))

    def _tell_of_further_lists(self, lists):
        """Ask a person to look at attachments that may be lists as well: a draft holds one."""
        names = [name for name, content in lists if self._may_be_list(name, content)]
        if names:
            self._ask_person(
                self.env._(
                    "The mail has more attachments that may be lists: %s. Import each of them.",
                    ", ".join(names),
                )
            )

    @staticmethod
    def _may_be_list(name, content):
        try:
            reader.find_format(content, name)
        except reader.NotAList:
            return False
        return True

    def _read_attachment(self, name, content):
        """Fill in the lines of a list; return why it can't be read, if so."""
        wizard = self.env["customer.remittance.import"].create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "file": base64.b64encode(content),
                "file_name": name,
            }
        )
        if error := wizard._get_error():
            return error
        try:
            with self.env.cr.savepoint():
                self.write(wizard._prepare_remittance(wizard._get_table()))
                self.action_match()
        except UserError as problem:
            return str(problem)
        return ""

    def _ask_person(self, note):
        """Ask an accountant to look at this remittance."""
        self.ensure_one()
        user = self.partner_id.with_company(self.company_id)._get_auto_settle_user()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Look at this remittance"),
            note=note,
            user_id=user.id,
        )

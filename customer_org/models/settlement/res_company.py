# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_settlement_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Journal of the entries that move a head office's credit to its branches.",
    )

    def _ensure_customer_settlement_journal(self):
        """Return the settlement journals of these companies; who has none gets one.

        A branch company uses the journal of the nearest company above it that has one.
        """
        journals = self.env["account.journal"]
        # sudo: a journal of our own that users need but may not create.
        for company in self.sudo():
            journal = company._get_customer_settlement_journal()
            if not journal:
                # Who comes second waits, and starts again with the journal of who came first.
                self.env.cr.execute(
                    SQL("SELECT FROM res_company WHERE id = %s FOR NO KEY UPDATE", company.id)
                )
                journal = company._create_customer_settlement_journal()
                company.customer_settlement_journal_id = journal
            journals |= journal
        return journals

    def _get_customer_settlement_journal(self):
        for company in reversed(self.parent_ids):
            if company.customer_settlement_journal_id.active:
                return company.customer_settlement_journal_id
        return self.env["account.journal"]

    def _create_customer_settlement_journal(self):
        journals = self.env["account.journal"].with_context(active_test=False)
        taken = set(journals.search([("company_id", "=", self.id)]).mapped("code"))
        codes = ["CSET", *(f"CSE{number}" for number in range(1, 100))]
        return journals.create(
            {
                "name": self.env._("Customer Settlements"),
                "code": next(code for code in codes if code not in taken),
                "type": "general",
                "company_id": self.id,
                "show_on_dashboard": False,
            }
        )

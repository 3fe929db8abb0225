# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.statement.statement_ledger import StatementLedger

# So many statements are sent while the user waits; more go to the cron.
MAX_SENT_AT_ONCE = 10


class CustomerStatementWizard(models.TransientModel):
    """What statement to make, of which customers, and where to."""

    _name = "customer.statement.wizard"
    _description = "Statement of Account"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    partner_count = fields.Integer(compute="_compute_partner_count")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    presentation = fields.Selection(
        [("period", "All movements of a period"), ("open", "Open items")],
        string="Show",
        required=True,
        default="period",
    )
    date_from = fields.Date(
        string="From",
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Leave it empty to begin with the very first movement.",
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    include_branches = fields.Boolean(
        help="One statement for a customer and all customers billed below it, settlements between "
        "them left out."
    )
    only = fields.Selection(
        [
            ("all", "All"),
            ("open", "With something open"),
            ("overdue", "With something overdue"),
        ],
        string="Which",
        required=True,
        default="all",
        help="At the end of the period, net of open credits.",
    )

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    @api.model
    def default_get(self, fields):
        """Take the customers that are chosen, by their commercial entities."""
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner":
            partners = self.env["res.partner"].browse(self.env.context.get("active_ids"))
            customers = partners.commercial_partner_id
            values["partner_ids"] = [(6, 0, customers.ids)]
            values["include_branches"] = any(customers.mapped("billing_branch_count"))
        return values

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_view(self):
        """Show the statements on the screen; documents open on click."""
        return self._get_report_action("qweb-html")

    def action_pdf(self):
        """Download the statements as PDF."""
        return self._get_report_action("qweb-pdf")

    def action_xlsx(self):
        """Download the statements as a workbook."""
        self._get_customers()
        return {
            "type": "ir.actions.act_url",
            "url": f"/customer_org/statement/xlsx/{self.id}",
            "target": "download",
        }

    @api.private
    def _render_xlsx(self):
        """Return the name and the content of the workbook."""
        customers = self._get_customers()
        company = self.company_id
        name = customers.name if len(customers) == 1 else company.name
        # The company of the wizard, whatever others the browser has chosen.
        customers = customers.with_context(allowed_company_ids=company.ids)
        report = self.env["report.customer_org.report_statement"]
        content = report._render_xlsx(customers, self._get_options())
        return self.env._("Statement of Account - %s", name), content

    def action_send(self):
        """Send the statements by e-mail, many of them by cron.

        :return: a notification, or the list of what waits to be sent
        :raises UserError: if none of a few customers has an address
        """
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        customers = self._get_customers()
        options = self._get_options()
        if len(customers) > MAX_SENT_AT_ONCE:
            # sudo: a note of what this user asked for, sent with the user's rights.
            mails = self.env["customer.statement.mail"].sudo()
            mails.create(
                [
                    {
                        "partner_id": customer.id,
                        "company_id": self.company_id.id,
                        "user_id": self.env.uid,
                        "options": options,
                    }
                    for customer in customers
                ]
            )
            mails._trigger()
            return self.env["ir.actions.act_window"]._for_xml_id(
                "customer_org.action_customer_statement_mail"
            )
        sent, errors = [], []
        for customer in customers.with_company(self.company_id):
            try:
                customer._send_statement(options)
                sent.append(customer.display_name)
            except UserError as error:
                errors.append(str(error))
        if not sent:
            raise UserError("\n".join(errors))
        message = self.env._("Statements sent: %s.", ", ".join(sent))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if errors else "success",
                "message": "\n".join([message, *errors]),
                "sticky": bool(errors),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # ------------------------------------------------------------------

    def _get_report_action(self, report_type):
        customers = self._get_customers()
        report = self.env.ref("customer_org.action_report_statement")
        action = report.report_action(
            None, data={"ids": customers.ids, "statement": self._get_options()}, config=False
        )
        title = self.env._("Statement of Account")
        if len(customers) == 1:
            title = self.env._("Statement of %s", customers.display_name)
        # The context keeps the company that the statement is of.
        context = {**action.get("context", {}), "allowed_company_ids": self.company_id.ids}
        return {**action, "report_type": report_type, "display_name": title, "context": context}

    def _get_options(self):
        self.ensure_one()
        if self.presentation == "period" and self.date_from and self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins. Choose other dates."))
        to_string = fields.Date.to_string
        return {
            "date_from": self.presentation == "period" and to_string(self.date_from),
            "date_to": to_string(self.date_to),
            "branches": self.include_branches,
            "presentation": self.presentation,
        }

    def _get_customers(self):
        """Return the chosen customers that have something open, or overdue, where only they count.

        :raises UserError: if none is left
        """
        self.ensure_one()
        self.env["customer.statement"]._check_user()
        self.company_id._check_own_company()
        customers = self.partner_ids
        if customers and self.only != "all":
            open_ids = self._get_open_ids()
            customers = customers.filtered(lambda customer: customer.id in open_ids)
        if not customers:
            raise UserError(
                self.env._("None of these customers has anything open. There is nothing to send.")
            )
        return customers

    def _get_open_ids(self):
        """Return the ids of the customers with something open or overdue, by two queries."""
        pairs = {(customer.id, customer.id) for customer in self.partner_ids}
        if self.include_branches:
            links = self.env["customer.hierarchy.link"].search_fetch(
                [("ancestor_id", "in", self.partner_ids.ids)], ["ancestor_id", "descendant_id"]
            )
            pairs |= {(link.ancestor_id.id, link.descendant_id.id) for link in links}
        tops, customers = zip(*pairs, strict=True)
        ledger = StatementLedger(self.env, self.company_id, customers, tops)
        ledger.set_period(None, self.date_to)
        return ledger.get_tops(self.only == "overdue")

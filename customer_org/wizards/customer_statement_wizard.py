# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.receivable import get_today
from ..models.statement.statement_ledger import StatementLedger

#: So many statements are written while the user waits; more go to the cron.
MAX_SENT_AT_ONCE = 10
#: So many rows are shown on the screen at once; the documents have all.
ROWS_PER_PAGE = 500
#: What the next statement of the same user begins with.
REMEMBERED = ("period", "presentation", "only", "send_empty")


class CustomerStatementWizard(models.TransientModel):
    """A statement on the screen, and where to: which customers, of what period, how."""

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
    period = fields.Selection(
        [
            ("this_month", "This Month"),
            ("last_month", "Last Month"),
            ("this_quarter", "This Quarter"),
            ("this_year", "This Year"),
            ("custom", "Other Dates"),
        ],
        required=True,
        default="this_month",
        help="Up to today, or to the end of last month.",
    )
    date_from = fields.Date(
        string="From",
        compute="_compute_dates",
        store=True,
        precompute=True,
        readonly=False,
        help="Leave it empty to begin with the very first movement.",
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_dates",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
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
        help="At the end of the period. Overdue are debts whose due date has passed, whatever "
        "credit is open.",
    )
    send_empty = fields.Boolean(
        string="Also Empty Ones",
        help="Send statements that say nothing, too: no opening balance and no movement.",
    )
    page = fields.Integer(default=1)
    page_count = fields.Integer(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    @api.depends("partner_ids")
    def _compute_display_name(self):
        for wizard in self:
            customers = wizard.partner_ids
            if len(customers) == 1:
                name = self.env._("Statement of %s", customers.display_name)
            elif customers:
                name = self.env._("Statements of %s customers", len(customers))
            else:
                name = self.env._("Statement of Account")
            wizard.display_name = name

    # ------------------------------------------------------------------
    # The period
    # ------------------------------------------------------------------

    @api.depends("period")
    def _compute_dates(self):
        for wizard in self:
            if wizard.period != "custom" or not wizard.date_to:
                wizard.date_from, wizard.date_to = wizard._get_period_dates(wizard.period)

    def _get_period_dates(self, period):
        """Return the first and last day of a named period."""
        today = get_today(self.env)
        month = today.replace(day=1)
        if period == "last_month":
            return month - relativedelta(months=1), month - relativedelta(days=1)
        if period == "this_quarter":
            return month - relativedelta(months=(month.month - 1) % 3), today
        if period == "this_year":
            company = self.company_id or self.env.company
            return company.compute_fiscalyear_dates(today)["date_from"], today
        return month, today

    @api.onchange("date_from", "date_to")
    def _onchange_dates(self):
        """Dates of one's own make it a period of one's own."""
        dates = self.date_from or False, self.date_to
        if self.period != "custom" and dates != self._get_period_dates(self.period):
            self.period = "custom"

    @api.onchange("partner_ids", "presentation", "date_from", "date_to", "include_branches")
    def _onchange_statement(self):
        self.page = 1

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if {"date_from", "date_to"} & vals.keys():
                vals.setdefault("period", "custom")
        return super().create(vals_list)

    @api.model
    def default_get(self, fields):
        """Take the customers that are chosen, by their commercial entities."""
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner":
            partners = self.env["res.partner"].browse(self.env.context.get("active_ids"))
            customers = partners.commercial_partner_id
            values["partner_ids"] = [(6, 0, customers.ids)]
            values["include_branches"] = any(customers.mapped("billing_branch_count"))
            if len(customers) < 2:
                # Whom to leave out was asked about others; here it is not even shown.
                values["only"] = "all"
        return values

    def _remember(self):
        """Begin the user's next statement with these choices."""
        # sudo: the user's own defaults of this screen.
        defaults = self.env["ir.default"].sudo()
        for fname in REMEMBERED:
            value = self[fname]
            # Dates of one's own are of that day.
            if fname != "period" or value != "custom":
                defaults.set(self._name, fname, value, user_id=self.env.uid)

    # ------------------------------------------------------------------
    # On the screen
    # ------------------------------------------------------------------

    @api.depends(
        "partner_ids",
        "presentation",
        "date_from",
        "date_to",
        "include_branches",
        "company_id",
        "page",
    )
    def _compute_preview(self):
        """Render a page of the statement of one customer; of many there is none."""
        for wizard in self:
            wizard.preview, wizard.page_count = False, 0
            if len(wizard.partner_ids) != 1 or not wizard.date_to:
                continue
            if wizard.presentation == "period" and (wizard.date_from or wizard.date_to) > (
                wizard.date_to
            ):
                continue
            statement = wizard._get_shown_statement()
            wizard.page_count = -(-statement.row_count // ROWS_PER_PAGE)
            page = statement.get_page(max(wizard.page, 1), ROWS_PER_PAGE)
            wizard.preview = self.env["ir.qweb"]._render(
                "customer_org.statement_screen", {"statement": page}
            )

    def _get_shown_statement(self):
        self.company_id._check_own_company()
        customer = self.partner_ids._origin.with_context(allowed_company_ids=self.company_id.ids)
        return customer._get_statement(self._get_options())

    def action_next_page(self):
        """Show the next rows."""
        self.page = min(self.page + 1, max(self.page_count, 1))

    def action_previous_page(self):
        """Show the rows before."""
        self.page = max(self.page - 1, 1)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_view(self):
        """Show the statements as they are printed."""
        return self._get_report_action("qweb-html")

    def action_pdf(self):
        """Download the statements as PDF."""
        self._remember()
        return self._get_report_action("qweb-pdf")

    def action_xlsx(self):
        """Download the statements as a workbook."""
        self._get_customers()
        self._remember()
        return {
            "type": "ir.actions.act_url",
            "url": f"/customer_org/statement/xlsx/{self.id}",
            "target": "download",
        }

    @api.private
    def _render_xlsx(self):
        """Return the name and the content of the workbook."""
        # The company of the wizard, whatever others the browser has chosen.
        customers = self._get_customers().with_context(allowed_company_ids=self.company_id.ids)
        report = self.env["report.customer_org.report_statement"]
        options = self._get_options()
        name = customers._get_statement_file_name(options)
        return name, report._render_xlsx(customers, options)

    def action_send(self):
        """Send the statements by e-mail: one with the mail composer, several at once, many by cron.

        :return: the composer, a notification, or the list of what waits to be sent
        :raises UserError: if there is nothing to say, or nobody has an address
        """
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        customers = self._get_customers().with_company(self.company_id)
        self._remember()
        options = {**self._get_options(), "send_empty": self.send_empty}
        if len(customers) > MAX_SENT_AT_ONCE:
            return self._queue(customers, options)
        if not self.send_empty:
            customers = customers.filtered(lambda one: not one._get_statement(options).is_empty)
        if not customers:
            raise UserError(
                self.env._(
                    "Nothing is open, and nothing was billed or paid: there is nothing to send. "
                    "Tick “Also Empty Ones” to send it all the same."
                )
            )
        if len(self.partner_ids) == 1:
            return customers._compose_statement(options)
        return self._send_now(customers, options)

    def action_request_payment(self):
        """Ask these customers to pay what is due, see ``res.partner.action_request_payment``."""
        customers = self._get_customers().with_company(self.company_id)
        return customers.with_context(
            allowed_company_ids=self.company_id.ids
        ).action_request_payment()

    def _queue(self, customers, options):
        """Leave the statements to the cron; return the list of what waits."""
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
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "customer_org.action_customer_statement_mail"
            ),
            "display_name": self.env._("%s statements queued", len(customers)),
        }

    def _send_now(self, customers, options):
        """Hand a few statements to the mail queue, and say of each whether it went."""
        queued, errors = [], []
        for customer in customers:
            try:
                with self.env.cr.savepoint():
                    customer._send_statement(options)
                queued.append(customer.display_name)
            except UserError as error:
                errors.append(str(error))
        if not queued:
            raise UserError("\n".join(errors))
        message = self.env._("Statements queued: %s.", ", ".join(queued))
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
        if not self.date_to:
            raise UserError(self.env._("Choose the last day of the statement."))
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
        customers.check_access("read")
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

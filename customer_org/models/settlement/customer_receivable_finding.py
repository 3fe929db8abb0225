# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .receivables_check import CHECKS

ACTIVITY = "mail.mail_activity_data_warning"
#: In the order in which they are repaired: balances last, which the others make wrong.
REPAIRED = ("match", "leg", "settlement", "balance")


class CustomerReceivableFinding(models.Model):
    """Something wrong in the receivables, as the *Receivables Check* has found it.

    Use: :meth:`_check` looks at the ledger of companies and keeps the findings in step with it:
    what is new is added, what is right again goes. Clean is the normal state.
    """

    _name = "customer.receivable.finding"
    _description = "Receivables Check"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, kind, id"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("balance", "Balance is not the open items"),
            ("match", "Matched across customers"),
            ("leg", "Open or orphaned settlement item"),
            ("settlement", "Settlement and entry differ"),
        ],
        required=True,
        readonly=True,
    )
    # Which one it is: findings are kept, with their activities, while they last.
    key = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade", index=True
    )
    other_partner_id = fields.Many2one(
        "res.partner",
        string="Matched With",
        readonly=True,
        ondelete="cascade",
        help="The customer whose debt the match pays.",
    )
    partial_id = fields.Many2one("account.partial.reconcile", readonly=True, ondelete="set null")
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True, ondelete="set null"
    )
    settlement_id = fields.Many2one("customer.settlement", readonly=True, ondelete="cascade")
    amount = fields.Monetary(
        string="Difference", currency_field="company_currency_id", readonly=True
    )
    date_found = fields.Date(string="Found On", readonly=True, default=fields.Date.context_today)
    # A second activity, after somebody has marked the first as done, would be a nuisance.
    is_reported = fields.Boolean(readonly=True)
    can_repair = fields.Boolean(compute="_compute_can_repair")

    _key_unique = models.Constraint("UNIQUE(key)", "This is among the findings already.")

    @api.depends("kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for finding in self:
            name = finding.settlement_id.display_name or finding.partner_id.display_name
            finding.display_name = f"{name}: {kinds[finding.kind]}" if name else kinds[finding.kind]

    @api.depends("kind", "partner_id", "partial_id", "move_line_id", "settlement_id")
    def _compute_can_repair(self):
        """Whether one settlement or one undo would put it right."""
        crossed = self.search([("kind", "=", "match")])
        customers = crossed.partner_id | crossed.other_partner_id
        for finding in self:
            finding.can_repair = (
                bool(finding.partial_id)
                or bool(finding._get_lines_to_undo())
                or (finding.kind == "balance" and finding.partner_id in customers)
            )

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    @api.model
    @api.private
    def _check(self, companies):
        """Bring the findings of these companies, and of their branches, up to date.

        :return: the findings as they are now
        """
        # sudo: what is wrong is found whoever looks; who sees a finding is a matter of rules.
        model = self.sudo().with_context(mail_create_nolog=True)
        ledgers = companies.sudo().root_id
        ids = ledgers.search([("id", "child_of", ledgers.ids)]).ids
        found = {finding.key: finding for check in CHECKS for finding in check(self.env, ids)}
        former = model.search([("company_id", "in", ids)])
        lasting = former.filtered(lambda finding: finding.key in found)
        (former - lasting).unlink()
        for finding in lasting:
            if finding.company_currency_id.compare_amounts(
                finding.amount, found[finding.key].amount
            ):
                finding.amount = found[finding.key].amount
        new = found.keys() - set(lasting.mapped("key"))
        model.create([model._prepare_finding(found[key]) for key in found if key in new])
        return model.search([("company_id", "in", ids)])

    @api.model
    def _prepare_finding(self, finding):
        names = (
            "kind",
            "key",
            "company_id",
            "amount",
            "partner_id",
            "other_partner_id",
            "partial_id",
            "move_line_id",
            "settlement_id",
        )
        return {name: getattr(finding, name) for name in names}

    @api.model
    def action_check(self):
        """Check the receivables of the companies chosen now, and show what is wrong.

        :raises AccessError: if the user may not read the findings
        """
        self.check_access("read")
        self._check(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_receivable_finding"
        )

    @api.model
    def _cron_check(self):
        """Check all companies, and ask an accountant to look at what is new."""
        for ledger in self.env["res.company"].search([("parent_id", "=", False)]):
            findings = self._check(ledger)
            for finding in findings.filtered(lambda finding: not finding.is_reported):
                finding._report()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _report(self):
        """Raise an activity, once for each finding, where the customer is in a hierarchy.

        Strangers matched with each other are core's affair: the list names them, nobody is asked.
        """
        self.ensure_one()
        self.is_reported = True
        if self.kind == "balance" and not self._is_in_hierarchy():
            return
        self.activity_schedule(
            ACTIVITY,
            summary=self.env._("Receivables Check: %s", self.display_name),
            note=self.env._(
                "Open Accounting > Review > Receivables Check: it says what is wrong, and repairs "
                "what can be repaired by one settlement or one undo."
            ),
            user_id=self._get_reviewer().id,
        )

    def _is_in_hierarchy(self):
        links = self.env["customer.hierarchy.link"]
        return bool(links.search_count([("descendant_id", "=", self.partner_id.id)], limit=1))

    def _get_reviewer(self):
        """Return an invoicing manager of the company, the one there longest."""
        managers = self.env.ref("account.group_account_manager").all_user_ids
        managers = managers.filtered(lambda user: user.active and not user._is_superuser())
        return (
            managers.filtered(lambda user: self.company_id in user.company_ids).sorted("id")[:1]
            or self.env.user
        )

    # ------------------------------------------------------------------
    # Repairing
    # ------------------------------------------------------------------

    def action_repair(self):
        """Settle, or undo, what makes these findings go away; then check again.

        :raises UserError: if one of them needs an accountant's decision
        """
        self.check_access("read")
        partials = self.env["account.partial.reconcile"]
        if not (partials.has_access("create") and partials.has_access("unlink")):
            raise AccessError(self.env._("Only accountants may repair what the check has found."))
        companies = self.company_id
        for kind in REPAIRED:
            # What was repaired before may have been why this was wrong.
            findings = self.exists().filtered(lambda finding, kind=kind: finding.kind == kind)
            for finding in findings:
                finding._repair()
            if findings:
                self.env["customer.receivable.finding"]._check(companies)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _repair(self):
        """Settle or undo; nothing where one of the same kind, repaired just now, did so already."""
        self.ensure_one()
        if self.kind == "balance":
            self._get_crossed_matches()._settle_crossed()
        elif self.kind == "match":
            self._settle_crossed()
        elif lines := self._get_lines_to_undo():
            self.env["account.partial.reconcile"].browse(lines._get_debt_partials().ids).unlink()
        elif not self._get_lines_of_leg():
            raise UserError(
                self.env._(
                    "%s can't be repaired by one settlement or one undo. Open the journal items "
                    "of the customer, and correct what was booked.",
                    self.display_name,
                )
            )

    def _get_crossed_matches(self):
        """Return the matches across customers that make this customer's balance wrong."""
        found = self.search(
            [
                ("kind", "=", "match"),
                "|",
                ("partner_id", "=", self.partner_id.id),
                ("other_partner_id", "=", self.partner_id.id),
            ]
        )
        if not found:
            raise UserError(
                self.env._(
                    "No match within the hierarchy explains the balance of %s. Open its journal "
                    "items, and look for matches with other customers.",
                    self.partner_id.display_name,
                )
            )
        return found

    def _settle_crossed(self):
        """Take these matches apart and settle the same amounts, whatever else is open."""
        if matches := self.partial_id._take_apart_crossing():
            self.env["customer.settlement"]._settle(matches)

    def _get_lines_to_undo(self):
        """Return the lines of the settlement whose undo would free the leg, or the settlement."""
        self.ensure_one()
        # sudo: who may read the finding may know what would repair it.
        lines = self.sudo().settlement_id.line_ids
        if self.kind == "leg":
            lines = self._get_lines_of_leg()
        return lines.filtered("amount") if self.kind in ("leg", "settlement") else lines.browse()

    def _get_lines_of_leg(self):
        """Return the lines that name the leg, undone ones too; none for other kinds."""
        # sudo: as above.
        leg, lines = self.sudo().move_line_id, self.sudo().settlement_id.line_ids
        return lines.filtered(lambda line: leg and leg in (line.payer_leg_id, line.debtor_leg_id))

    def action_open(self):
        """Open what is wrong: the settlement, the journal items matched, or the customer's."""
        self.ensure_one()
        if self.settlement_id:
            return self.settlement_id._get_records_action()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_account_moves_all")
        if self.partial_id:
            items = self.partial_id.debit_move_id | self.partial_id.credit_move_id
            return {**action, "domain": [("id", "in", items.ids)], "context": {}}
        domain = [
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
        ]
        return {**action, "domain": domain, "context": {}}

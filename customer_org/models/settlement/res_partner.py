# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..cron_batch import try_together
from ..receivable import DEBT, USABLE_CREDIT

#: How many hierarchies are settled in one transaction: their items stay locked until its end.
BATCH_SIZE = 100


class ResPartner(models.Model):
    """Head offices whose open credits pay the oldest invoices below by themselves."""

    _inherit = "res.partner"

    billing_auto_settle = fields.Boolean(
        string="Settle Automatically",
        copy=False,
        tracking=True,
        help="Every day the open credits of this customer pay its own invoices and those of the "
        "customers billed below it, the oldest due first.",
    )

    @api.model
    def _get_guarded_fields(self):
        guards = super()._get_guarded_fields()
        guards["billing_auto_settle"] = self._get_hierarchy_guard(False)
        return guards

    @api.model
    def _cron_auto_settle(self):
        """Settle every hierarchy that wants it: many in a transaction, broken ones reported."""
        # Where somebody uses the same items right now: start again with what is left.
        again = self.env.ref("customer_org.cron_auto_settle")._trigger
        try_together(
            self.env,
            self._get_auto_settle_batches(),
            lambda payers: payers._auto_settle(),
            lambda payer, error: payer._report_failed_auto_settle(error),
            again,
        )

    @api.model
    def _get_auto_settle_batches(self):
        """Return who settles automatically in batches: of one company, one of each hierarchy.

        What one customer of a hierarchy settles decides what is left for the next.
        """
        turns, batches = Counter(), defaultdict(self.browse)
        for payer, company in self._get_auto_settle_candidates():
            hierarchy = (company, payer.billing_root_id)
            batches[company, turns[hierarchy]] += payer
            turns[hierarchy] += 1
        return [
            payers[start : start + BATCH_SIZE]
            .with_company(company)
            .with_context(allowed_company_ids=company.ids)
            for (company, _turn), payers in batches.items()
            for start in range(0, len(payers), BATCH_SIZE)
        ]

    @api.model
    def _get_auto_settle_candidates(self):
        """Return ``(payer, company)`` of open credits of customers that settle automatically."""
        groups = self.env["account.move.line"]._read_group(
            [
                ("partner_id.commercial_partner_id.billing_auto_settle", "=", True),
                *USABLE_CREDIT,
            ],
            ["partner_id", "company_id"],
        )
        # A dictionary: several contacts of one customer, in the order of the groups.
        return list({(partner.commercial_partner_id, company): True for partner, company in groups})

    @api.model
    def _get_auto_settle_debts(self):
        """Return the domain of the items that automatic settlement may pay."""
        return DEBT

    def _auto_settle(self):
        """Use the open credits of these customers for the oldest due invoices, in this company.

        What open credits below cover, of the debts' own customers or of those between, is left
        to them: whoever sent them meant those.

        :return: the ``account.move.line`` that were matched
        """
        items = self.env["account.move.line"]
        if len(self.billing_root_id) < len(self):
            # What one of a hierarchy settles decides what is left for the next.
            return items.union(*(payer._auto_settle() for payer in self))
        of_payers = self._find_auto_settle_items().grouped(
            lambda line: line.partner_id.commercial_partner_id.billing_root_id
        )
        by_payer = []
        for payer in self:
            of_payer = of_payers.get(payer.billing_root_id, items)
            if parts := payer._split_auto_settle_items(of_payer):
                by_payer.append(parts)
        if not by_payer:
            return items
        found = items.union(*(part for parts in by_payer for part in parts))
        found._lock_open_items()
        ancestors = found._get_settling_ancestors()
        matches = []
        for debts, credits, nearer in by_payer:
            matches += debts._plan_auto_settlement(credits, nearer, ancestors)
        return self.env["customer.settlement"]._settle(matches) if matches else items

    def _find_auto_settle_items(self):
        """Return the open items at and below these customers that may pay or be paid."""
        customer_ids = self.env["customer.hierarchy.link"]._get_customers_below(self.ids)
        # Here, and not by the search: what is tracked keeps the context in which it is worked out.
        self.env["account.payment"].flush_model(["state"])
        found = (
            self.env["account.move.line"]
            .with_context(active_test=False)
            .search(
                (USABLE_CREDIT | self._get_auto_settle_debts())
                & Domain("company_id", "=", self.env.company.id)
                & Domain("partner_id.commercial_partner_id", "in", customer_ids)
            )
        )
        # Core puts the domain into the context of what it finds: settle without it.
        found = found.with_env(self.env)
        # Read at once: from here on each hierarchy's items are looked at by themselves.
        found.move_id.mapped("company_id")
        return found

    def _split_auto_settle_items(self, items):
        """Return debts, this customer's credits, credits below; None if there is nothing to do."""
        debts = items.filtered(lambda line: line.balance > 0)
        credits = items - debts
        own = credits.filtered(lambda line: line.partner_id.commercial_partner_id == self)
        return (debts, own, credits - own) if debts and own else None

    def _report_failed_auto_settle(self, error):
        """Say in the chatter what went wrong, once, and ask somebody to look at it."""
        self.ensure_one()
        activity_type = "mail.mail_activity_data_warning"
        if self.activity_search([activity_type], user_id=self._get_auto_settle_user().id):
            return
        note = self.env._(
            "The open credits of %(customer)s could not be settled automatically in %(company)s: "
            "%(error)s Settle them by hand, or correct what is wrong: it is tried again tomorrow.",
            customer=self.display_name,
            company=self.env.company.display_name,
            error=error,
        )
        self.message_post(body=note)
        self.activity_schedule(
            activity_type,
            summary=self.env._("Automatic settlement failed"),
            note=note,
            user_id=self._get_auto_settle_user().id,
        )

    def _get_auto_settle_user(self):
        """Return who looks at a failure: the customer's salesperson, else an invoicing manager."""
        if self.user_id.active and self.user_id.has_group("account.group_account_invoice"):
            return self.user_id
        managers = self.env.ref("account.group_account_manager").all_user_ids
        managers = managers.filtered(lambda user: user.active and not user._is_superuser())
        return (
            managers.filtered(lambda user: self.env.company in user.company_ids)[:1]
            or managers[:1]
            or self.env.user
        )

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain

from ..cron_batch import try_each
from ..receivable import DEBT, USABLE_CREDIT


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
        """Settle every hierarchy that wants it: one transaction each, the broken ones reported."""
        payers = [
            payer.with_company(company).with_context(allowed_company_ids=company.ids)
            for payer, company in self._get_auto_settle_candidates()
        ]
        # Where somebody uses the same items right now: start again with what is left.
        again = self.env.ref("customer_org.cron_auto_settle")._trigger
        try_each(
            self.env,
            payers,
            lambda payer: payer._auto_settle(),
            lambda payer, error: payer._report_failed_auto_settle(error),
            again,
        )

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
        """Use the open credits of this customer for the oldest due invoices, in this company.

        What open credits below cover, of the debts' own customers or of those between, is left
        to them: whoever sent them meant those.

        :return: the ``account.move.line`` that were matched
        """
        self.ensure_one()
        items = self.env["account.move.line"]
        own = Domain("partner_id.commercial_partner_id", "=", self.id)
        below = Domain(
            "partner_id.commercial_partner_id.billing_ancestor_link_ids.ancestor_id", "=", self.id
        )
        # Here, and not by the search: what is tracked keeps the context in which it is worked out.
        self.env["account.payment"].flush_model(["state"])
        found = items.with_context(active_test=False).search(
            (USABLE_CREDIT | self._get_auto_settle_debts())
            & Domain("company_id", "=", self.env.company.id)
            & (own | below)
        )
        # Core puts the domain into the context of what it finds: settle without it.
        found = found.with_env(self.env)
        debts = found.filtered(lambda line: line.balance > 0)
        credits = (found - debts).filtered(
            lambda line: line.partner_id.commercial_partner_id == self
        )
        if not debts or not credits:
            return items
        found._lock_open_items()
        covered = debts._get_covered_amounts(found - debts - credits)
        limits = {
            debt: abs(debt.amount_residual_currency) - amount for debt, amount in covered.items()
        }
        debts = debts.filtered(
            lambda debt: debt not in limits or not debt.currency_id.is_zero(limits[debt])
        )
        matches = (debts | credits)._plan_limited_settlement(limits)
        return self.env["customer.settlement"]._settle(matches) if matches else items

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

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..receivable import USABLE_CREDIT
from ..settlement.allocation import allocate_in_order
from .document_numbers import get_key, is_named


class CustomerRemittance(models.Model):
    """Which money pays: the credits that may be used, those that are proposed, how much of each."""

    _inherit = "customer.remittance"

    credit_domain = fields.Binary(compute="_compute_credit_domain")
    amount_credit = fields.Monetary(
        string="Chosen Credit",
        compute="_compute_amount_credit",
        help="What is open on the chosen credits of the remittance's currency.",
    )
    amount_to_settle = fields.Monetary(
        compute="_compute_amount_to_settle",
        help="The sum of the lines that are not left out: what the money has to pay.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_credit_domain(self):
        for remittance in self:
            remittance.credit_domain = remittance._get_credit_domain()

    @api.depends("credit_line_ids", "currency_id")
    def _compute_amount_credit(self):
        # Not on what is open of the credits: each match of anybody would look for remittances.
        for remittance in self:
            credits = remittance.credit_line_ids.filtered(
                lambda line, remittance=remittance: line.currency_id == remittance.currency_id
            )
            remittance.amount_credit = -sum(credits.mapped("amount_residual_currency"))

    @api.depends("line_ids.amount", "line_ids.left_out")
    def _compute_amount_to_settle(self):
        for remittance in self:
            lines = remittance.line_ids.filtered(lambda line: not line.left_out)
            remittance.amount_to_settle = sum(lines.mapped("amount"))

    def _get_credit_domain(self, ancestors=True):
        """Return the domain of open credits of the payer, and of those above it."""
        self.ensure_one()
        payer = self.partner_id.commercial_partner_id
        owners = payer.ids
        if ancestors and payer:
            owners = (
                self.env["customer.hierarchy.link"]._get_ancestors(owners).get(payer.id, owners)
            )
        return [
            ("partner_id.commercial_partner_id", "in", owners),
            ("company_id", "=", self.company_id.id),
            # What the list itself names is used as the list says.
            ("move_id", "not in", self.line_ids.move_id.ids),
            *USABLE_CREDIT,
        ]

    def _propose_credits(self):
        """Choose the payer's credits if none is chosen: by reference, else by the exact sum."""
        self.ensure_one()
        if self.credit_line_ids or self.currency_id.compare_amounts(self.amount_to_settle, 0) <= 0:
            return
        credits = (
            self.env["account.move.line"]
            .with_context(active_test=False)
            .search(self._get_credit_domain(ancestors=False), order="date, id")
            .with_env(self.env)
        )
        proposed = credits.filtered(self._has_reference) or self._find_exact_credit(credits)
        if proposed:
            self.credit_line_ids = proposed

    def _has_reference(self, credit):
        """Whether a credit names this remittance: our number or reference, or the payer's."""
        texts = (credit.name, credit.ref, credit.move_id.ref, credit.move_id.payment_reference)
        texts += (credit.payment_id.memo, credit.payment_id.payment_reference)
        # Banks put text right behind ours, whose check digits keep it from being any other's.
        ours = get_key(self.communication)
        if ours and any(ours in get_key(text) for text in texts):
            return True
        # A number of a digit or two is in many texts.
        references = [ref for ref in (self.ref, self.name) if len(get_key(ref)) > 3]
        return any(is_named(ref, text) for ref in references for text in texts)

    def _find_exact_credit(self, credits):
        """Return the first credit of which just the total, or just what is settled, is open."""
        for amount in (self.amount_announced, self.amount_total, self.amount_to_settle):
            for credit in credits if amount else []:
                if credit.currency_id == self.currency_id and not self.currency_id.compare_amounts(
                    -credit.amount_residual_currency, amount
                ):
                    return credit
        return credits.browse()

    def _get_credit_problems(self):
        """Return why the chosen credits can't pay, as sentences."""
        self.ensure_one()
        needed = self.amount_to_settle
        compare = self.currency_id.compare_amounts
        if compare(needed, 0.0) < 0:
            return [
                self.env._(
                    "The credit notes exceed the invoices by %s: there is nothing to pay. Leave "
                    "some of them out.",
                    self.currency_id.format(-needed),
                )
            ]
        unusable = self.credit_line_ids - self.credit_line_ids.filtered_domain(
            self._get_credit_domain()
        )
        if unusable:
            return [
                self.env._(
                    "%(credit)s can't pay: it is used up, blocked, or not a credit of %(payer)s or "
                    "of a customer above it. Choose another one.",
                    credit=unusable[0].move_id.display_name,
                    payer=self.partner_id.display_name,
                )
            ]
        self.invalidate_recordset(["amount_credit"], flush=False)
        # What credits in other currencies pay is worked out when they are used.
        is_same = self.credit_line_ids.currency_id <= self.currency_id
        if is_same and compare(self.amount_credit, needed) < 0:
            return [
                self.env._(
                    "The chosen credit is %(credit)s, but %(needed)s are to be paid: "
                    "%(difference)s are missing. Choose another credit, or leave lines out.",
                    credit=self.currency_id.format(self.amount_credit),
                    needed=self.currency_id.format(needed),
                    difference=self.currency_id.format(needed - self.amount_credit),
                )
            ]
        return []

    def _get_credit_limits(self):
        """Return ``{credit: the most that is used of it}``, the oldest first.

        Without limits a credit note of the list could be left over, because the money has paid
        what it should.
        """
        credits = self.credit_line_ids.filtered(lambda line: line.currency_id == self.currency_id)
        credits = credits.sorted(lambda line: (line.date, line.id))
        if credits != self.credit_line_ids:
            return {}
        amounts = [-amount for amount in credits.mapped("amount_residual_currency")]
        parts = allocate_in_order(self.amount_to_settle, amounts, self.currency_id.rounding)
        return dict(zip(credits, parts, strict=True))

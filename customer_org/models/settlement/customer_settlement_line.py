# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .settlement_plan import Match, OpenItem


class CustomerSettlementLine(models.Model):
    """One match: what one credit of the payer pays of one debt of another customer.

    The legs lie between the two. Several lines share legs where design allows sums: see
    :mod:`.settlement_entry`. What the match took is kept when it is undone, and when its
    documents are deleted.
    """

    _name = "customer.settlement.line"
    _description = "Customer Settlement Line"
    _rec_name = "settlement_id"
    _order = "settlement_id desc, id"

    settlement_id = fields.Many2one(
        "customer.settlement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True, precompute=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(related="settlement_id.date")
    state = fields.Selection(related="settlement_id.state")
    payer_id = fields.Many2one(
        related="settlement_id.payer_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Paid For",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The customer whose debt is paid.",
    )
    # Bank lines and drafts take their items with them: what was settled stays.
    credit_line_id = fields.Many2one(
        "account.move.line", string="Credit", readonly=True, index=True, ondelete="set null"
    )
    debt_line_id = fields.Many2one(
        "account.move.line", string="Debt", readonly=True, index=True, ondelete="set null"
    )
    credit_move_id = fields.Many2one(related="credit_line_id.move_id", string="Paid From")
    debt_move_id = fields.Many2one(related="debt_line_id.move_id", string="Document")
    credit_name = fields.Char(
        string="Paid From Number",
        readonly=True,
        help="Number of the document whose credit is used.",
    )
    debt_name = fields.Char(
        string="Document Number", readonly=True, help="Number of the document that is paid."
    )
    payer_leg_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    debtor_leg_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    amount = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="What is still settled, in the company's currency.",
    )
    amount_settled = fields.Monetary(
        string="Settled at First",
        readonly=True,
        currency_field="company_currency_id",
        help="What was settled at first, also where it was undone; in the company's currency.",
    )
    is_undone = fields.Boolean(string="Undone", readonly=True)
    date_matched = fields.Date(
        string="Date of Match",
        readonly=True,
        help="The later of both documents' dates when they were matched. The settlement itself is "
        "later where that day was locked.",
    )
    # What the two items lost, exchange differences included.
    credit_currency_id = fields.Many2one("res.currency", readonly=True)
    credit_amount = fields.Monetary(currency_field="company_currency_id", readonly=True)
    credit_amount_currency = fields.Monetary(currency_field="credit_currency_id", readonly=True)
    debt_currency_id = fields.Many2one("res.currency", readonly=True)
    debt_amount = fields.Monetary(currency_field="company_currency_id", readonly=True)
    debt_amount_currency = fields.Monetary(
        string="Amount in Currency", currency_field="debt_currency_id", readonly=True
    )

    @api.model
    def _prepare_line(self, match, payer_leg, debtor_leg):
        """Return the values of the line of ``match``, whose legs are posted."""
        debt, credit = match.debt.line, match.credit.line
        return {
            "partner_id": match.debt.customer_id,
            "credit_line_id": credit.id,
            "credit_name": credit.move_id.name,
            "credit_currency_id": credit.currency_id.id,
            "credit_amount": match.credit_used[0],
            "credit_amount_currency": match.credit_used[1],
            "debt_line_id": debt.id,
            "debt_name": debt.move_id.name,
            "debt_currency_id": debt.currency_id.id,
            "debt_amount": match.debt_paid[0],
            "debt_amount_currency": match.debt_paid[1],
            "payer_leg_id": payer_leg.id,
            "debtor_leg_id": debtor_leg.id,
            "amount": match.amount,
            "amount_settled": match.amount,
            "date_matched": match.date,
        }

    # ------------------------------------------------------------------
    # Lines and core's partials
    # ------------------------------------------------------------------

    @api.private
    def _search_by_partials(self, partials):
        """Return the lines whose legs ``partials`` match, undone ones too."""
        ids = (partials.debit_move_id | partials.credit_move_id).ids
        # sudo: undoing a match undoes its settlement, whoever may undo the match.
        return self.sudo().search(["|", ("debtor_leg_id", "in", ids), ("payer_leg_id", "in", ids)])

    def _filter_carried_by(self, partials):
        """Filter the lines in force that end with ``partials``: a match of one of their legs."""
        pairs = {(partial.debit_move_id, partial.credit_move_id) for partial in partials}
        return self.filtered(
            lambda line: (
                not line.is_undone
                and (
                    (line.debt_line_id, line.debtor_leg_id) in pairs
                    or (line.payer_leg_id, line.credit_line_id) in pairs
                )
            )
        )

    def _get_partials(self):
        """Return the matches of the legs with the documents, on both sides."""
        pairs = set()
        for line in self:
            pairs.add((line.debt_line_id, line.debtor_leg_id))
            pairs.add((line.payer_leg_id, line.credit_line_id))
        legs = self.debtor_leg_id.matched_debit_ids | self.payer_leg_id.matched_credit_ids
        return legs.filtered(
            lambda partial: (partial.debit_move_id, partial.credit_move_id) in pairs
        )

    def _get_debt_partials(self):
        """Return the matches of the debtors' legs with the debts they pay."""
        pairs = {(line.debt_line_id, line.debtor_leg_id) for line in self if not line.is_undone}
        return self.debtor_leg_id.matched_debit_ids.filtered(
            lambda partial: (partial.debit_move_id, partial.credit_move_id) in pairs
        )

    # ------------------------------------------------------------------
    # Documents that change
    # ------------------------------------------------------------------

    def _is_stale(self):
        """Whether an item has another customer or date than when it was settled.

        Drafts may become what they were again: they are looked at when they are posted.
        """
        self.ensure_one()
        debt, credit = self.debt_line_id, self.credit_line_id
        if self.is_undone or {debt.parent_state, credit.parent_state} != {"posted"}:
            return False
        customers = self._get_customers()
        return (
            customers != self._get_customers_of_legs()
            or len(set(customers)) == 1
            or self._is_re_dated()
        )

    def _is_re_dated(self):
        """Whether only the date, or the hierarchy's shape, is other than when it was settled."""
        self.ensure_one()
        customers = self._get_customers()
        if customers != self._get_customers_of_legs():
            return False
        date = max(self.debt_line_id.date, self.credit_line_id.date)
        return date != self.date_matched or len(set(customers)) == 1

    def _follow_customers(self):
        """Be about the customers whose items and legs these are now, in force alone.

        Who becomes another customer's contact takes its items, and the legs between, along.
        """
        for line in self.filtered(lambda line: not line.is_undone):
            debtor, payer = line._get_customers_of_legs()
            if line.partner_id != debtor:
                line.partner_id = debtor
            if line.payer_id != payer:
                line.settlement_id.payer_id = payer

    def _get_customers(self):
        items = (self.debt_line_id, self.credit_line_id)
        return [item.partner_id.commercial_partner_id for item in items]

    def _get_customers_of_legs(self):
        legs = (self.debtor_leg_id, self.payer_leg_id)
        return [leg.partner_id.commercial_partner_id for leg in legs]

    def _get_original_match(self):
        """Return the match as it was made, to be made again."""
        self.ensure_one()
        debt, credit = self.debt_line_id, self.credit_line_id
        amount = min(self.debt_amount, self.credit_amount)
        return Match(
            OpenItem(debt, debt.partner_id.commercial_partner_id.id),
            OpenItem(credit, credit.partner_id.commercial_partner_id.id),
            partial=(
                amount,
                self.debt_amount_currency
                if self.debt_currency_id != self.company_currency_id
                else amount,
                self.credit_amount_currency
                if self.credit_currency_id != self.company_currency_id
                else amount,
            ),
            debt_paid=(self.debt_amount, self.debt_amount_currency),
            credit_used=(self.credit_amount, self.credit_amount_currency),
        )

    # ------------------------------------------------------------------
    # Documents that show it
    # ------------------------------------------------------------------

    def _prepare_payment_values(self):
        """Values of core's payments widget that tell of the original document."""
        self.ensure_one()
        credit = self.credit_line_id
        payment = credit.payment_id
        move = credit.move_id
        return {
            # The customer, and not the contact of it in whose name the money came.
            "settlement_label": self.env._("by %s", self.payer_id.display_name),
            "settlement_payer_id": self.payer_id.id,
            "name": credit.name,
            "date": credit.date,
            "journal_name": credit.journal_id.name,
            "account_payment_id": payment.id,
            "payment_method_name": payment.payment_method_line_id.name,
            "move_id": move.id,
            "ref": f"{move.name} ({move.ref})" if move.ref else move.name,
        }

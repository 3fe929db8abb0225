# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .customer_remittance import CHANGE
from .document_numbers import get_key

_RELEVANT = {
    "payment_ref",
    "ref",
    "narration",
    "transaction_details",
    "amount",
    "amount_currency",
    "foreign_currency_id",
    "partner_id",
}


class AccountBankStatementLine(models.Model):
    """A bank line that names a remittance settles it, or waits with the reason why not.

    How it works: a line whose texts hold a reference of ours becomes a credit of the payer, and the
    remittance is settled with it. Lines without such a text cost no query.
    """

    _name = "account.bank.statement.line"
    _inherit = ["account.bank.statement.line", "customer.guarded.fields"]

    remittance_id = fields.Many2one(
        "customer.remittance",
        readonly=True,
        code_only=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The remittance that the texts of this line name.",
    )
    remittance_problem = fields.Char(
        readonly=True,
        code_only=True,
        copy=False,
        help="Why the remittance was not settled by this line.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Settle the remittance that a new line names, whatever way the line came in."""
        lines = super().create(vals_list)
        lines._settle_remittances()
        return lines

    def write(self, vals):
        """Try again after a correction: the line may name or fit its remittance only now."""
        result = super().write(vals)
        is_own = self.env.context.get("customer_remittance_change") is CHANGE
        if _RELEVANT & vals.keys() and not is_own:
            self._settle_remittances()
        return result

    # ------------------------------------------------------------------
    # Which remittance
    # ------------------------------------------------------------------

    def _get_remittance_keys(self):
        """Return what in the texts of this line may be a reference of ours, in capitals.

        ``RF`` and two check digits, with up to 21 letters and digits behind; banks put blanks
        between them, or other text right behind.
        """
        self.ensure_one()
        details = self.transaction_details
        texts = [self.payment_ref, self.ref, self.narration, self.partner_name]
        texts.append(json.dumps(details) if details else "")
        keys = set()
        for text in texts:
            key = get_key(re.sub(r"<[^>]*>", " ", text)) if text else ""
            for found in re.finditer(r"(?=(rf\d\d[a-z0-9]{1,21}))", key):
                keys |= {found[1][:end].upper() for end in range(5, len(found[1]) + 1)}
        return keys

    @api.private
    def _settle_remittances(self):
        """Settle what these lines name; what can't be is queued with the reason."""
        for line in self:
            keys = line._get_remittance_keys() if line.amount > 0 else ()
            if not keys or line.is_reconciled or line.state != "posted":
                continue
            # sudo: what a bank line pays is not the importing user's choice; only the remittance
            # that it names is settled, by its own lines and for its own payer.
            line = line.sudo().with_company(line.company_id)
            remittances = line.env["customer.remittance"].search(
                [("communication", "in", list(keys)), ("company_id", "=", line.company_id.id)]
            )
            if remittances:
                line._settle_remittance(remittances)

    def _settle_remittance(self, remittances):
        problem = self._get_remittance_problem(remittances)
        if not problem:
            try:
                with self.env.cr.savepoint():
                    self._pay_remittance(remittances)
            except UserError as error:
                problem = str(error)
        if problem:
            self._queue_for_person(remittances, problem)

    # ------------------------------------------------------------------
    # Whether it fits
    # ------------------------------------------------------------------

    def _get_remittance_problem(self, remittances):
        """Return why this line can't settle what it names, as a sentence; empty if it can."""
        if len(remittances) > 1:
            names = ", ".join(remittances.mapped("name"))
            return self.env._("The bank line names several remittances: %s.", names)
        remittance = remittances
        state = dict(remittance._fields["state"]._description_selection(self.env))
        if remittance.state != "waiting":
            return self.env._(
                "The bank line names %(remittance)s, which is %(state)s.",
                remittance=remittance.name,
                state=state[remittance.state].lower(),
            )
        if (self.foreign_currency_id or self.currency_id) != remittance.currency_id:
            return self.env._("The bank line is in another currency than the remittance.")
        if not self._is_of_payer(remittance):
            return self.env._(
                "The bank line is of %(customer)s, but %(payer)s was to pay.",
                customer=self.partner_id.display_name,
                payer=remittance.partner_id.display_name,
            )
        return self._get_shortfall(remittance)

    def _is_of_payer(self, remittance):
        """Whether the line's customer is the payer, somebody below it, or nobody."""
        customer, payer = self.partner_id.commercial_partner_id, remittance.partner_id
        path = self.env["customer.hierarchy.link"]._get_ancestors(customer.ids)
        return not customer or customer == payer or payer.id in path.get(customer.id, [])

    def _get_shortfall(self, remittance):
        """Return what is missing, and whether an earlier transfer completes the sum."""
        currency = remittance.currency_id
        amount = self._get_paid_amount()
        needed = remittance._get_transfer_amount()
        missing = currency.round(needed - amount)
        if currency.compare_amounts(missing, 0.0) <= 0:
            return ""
        earlier = remittance.statement_line_ids.filtered(lambda line: not line.is_reconciled) - self
        together = amount + sum(line._get_paid_amount() for line in earlier)
        if earlier and currency.compare_amounts(together, needed) >= 0:
            return self.env._(
                "The bank line is %(missing)s short of %(remittance)s, but together with %(lines)s "
                "both fit. Match both with the payer and settle the remittance.",
                missing=currency.format(missing),
                remittance=remittance.name,
                lines=", ".join(earlier.mapped("display_name")),
            )
        return self.env._(
            "The bank line is %(missing)s short of %(remittance)s.",
            missing=currency.format(missing),
            remittance=remittance.name,
        )

    def _get_paid_amount(self):
        return self.amount_currency if self.foreign_currency_id else self.amount

    # ------------------------------------------------------------------
    # What is done
    # ------------------------------------------------------------------

    def _pay_remittance(self, remittance):
        """Make the line a credit of the payer, and settle the remittance with it.

        :raises UserError: if something else was booked on the line, or the remittance can't be
            settled
        """
        credit = self._book_on_payer(remittance.partner_id)
        remittance.credit_line_ids = credit
        remittance.action_settle()
        self.write({"remittance_id": remittance.id, "remittance_problem": False})
        remittance.message_post(
            body=self.env._("Settled by the bank line %s.", self.payment_ref or self.display_name)
        )

    def _book_on_payer(self, payer):
        """Book the line on the payer's receivable account; return that journal item."""
        _liquidity, suspense, other = self._seek_for_lines()
        if len(suspense) != 1 or other:
            raise UserError(self.env._("Something else was booked on the bank line already."))
        if self.partner_id != payer:
            self.with_context(customer_remittance_change=CHANGE).partner_id = payer
            _liquidity, suspense, other = self._seek_for_lines()
        suspense.write(
            {
                "account_id": payer.with_company(self.company_id).property_account_receivable_id.id,
                "partner_id": payer.id,
            }
        )
        return suspense

    def _queue_for_person(self, remittances, problem):
        """Keep the reason with the line, and tell an accountant once."""
        if self.remittance_problem == problem:
            return
        remittances = remittances.sorted("id")
        self.write({"remittance_id": remittances[0].id, "remittance_problem": problem})
        for remittance in remittances:
            remittance._ask_person(problem)

    # ------------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------------

    @api.model
    def _cron_settle_remittances(self):
        """Try again what named a remittance before that one waited, and what has changed since."""
        waiting = self.env["customer.remittance"].search(
            [("state", "=", "waiting"), ("communication", "!=", False)]
        )
        if not waiting:
            return
        self.browse(self._find_naming(waiting)).exists()._settle_remittances()

    @api.model
    def _find_naming(self, remittances):
        """Return the ids of open bank lines that name one of these: one statement."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.is_reconciled IS NOT TRUE
                   AND line.amount > 0
                   AND line.company_id = ANY(%s)
                   AND regexp_replace(
                           lower(concat_ws(' ', line.payment_ref, move.ref, move.narration,
                                           line.partner_name, line.transaction_details)),
                           '[^a-z0-9]', '', 'g'
                       ) LIKE ANY(%s)
              ORDER BY line.id
                """,
                remittances.company_id.ids,
                [f"%{reference.lower()}%" for reference in remittances.mapped("communication")],
            )
        )
        return [line_id for (line_id,) in rows]

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from .settlement_plan import Match, OpenItem, get_residuals


class AccountMoveLine(models.Model):
    """The one place that looks again at items that changed while they were matched.

    Called for items that were posted, got another customer or date, or whose customers were
    merged or joined a hierarchy. A match of core's own that joins two customers of one hierarchy
    becomes a settlement of the same amounts. A settlement whose item is another customer's now is
    taken back; one whose documents have other dates is booked anew on the date that follows from
    them; one inside one customer becomes core's own match. All by the user who made the change,
    who needs the right to reconcile.
    """

    _inherit = "account.move.line"

    @api.private
    def _look_again_at_matches(self):
        """Settle, take back or book anew what has become of the matches of these items."""
        items = self.filtered(
            lambda line: line.matching_number and line.account_type == "asset_receivable"
        )
        if not items:
            return
        partials = items.matched_debit_ids | items.matched_credit_ids
        matches = items._take_back_stale_settlements(partials)
        matches += partials.exists()._take_apart_crossing()
        if matches:
            self.env["customer.settlement"]._settle(matches)

    def _take_back_stale_settlements(self, partials):
        """Undo the settlements that no longer hold; return the matches to be made instead."""
        # Nothing to ask for most: their documents never took part in a settlement.
        # sudo: who changes an item needs no access to settlements.
        entries = (partials.debit_move_id | partials.credit_move_id).move_id
        if not any(entry.sudo().customer_settlement_id for entry in entries):
            return []
        lines = self.env["customer.settlement.line"]._search_by_partials(partials)
        stale = lines.filtered(lambda line: line._is_stale())
        (lines - stale)._follow_customers()
        matches = [
            line._get_original_match() for line in stale.filtered(lambda line: line._is_re_dated())
        ]
        if stale:
            self.env["account.partial.reconcile"].browse(stale._get_debt_partials().ids).unlink()
        return [match for match in matches if match]


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def _take_apart_crossing(self, posting=None):
        """Remove the matches that join two customers of one hierarchy.

        :param posting: documents that are about to be posted, treated as posted
        :return: list of :class:`.settlement_plan.Match` of the same amounts, to be settled
        """
        matches = []
        for partial in self._filter_crossing(posting or self.env["account.move"]):
            debit, credit = partial.debit_move_id, partial.credit_move_id
            amounts = (
                partial.amount,
                partial.debit_amount_currency,
                partial.credit_amount_currency,
            )
            before = get_residuals(debit), get_residuals(credit)
            partial.unlink()
            matches.append(self._get_match_of(debit, credit, amounts, before))
        return matches

    def _filter_crossing(self, posting):
        """Filter those of posted receivable items of two customers of one hierarchy."""
        partials = self.filtered(
            lambda partial: partial._joins_posted_customers(
                partial.debit_move_id, partial.credit_move_id, posting
            )
        )
        if not partials:
            return partials
        items = partials.debit_move_id | partials.credit_move_id
        customers = items.partner_id.commercial_partner_id
        ancestors = self.env["customer.hierarchy.link"]._get_ancestors(customers.ids)
        roots = {customer_id: path[-1] for customer_id, path in ancestors.items()}

        def get_root(line):
            return roots.get(line.partner_id.commercial_partner_id.id)

        return partials.filtered(
            lambda partial: (
                get_root(partial.debit_move_id)
                and get_root(partial.debit_move_id) == get_root(partial.credit_move_id)
            )
        )

    @staticmethod
    def _joins_posted_customers(debit, credit, posting):
        # sudo: only to leave out the legs of settlements, whoever matches.
        return (
            debit.partner_id
            and credit.partner_id
            and debit.partner_id.commercial_partner_id != credit.partner_id.commercial_partner_id
            and debit.account_type == "asset_receivable"
            and all(
                line.parent_state == "posted" or line.move_id in posting for line in (debit, credit)
            )
            and not (debit.move_id | credit.move_id).sudo().customer_settlement_id
            # An exchange difference goes with the match that it is of.
            and not (debit.move_id | credit.move_id).sudo().exchange_diff_partial_ids
        )

    @staticmethod
    def _get_match_of(debit, credit, amounts, before):
        """Return the match that a removed partial was, with what its items lost by it."""
        debt = OpenItem(debit, debit.partner_id.commercial_partner_id.id)
        payer = OpenItem(credit, credit.partner_id.commercial_partner_id.id)
        # What the item has gained by the removal, it had lost.
        debt_paid = [-amount for amount in debt.get_change(before[0])]
        credit_used = payer.get_change(before[1])
        return Match(debt, payer, amounts, tuple(debt_paid), tuple(credit_used))


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Settle what was matched between customers while one of the documents was a draft.

        Before posting, so that core's drafts of exchange differences and cash-basis taxes go
        without a trace.
        """
        matched = self.line_ids.filtered("matching_number")
        if not matched:
            return super()._post(soft=soft)
        today = fields.Date.context_today(self)
        posting = self.filtered(lambda move: not soft or move.date <= today)
        partials = matched.matched_debit_ids | matched.matched_credit_ids
        matches = partials._take_apart_crossing(posting)
        posted = super()._post(soft=soft)
        if matches:
            self.env["customer.settlement"]._settle(matches)
        (matched & posted.line_ids)._look_again_at_matches()
        return posted

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"partner_id", "date", "invoice_date"}:
            posted = self.filtered(lambda move: move.state == "posted")
            posted.line_ids._look_again_at_matches()
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("billing_parent_id"):
            self._look_again_at_items()
        return result

    def _look_again_at_items(self):
        """Settle what is matched across the hierarchy that these customers have joined.

        After a merge too: what one of the merged customers paid for another is its own match now.
        """
        # sudo: who may move or merge customers may not leave their ledgers wrong; nothing is
        # matched that was not matched before.
        items = self.env["account.move.line"].sudo().browse(self._find_crossing_items())
        lines = self.env["customer.settlement.line"].sudo()
        own = lines.search(
            [
                ("payer_id", "in", self.ids),
                ("partner_id", "in", self.ids),
                ("is_undone", "=", False),
            ]
        )
        own = own.filtered(lambda line: line.payer_id == line.partner_id)
        (items | own.debt_line_id)._look_again_at_matches()

    def _find_crossing_items(self):
        """Return ids of items at or below these customers matched with others of the hierarchy."""
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        self.env["res.partner"].flush_model()
        sides = [
            SQL(
                """
                SELECT item.id
                  FROM customer_hierarchy_link below
                  JOIN res_partner customer ON customer.id = below.descendant_id
                  JOIN res_partner contact ON contact.commercial_partner_id = customer.id
                  JOIN account_move_line item ON item.partner_id = contact.id
                  JOIN account_partial_reconcile partial ON partial.%(side)s = item.id
                  JOIN account_move_line other_item ON other_item.id = partial.%(other)s
                  JOIN res_partner other_contact ON other_contact.id = other_item.partner_id
                  JOIN res_partner other ON other.id = other_contact.commercial_partner_id
                 WHERE below.ancestor_id = ANY(%(ids)s::int[])
                   AND item.matching_number IS NOT NULL
                   AND other.id != customer.id
                   AND other.billing_root_id = customer.billing_root_id
                """,
                ids=self.ids,
                side=SQL.identifier(side),
                other=SQL.identifier(other),
            )
            for side, other in (
                ("debit_move_id", "credit_move_id"),
                ("credit_move_id", "debit_move_id"),
            )
        ]
        rows = self.env.execute_query(SQL(" UNION ").join(sides))
        return [item_id for (item_id,) in rows]

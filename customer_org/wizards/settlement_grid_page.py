# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the settlement screen shows of a grid: the part of it that fits on a screen.

Takes a :class:`settlement_grid.SettlementGrid` that has read its lines, and what the person looks
at. How it works: sums are made of all rows, names are read of those shown only.
"""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import SQL, format_date
from odoo.tools.misc import clean_context

from ..models.receivable import get_today

LIMIT = 80


@dataclass(frozen=True)
class GridView:
    """What somebody looks at: the search, the page, whether by branch, and which are unfolded.

    ``opened`` is None as long as nobody folded or unfolded anything: all are open where they fit.
    ``credits`` is how many of them are wanted, if more than a page.
    """

    search: str = ""
    grouped: bool = True
    offset: int = 0
    opened: frozenset | None = None
    credits: int = LIMIT

    @classmethod
    def from_client(cls, values):
        """Read what a client sent; what makes no sense counts as not said."""
        values = values if isinstance(values, dict) else {}
        opened = values.get("opened")
        offset = values.get("offset")
        credits = values.get("credits")
        return cls(
            search=str(values.get("search") or "").strip()[:200].replace("\0", ""),
            grouped=bool(values.get("grouped", True)),
            offset=max(offset, 0) if isinstance(offset, int) else 0,
            opened=frozenset(id_ for id_ in opened if isinstance(id_, int))
            if isinstance(opened, list)
            else None,
            credits=max(credits, LIMIT) if isinstance(credits, int) else LIMIT,
        )


class GridPage:
    """The rows of a grid for one look at it."""

    def __init__(self, grid, view):
        self.grid = grid
        self.view = view
        self.env = grid.env
        self.debts = [row for row in grid.rows if row.kind == "debt" and row.in_scope]
        if view.search:
            found = self._search(view.search)
            self.debts = [row for row in self.debts if row.id in found]

    def get_values(self):
        """Return all that the screen shows, as JSON takes it."""
        credits = [row for row in self.grid.rows if row.kind == "credit"]
        groups = self._get_groups()
        skipped = self._get_skipped()
        shown_credits = credits[: self.view.credits]
        shown = [*shown_credits]
        for group in (*groups, *skipped):
            shown += group["rows"]
        moves = self._read_documents(shown)
        names = self._read_names(shown, groups)
        reasons = self._read_reasons([row.id for row in shown])
        for group in (*groups, *skipped):
            group["rows"] = [
                {**self._get_row(row, moves, names), "rest_reason": reasons.get(row.id, False)}
                for row in group["rows"]
            ]
            group.setdefault("name", names.get(group.get("id")))
        return {
            "currency_id": self.grid.currency.id,
            "policy": self.grid.wizard.policy,
            "totals": self.grid.get_totals(),
            "credits": [self._get_row(row, moves, names) for row in shown_credits],
            "credit_count": len(credits),
            "chosen_count": sum(bool(row.selected) for row in credits),
            "grouped": self.view.grouped,
            "groups": groups,
            "sums": self._get_sums(self.debts),
            "offset": self.view.offset,
            "limit": LIMIT,
            "skipped": skipped,
            "has_amounts": any(row.amount for row in self.grid.rows),
            "reasons": self.env["customer.deduction.reason"].search_read([], ["name"]),
            "message": self._get_message(credits),
        }

    def _search(self, search):
        """Return the ids of the lines whose document or customer holds the words."""
        pattern = "%" + search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id
                  FROM customer_settlement_wizard_line line
                  JOIN account_move_line item ON item.id = line.move_line_id
                  JOIN account_move move ON move.id = item.move_id
                  JOIN res_partner contact ON contact.id = item.partner_id
                  JOIN res_partner customer ON customer.id = contact.commercial_partner_id
                 WHERE line.wizard_id = %(wizard_id)s
                   AND (move.name ILIKE %(pattern)s OR move.ref ILIKE %(pattern)s
                        OR move.payment_reference ILIKE %(pattern)s
                        OR customer.complete_name ILIKE %(pattern)s
                        OR customer.ref ILIKE %(pattern)s)
                """,
                wizard_id=self.grid.wizard_id,
                pattern=pattern,
            )
        )
        return {line_id for (line_id,) in rows}

    def _get_groups(self):
        """Return the invoices by branch, or on one page; those of folded branches stay away."""
        if not self.view.grouped:
            rows = self.debts[self.view.offset : self.view.offset + LIMIT]
            return [{"id": False, "name": "", "opened": True, **self._get_sums([]), "rows": rows}]
        by_customer = defaultdict(list)
        for row in self.debts:
            by_customer[row.customer_id].append(row)
        groups = []
        for customer_id, rows in by_customer.items():
            if self.view.opened is None:
                opened = len(self.debts) <= LIMIT
            else:
                opened = customer_id in self.view.opened
            groups.append(
                {
                    "id": customer_id,
                    "opened": opened,
                    **self._get_sums(rows),
                    "rows": rows[:LIMIT] if opened else [],
                }
            )
        return groups

    def _get_sums(self, rows):
        convert, round_ = self.grid.convert, self.grid.currency.round
        return {
            "count": len(rows),
            "open": round_(sum(convert(row, row.amount_open) for row in rows)),
            "amount": round_(sum(convert(row, row.amount) for row in rows)),
        }

    def _get_skipped(self):
        """Return what is left out, by reason: most of it first."""
        by_reason = defaultdict(list)
        for row in self.grid.rows:
            if row.reason:
                by_reason[row.reason].append(row)
        field = self.env["customer.settlement.wizard.line"]._fields["reason"]
        labels = dict(field._description_selection(self.env))
        skipped = [
            {"name": labels[reason], **self._get_sums(rows), "rows": rows[:LIMIT]}
            for reason, rows in by_reason.items()
        ]
        return sorted(skipped, key=lambda group: -group["count"])

    def _read_documents(self, rows):
        items = self.env["account.move.line"].browse([row.item_id for row in rows])
        # sudo: the wizard holds only what its user may see; names are read in one go.
        items = items.sudo().with_context(**clean_context(self.env.context))
        return {item.id: item.move_id for item in items}

    def _read_names(self, rows, groups):
        ids = {row.customer_id for row in rows} | {group["id"] for group in groups}
        # sudo: as many2one fields show names.
        customers = self.env["res.partner"].sudo().browse(ids - {False})
        return {customer.id: customer.display_name for customer in customers}

    def _read_reasons(self, line_ids):
        """Return ``{line id: id of the reason of its rest}``."""
        lines = self.env["customer.settlement.wizard.line"].search(
            [("id", "in", line_ids), ("deduction_reason_id", "!=", False)]
        )
        return {line.id: line.deduction_reason_id.id for line in lines}

    def _get_row(self, row, moves, names):
        move = moves[row.item_id]
        today = get_today(self.env)
        return {
            "id": row.id,
            "document": move.name or self.env._("Draft"),
            "reference": move.ref or "",
            "customer": names[row.customer_id],
            "date": format_date(self.env, row.date),
            "due": format_date(self.env, row.date_maturity),
            "late": row.date_maturity < today,
            "currency_id": row.currency_id,
            "open": row.amount_open,
            "amount": row.amount,
            "selected": row.selected,
            "typed": row.amount_typed is not None,
            "own": row.customer_id == self.grid.wizard.payer_id.id,
        }

    def _get_message(self, credits):
        """Say why there is nothing to settle; empty where there is."""
        payer = self.grid.wizard.payer_id.display_name
        if not credits:
            return self.env._(
                "%s has no open credit. Register its payment or post its credit note first.", payer
            )
        if any(row.kind == "debt" and row.in_scope for row in self.grid.rows):
            return ""
        if any(row.reason == "filtered" for row in self.grid.rows):
            return self.env._("The filters leave no invoice. Choose other branches or another day.")
        return self.env._("No invoice of %s or of its branches is open.", payer)

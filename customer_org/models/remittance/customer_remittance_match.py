# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .document_finder import DocumentFinder
from .document_numbers import split_numbers


class CustomerRemittance(models.Model):
    _inherit = "customer.remittance"

    def action_match(self):
        """Find the documents of all lines by their numbers, and say of each how it stands.

        Documents that somebody chose by hand are kept. Called again, it looks again.

        :raises UserError: if there is no payer, or the remittance is settled or cancelled
        """
        self.check_access("write")
        self._check_open()
        for remittance in self:
            if not remittance.partner_id:
                raise UserError(
                    self.env._("Choose the payer of %s first.", remittance.display_name)
                )
            remittance._match()
            remittance._propose_credits()

    def _match(self):
        """Find documents, take cells with several numbers apart, and write what was found."""
        finder = DocumentFinder(self.env, self.company_id, self.partner_id)
        lines = self.line_ids.filtered(lambda line: not line.is_chosen)
        parts = {line: split_numbers(line.number) for line in lines}
        numbers = {line.number for line in lines if line.number}
        found = finder.find(numbers.union(*parts.values()))
        moves, statuses = {}, {}
        splits = {}
        for line in lines:
            result = found.get(line.number)
            documents = [found[part].document for part in parts[line]]
            is_exact = result and result.is_exact
            if not parts[line] or is_exact:
                moves[line], statuses[line] = self._get_result(result)
            elif documents[0] and all(document is documents[0] for document in documents):
                # Two of its numbers, say its own and the order's, name one document.
                moves[line], statuses[line] = documents[0].id, None
            else:
                statuses[line] = "ambiguous"
                if self._add_up(line, documents):
                    splits[line] = list(zip(parts[line], documents, strict=True))
        self._write_found(moves, statuses)
        if splits:
            self._split_lines(splits)
        self._refresh_statuses(finder)

    @staticmethod
    def _get_result(result):
        """Return the document's id and the status of a number, where it finds not just one."""
        if not result or not result.documents:
            is_other = result and result.is_other_customer
            return None, "other_customer" if is_other else "unknown"
        document = result.document
        return (document.id, None) if document else (None, "ambiguous")

    def _add_up(self, line, documents):
        """Whether the line's amount is exactly what is open on several documents."""
        if line.deduction or not all(documents):
            return False
        if len({document.id for document in documents}) < len(documents):
            return False
        if any(document.currency_id != self.currency_id.id for document in documents):
            return False
        total = sum(document.amount_open for document in documents)
        return not self.currency_id.compare_amounts(total, line.amount)

    def _write_found(self, moves, statuses):
        """Store what was found: one statement for thousands of lines."""
        self.env.flush_all()
        lines = list(statuses)
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_remittance_line line
                   SET move_id = found.move_id, status = found.status
                  FROM unnest(%s::int4[], %s::int4[], %s::text[]) AS found(id, move_id, status)
                 WHERE line.id = found.id
                """,
                [line.id for line in lines],
                [moves.get(line) for line in lines],
                [statuses[line] for line in lines],
            )
        )
        self._invalidate_lines()

    def _invalidate_lines(self):
        fnames = ["move_id", "partner_id", "amount_open", "status", "is_chosen"]
        self.env["customer.remittance.line"].invalidate_model(fnames, flush=False)
        self.invalidate_recordset(["to_check_count", "document_count", "problems"], flush=False)

    def _split_lines(self, splits):
        """Make a line of each number of a cell, at what is open on its document."""
        change = self._with_change()
        vals_list, order = [], []
        for line in self.line_ids:
            order.append(line.id)
            for position, (number, document) in enumerate(splits.get(line, [])):
                vals = {"number": number, "cell": line.number, "amount": document.amount_open}
                vals["move_id"], vals["is_chosen"] = document.id, False
                if position:
                    order.append(None)
                    vals_list.append({"remittance_id": self.id, "note": line.note, **vals})
        for line, parts in splits.items():
            number, document = parts[0]
            line.with_env(change.env).write(
                {
                    "cell": line.number,
                    "number": number,
                    "amount": document.amount_open,
                    "move_id": document.id,
                    "is_chosen": False,
                }
            )
        created = iter(self.env["customer.remittance.line"].with_env(change.env).create(vals_list))
        ids = [line_id or next(created).id for line_id in order]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_remittance_line line
                   SET sequence = placed.sequence
                  FROM unnest(%s::int4[]) WITH ORDINALITY AS placed(id, sequence)
                 WHERE line.id = placed.id
                """,
                ids,
            )
        )
        self.env.invalidate_all(flush=False)

    # ------------------------------------------------------------------
    # How each line stands
    # ------------------------------------------------------------------

    def _refresh_statuses(self, finder=None):
        """Say of each line that has a document how it stands now; two statements in all."""
        self.ensure_one()
        finder = finder or DocumentFinder(self.env, self.company_id, self.partner_id)
        documents = finder.read_documents(set(self.line_ids.move_id.ids))
        seen, rows = set(), []
        # A line that is left out does not count as the first one of its document.
        for line in self.line_ids.sorted(lambda line: (line.left_out, line.sequence, line.id)):
            document = documents.get(line.move_id.id)
            if document and not document.is_own:
                # Its customer has left the hierarchy since.
                rows.append((line.id, "other_customer", None, 0.0))
            elif document:
                status = "duplicate"
                if document.id not in seen:
                    status = self._get_status(line, document)
                seen.add(document.id)
                rows.append((line.id, status, document.partner_id, document.amount_open))
            else:
                rows.append((line.id, self._get_status_without_document(line), None, 0.0))
        self._write_statuses(rows)

    @staticmethod
    def _get_status_without_document(line):
        kept = line.status in ("ambiguous", "other_customer") and not line.is_chosen
        return line.status if kept else "unknown"

    def _get_status(self, line, document):
        """Return how a line stands that is the first one of its document."""
        if document.state != "posted":
            return "draft" if document.state == "draft" else "cancelled"
        if document.payment_state == "blocked":
            return "blocked"
        if document.currency_id != self.currency_id.id:
            return "currency"
        if self.currency_id.is_zero(document.amount_open):
            return "paid"
        # Credit notes are the mirror image: all their amounts are below 0.
        sign = 1 if document.amount_open > 0 else -1
        paid = sign * line.amount + line.deduction
        if self.currency_id.compare_amounts(sign * line.amount, 0.0) < 0:
            return "over"
        compared = self.currency_id.compare_amounts(paid, abs(document.amount_open))
        return ("ok", "over", "short")[compared]

    def _write_statuses(self, rows):
        """Store ``(line id, status, customer, open amount)``, of those that differ."""
        if not rows:
            return
        self.env.flush_all()
        ids, statuses, partners, amounts = zip(*rows, strict=True)
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_remittance_line line
                   SET status = found.status, partner_id = found.partner_id,
                       amount_open = found.amount_open,
                       move_id = CASE WHEN found.status != 'other_customer' THEN line.move_id END,
                       is_chosen = line.is_chosen AND found.status != 'other_customer'
                  FROM unnest(%s::int4[], %s::text[], %s::int4[], %s::numeric[])
                       AS found(id, status, partner_id, amount_open)
                 WHERE line.id = found.id
                """,
                list(ids),
                list(statuses),
                list(partners),
                list(amounts),
            )
        )
        self._invalidate_lines()

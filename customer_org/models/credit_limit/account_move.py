# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Core's credit warning, for limits that head offices share, and the block that can replace it."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html
from odoo.tools.misc import formatLang

from .credit_watch import PendingCredit

#: What makes a customer owe, or owe less.
OWED_TYPES = ("out_invoice", "out_refund", "out_receipt")


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "customer.credit.document"]

    def _build_credit_warning_message(
        self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0
    ):
        """Add the limit that the customer's nearest head office shares to core's warning.

        In the context, ``credit_limit_pending`` tells the amounts of documents that are confirmed
        at the same time, by customer, in the company's currency.
        """
        pending = self.env.context.get("credit_limit_pending")
        if not isinstance(pending, PendingCredit):
            pending = {}
        customer = record.partner_id.commercial_partner_id
        warning = super()._build_credit_warning_message(
            record,
            current_amount=current_amount + pending.get(customer.id, 0.0),
            exclude_current=exclude_current,
            exclude_amount=exclude_amount,
        )
        holder = customer.with_company(record.company_id)._get_credit_limit_holder()
        if not holder:
            return warning
        owed, customer_ids = holder._get_shared_credit()
        total = owed - exclude_amount + current_amount
        total += sum(pending.get(customer_id, 0.0) for customer_id in customer_ids)
        currency = record.company_id.currency_id
        if currency.compare_amounts(total, holder.credit_limit) <= 0:
            return warning
        shared = self.env._(
            "The credit limit of %(limit)s that %(customer)s shares with its branches is exceeded "
            "by %(excess)s.\nTotal amount due of all of them (including sales orders and this "
            "document): %(total)s",
            limit=formatLang(self.env, holder.credit_limit, currency_obj=currency),
            customer=holder.name,
            excess=formatLang(self.env, total - holder.credit_limit, currency_obj=currency),
            total=formatLang(self.env, total, currency_obj=currency),
        )
        # The holder's own limit is the shared one: once is enough.
        return "\n".join([warning, shared] if warning and holder != customer else [shared])

    def write(self, vals):
        with self._watching_credit():
            return super().write(vals)

    def _get_owed_amounts(self):
        owed = super()._get_owed_amounts()
        for move in self:
            if (
                move.state != "posted"
                or move.move_type not in OWED_TYPES
                or not move.company_id._is_credit_limit_blocking()
            ):
                continue
            amounts = defaultdict(float)
            for line in move.line_ids:
                customer = line.partner_id.commercial_partner_id
                if line.account_type == "asset_receivable" and move._is_credit_watched(customer):
                    amounts[customer] += line.amount_residual
            owed[move] = amounts
        return owed

    def _post(self, soft=True):
        today = fields.Date.context_today(self)
        confirmed = self.filtered(
            lambda move: (
                move.company_id._is_credit_limit_blocking()
                and move.state == "draft"
                and move.move_type in OWED_TYPES
                # As core: these wait for their day.
                and not (soft and move.date > today)
            )
        )
        if not confirmed:
            return super()._post(soft)
        overridden = self._check_credit_limits(
            [
                (
                    move,
                    move.partner_id,
                    # Not what is paid already: matches are kept while a document is in draft.
                    move.amount_residual_signed,
                    move._get_partner_credit_warning_exclude_amount(),
                )
                for move in confirmed
            ]
        )
        checked = {
            move: {move.commercial_partner_id: move.amount_residual_signed} for move in confirmed
        }
        with confirmed._watching_credit(checked):
            posted = super()._post(soft)
        self._log_credit_limit_override(overridden)
        return posted

    def _autopost_draft_entries(self, *args, **kwargs):
        """What is posted by itself is not exempt: nobody has decided to exceed the limit."""
        checked = self.with_context(credit_limit_checked=True)
        return super(AccountMove, checked)._autopost_draft_entries(*args, **kwargs)

    @api.model
    def _check_credit_limits(self, documents, may_exceed=None):
        """Check documents that are confirmed together against the limits that core warns of.

        What does not raise the debt passes, such as the invoice of an order that counts already;
        credit notes confirmed with invoices count first. Actions in superuser mode, such as an
        order that is paid online, pass as those of who may exceed limits.

        :param list documents: tuples of record, who owes it, its amount, and what of that counts
            already as to be invoiced, both in the company's currency
        :param may_exceed: whether limits may be exceeded; by default, whether the user may
        :return: the warnings that were overridden, by record
        :rtype: dict
        :raises UserError: if a limit is exceeded and the user may not do that
        """
        if not documents:
            return {}
        self._forget_what_customers_owe()
        if may_exceed is None:
            may_exceed = self._may_exceed_credit_limit()
        overridden = {}
        pending = defaultdict(float)
        for record, partner, amount, counted in sorted(documents, key=lambda one: one[2] > 0):
            if record.company_id.currency_id.compare_amounts(amount, counted) > 0:
                warning = self._with_pending(pending)._get_credit_limit_warning(
                    record, partner, amount, counted
                )
                if warning and not may_exceed:
                    raise UserError(
                        self.env._(
                            "%(document)s can't be confirmed.\n%(warning)s\nAsk for a payment, or "
                            "ask an administrator, who may exceed credit limits, to confirm it.",
                            document=record.display_name,
                            warning=warning,
                        )
                    )
                if warning:
                    overridden[record] = warning
            pending[partner.commercial_partner_id.id] += amount - counted
        return overridden

    @api.model
    def _check_raised_credit(self, watch):
        """Check the limits of customers who owe more for documents that were confirmed before.

        :param CreditWatch watch: what they owed for them before they were changed
        :raises UserError: if a limit is exceeded and the user may not do that
        """
        raised = [
            one
            for name in {document._name for document in watch.before}
            for one in self.env[name]._get_raised_credit(watch)
        ]
        if not raised:
            return
        self._forget_what_customers_owe()
        overridden = {}
        pending = defaultdict(float)
        for record, customer, uncounted in raised:
            warning = self._with_pending(pending)._get_credit_limit_warning_of(
                record, customer, uncounted
            )
            pending[customer.id] += uncounted
            if not warning:
                continue
            if record not in watch.trusted and not self._may_exceed_credit_limit():
                raise UserError(
                    self.env._(
                        "%(document)s can't be changed like this, because %(customer)s would owe "
                        "more.\n%(warning)s\nAsk for a payment, or ask an administrator, who may "
                        "exceed credit limits, to change it.",
                        document=record.display_name,
                        customer=customer.display_name,
                        warning=warning,
                    )
                )
            overridden[record.with_env(self.env)] = warning
        self._log_credit_limit_override(overridden)

    @api.model
    def _forget_what_customers_owe(self):
        """Core keeps these until the end of the transaction."""
        self.env["res.partner"].invalidate_model(
            ["credit", "credit_to_invoice", "billing_total_due"]
        )

    @api.model
    def _with_pending(self, pending):
        return self.with_context(credit_limit_pending=PendingCredit(pending))

    @api.model
    def _may_exceed_credit_limit(self):
        if self.env.context.get("credit_limit_checked"):
            return False
        return self.env.su or self.env.user.has_group("customer_org.group_exceed_credit_limit")

    @api.model
    def _get_credit_limit_warning(self, record, partner, amount, counted=0.0):
        """Return the warning for a record, and for who owes it where that is somebody else.

        :param record: ``account.move`` or what has its ``partner_id`` and ``company_id``
        :param partner: who owes it, such as the head office that a branch's order is invoiced to
        """
        # sudo: as core in orders, whose users may not read what customers owe.
        record = record.sudo().with_company(record.company_id)
        warnings = [
            self._build_credit_warning_message(
                record, current_amount=amount, exclude_amount=counted
            )
        ]
        if partner.commercial_partner_id != record.partner_id.commercial_partner_id:
            warnings.append(self._get_credit_limit_warning_of(record, partner, amount, counted))
        return "\n".join(dict.fromkeys(filter(None, warnings)))

    @api.model
    def _get_credit_limit_warning_of(self, record, partner, amount, counted=0.0):
        """Return the warning for ``partner``, whoever else the record names."""
        # sudo: as above.
        record = record.sudo().with_company(record.company_id)
        owed = record.new({"partner_id": partner.id, "company_id": record.company_id.id})
        return self._build_credit_warning_message(
            owed, current_amount=amount, exclude_amount=counted
        )

    @api.model
    def _log_credit_limit_override(self, overridden):
        """Note on each document whose limit was overridden who did it, and by how much."""
        for record, warning in overridden.items():
            note = self.env._("Confirmed or raised beyond the credit limit.\n%s", warning)
            record.message_post(body=plaintext2html(note))

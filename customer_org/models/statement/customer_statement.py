# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a customer owes, alone or with its branches: opening, movements, closing and ageing."""

from collections import defaultdict
from operator import attrgetter

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..hierarchy.customer_tree import CustomerTree
from ..receivable import get_today
from .statement_data import Group, Row, Section, Statement
from .statement_ledger import StatementLedger
from .statement_settlements import net_settlements


class CustomerStatement(models.AbstractModel):
    """Statements of customers and hierarchies.

    Takes: a customer, options (see :meth:`_build`), and the posted receivable items of the present
    company and the branch companies of the same root. The hierarchy is today's.

    Use: ``_build(partner, **options)`` returns a :class:`Statement`, plain data for every output.

    How it works: :class:`~.statement_ledger.StatementLedger` reads opening, movements, conversions,
    legs of settlements and ageing by one query each, whatever the number of customers and items.
    Settlements between customers of the statement are left out by
    :func:`~.statement_settlements.net_settlements`. The figures tie to the ledger by their
    construction: each item counts once, and each match by both its sides or not at all. A match
    with an item outside the statement, which core alone makes, leaves the items open here, as
    they are in the balance.
    """

    _name = "customer.statement"
    _description = "Customer Statement"

    @api.model
    @api.private
    def _build(self, partner, date_to=None, date_from=None, branches=True, presentation="period"):
        """Return the :class:`Statement` of a customer in the present company.

        :param partner: a ``res.partner``; its commercial entity counts
        :param date date_to: the last day, by default today
        :param date date_from: the first day of the movements, by default the very first
        :param bool branches: with all customers billed below; in the portal those that consented
        :param str presentation: ``period`` for all movements, ``open`` for the items open at the
            end of ``date_to``, with what is left of them
        :raises AccessError: for users who may not see the customer's receivable
        """
        company = self.env.company
        tree = self._get_tree(partner.commercial_partner_id)
        customers = [tree.own, *(tree.branches if branches else [])]
        # sudo: one setting of the company, which portal users may not read.
        steps = company.sudo()._get_statement_ageing_steps()
        date_to = date_to or get_today(self.env)
        if presentation == "open":
            date_from = None
        ledger = StatementLedger(self.env, company, [customer.id for customer in customers])
        ledger.set_period(date_from, date_to)
        opening, rows = self._get_rows(ledger, customers, presentation)
        statement = Statement(
            partner=partner.commercial_partner_id,
            company=company,
            presentation=presentation,
            date_from=date_from,
            date_to=date_to,
            steps=steps,
            customers=customers,
            sections=[],
            total=None,
        )
        return self._assemble(statement, opening, rows, ledger.get_ageing(steps))

    @api.model
    @api.private
    def _get(self, partner, **options):
        """Return the same, by its former name: for the code of others."""
        return self._build(partner, **options)

    def _get_rows(self, ledger, customers, presentation):
        """Return what was open before, ``{(currency id, customer id): amounts}``, and the rows.

        The rows come by day; of one day, a settlement comes after the documents whose credits it
        uses.
        """
        if presentation == "open":
            opening, documents, legs = {}, ledger.get_open_items(), ledger.get_open_legs()
        else:
            opening = ledger.get_opening()
            documents, legs = ledger.get_movements(), ledger.get_legs()
        names = {customer.id: customer.name for customer in customers}
        is_portal = self.env.user._is_portal()
        # What is printed or mailed goes to the customer, whoever makes it.
        hide_payers = is_portal or bool(self.env.context.get("customer_statement_printed"))
        ancestor_ids = self._get_ancestor_ids(customers[0].id) if hide_payers and legs else ()
        others = net_settlements(self.env, legs, names, is_portal, ancestor_ids, hide_payers)
        currency_ids = {row.currency_id for row in documents + others}
        currency_ids |= {currency_id for currency_id, _customer_id in opening}
        if presentation == "period" and currency_ids - {self.env.company.currency_id.id}:
            others += self._get_conversions(ledger, opening)
        by_document = attrgetter("date", "document", "res_id")
        rows = sorted(documents, key=by_document) + sorted(others, key=by_document)
        return opening, sorted(rows, key=attrgetter("date"))

    def _get_ancestor_ids(self, customer_id):
        # sudo: whether a payer is above the reader, of which no name is shown.
        links = self.env["customer.hierarchy.link"].sudo()
        return links.search(
            [("descendant_id", "=", customer_id), ("depth", ">", 0)]
        ).ancestor_id.ids

    def _get_tree(self, customer):
        """Return whose items the user may see: in the portal its own and what branches allow."""
        user = self.env.user
        if user._is_portal():
            if customer != user.commercial_partner_id:
                raise AccessError(self.env._("You can only open the statement of your company."))
            return CustomerTree(self.env, customer, SQL("link.can_view"))
        self._check_user()
        customer.check_access("read")
        return CustomerTree(self.env, customer)

    @api.model
    @api.private
    def _check_user(
        self, groups=("account.group_account_invoice", "account.group_account_readonly")
    ):
        """Let only those in who may read every customer's items of the company.

        :param groups: those of which one suffices
        :raises AccessError: for others
        """
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "Only users of Invoicing can open and send statements of customers. Ask an "
                    "administrator for these rights."
                )
            )

    def _get_conversions(self, ledger, opening):
        """Return what matches moved between currencies; those of before go into ``opening``."""
        rows = []
        for one in ledger.get_conversions():
            if ledger.date_from and one.date < ledger.date_from:
                key = one.currency_id, one.customer_id
                before = opening.get(key, (0.0, 0.0))
                opening[key] = (before[0] + one.amount, before[1] + one.balance)
            else:
                rows.append(self._get_conversion_row(one))
        return rows

    def _get_conversion_row(self, one):
        if one.currency_id == one.other_currency_id:
            label = self.env._("Matched with %s", one.other)
        else:
            label = self.env._(
                "Converted to %(currency)s: %(document)s",
                currency=self.env["res.currency"].browse(one.other_currency_id).name,
                document=one.other,
            )
        return Row(
            date=one.date,
            customer_id=one.customer_id,
            currency_id=one.currency_id,
            document=one.document,
            reference=label,
            date_due=None,
            amount=one.amount,
            balance=one.balance,
            res_id=one.res_id,
            kind="converted",
        )

    # ------------------------------------------------------------------
    # Putting it together
    # ------------------------------------------------------------------

    def _assemble(self, statement, opening, rows, ageing):
        """Group the rows by currency and customer, add up, and fill in the running balances."""
        groups = self._get_groups(statement, opening, rows, ageing)
        company_currency = statement.company.currency_id
        currencies = self.env["res.currency"].browse(groups.keys())
        for currency in currencies.sorted(
            lambda currency: (currency != company_currency, currency.name)
        ):
            section = self._get_section(currency, groups[currency.id].values())
            if section.groups or section.opening:
                statement.sections.append(section)
        statement.total = self._get_total(company_currency, opening, rows, ageing)
        return statement

    def _get_groups(self, statement, opening, rows, ageing):
        """Return ``{currency id: {customer id: Group}}``, customers in the order of the tree."""
        groups = defaultdict(dict)
        shown = defaultdict(list)
        for row in rows:
            of_customer = shown[row.currency_id, row.customer_id]
            if row.amount:
                of_customer.append(row)
        used = {*shown, *ageing, *opening}
        currency_ids = {currency_id for currency_id, _customer in used}
        for customer in statement.customers:
            for key in ((currency_id, customer.id) for currency_id in currency_ids):
                if key in used:
                    aging = ageing[key]
                    groups[key[0]][customer.id] = Group(
                        customer,
                        rows=shown[key],
                        buckets=[amount for amount, _balance in aging.buckets],
                        opening=opening.get(key, (0.0, 0.0))[0],
                        overdue=aging.overdue[0],
                        open_credit=aging.credit[0],
                    )
        return groups

    def _get_section(self, currency, groups):
        digits = currency.decimal_places
        opening = running = currency.round(sum(group.opening for group in groups))
        for group in groups:
            debit = credit = 0.0
            for row in group.rows:
                amount = row.amount
                # Sums of rounded amounts: this only takes away what floats add.
                row.running = running = round(running + amount, digits)
                if amount > 0.0:
                    debit += amount
                else:
                    credit -= amount
            group.opening = currency.round(group.opening)
            group.debit, group.credit = currency.round(debit), currency.round(credit)
            group.closing = currency.round(sum(group.buckets))
            group.settled = currency.round(
                group.closing - group.opening - group.debit + group.credit
            )
        all_groups = [one for one in groups if one.rows or one.opening or any(one.buckets)]
        groups = [group for group in all_groups if group.rows or any(group.buckets)]
        return Section(
            currency=currency,
            opening=opening,
            debit=currency.round(sum(group.debit for group in groups)),
            credit=currency.round(sum(group.credit for group in groups)),
            closing=currency.round(running),
            buckets=self._sum_buckets(currency, [group.buckets for group in groups]),
            groups=groups,
            all_groups=all_groups,
            overdue=currency.round(sum(group.overdue for group in groups)),
            open_credit=currency.round(sum(group.open_credit for group in groups)),
        )

    def _get_total(self, currency, opening, rows, ageing):
        """Return the section of everything in the company's currency."""
        opening = currency.round(sum(balance for _amount, balance in opening.values()))
        debit = credit = exchange = 0.0
        for row in rows:
            balance = row.balance
            # An exchange difference: the customer owes neither more nor less. And conversions
            # change no total: what leaves one currency is in the other.
            if not row.amount or row.kind == "converted":
                exchange += balance
            elif balance > 0.0:
                debit += balance
            else:
                credit -= balance
        debit, credit, exchange = map(currency.round, (debit, credit, exchange))
        agings = ageing.values()
        return Section(
            currency=currency,
            opening=opening,
            debit=debit,
            credit=credit,
            exchange=exchange,
            closing=currency.round(opening + debit - credit + exchange),
            buckets=self._sum_buckets(
                currency, [[balance for _amount, balance in one.buckets] for one in agings]
            ),
            overdue=currency.round(sum(one.overdue[1] for one in agings)),
            open_credit=currency.round(sum(one.credit[1] for one in agings)),
        )

    @staticmethod
    def _sum_buckets(currency, buckets):
        return [currency.round(sum(column)) for column in zip(*buckets, strict=True)]

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a customer owes, alone or with its branches: opening, movements, closing and ageing."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..portal.portal_organization import PortalOrganization
from .statement_data import Group, Row, Section, Statement
from .statement_ledger import StatementLedger
from .statement_settlements import net_settlements


class Organization(PortalOrganization):
    """A customer and everything billed below it, archived customers included, by the tree."""

    condition = SQL("TRUE")

    def __init__(self, customer):
        self.env = customer.env
        self.customer = customer


class CustomerStatement(models.AbstractModel):
    """Statements of customers and hierarchies.

    Takes: a customer, options (see :meth:`_get`), and the posted receivable items of the present
    company and the branch companies of the same root. The hierarchy is today's.

    Use: ``_get(partner, **options)`` returns a :class:`Statement`, plain data for every output.

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
    def _get(self, partner, date_to=None, date_from=None, branches=True, presentation="period"):
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
        organization = self._get_organization(partner.commercial_partner_id)
        customers = [organization.own, *(organization.branches if branches else [])]
        # sudo: one setting of the company, which portal users may not read.
        steps = company.sudo()._get_statement_ageing_steps()
        date_to = date_to or fields.Date.context_today(self)
        if presentation == "open":
            date_from = None
        ledger = StatementLedger(self.env, company, [customer.id for customer in customers])
        ledger.set_period(date_from, date_to)
        if presentation == "open":
            opening, rows, legs = {}, ledger.get_open_items(), ledger.get_open_legs()
        else:
            opening, rows, legs = ledger.get_opening(), ledger.get_movements(), ledger.get_legs()
        rows = [Row(*values) for values in rows]
        names = {customer.id: customer.name for customer in customers}
        rows += net_settlements(self.env, legs, names, self.env.user._is_portal())
        used_currencies = {row.currency_id for row in rows} | opening.keys()
        if presentation == "period" and used_currencies - {company.currency_id.id}:
            rows += self._get_conversions(ledger, opening)
        return self._assemble(
            Statement(
                partner=partner.commercial_partner_id,
                company=company,
                presentation=presentation,
                date_from=date_from,
                date_to=date_to,
                steps=steps,
                customers=customers,
                sections=[],
                total=None,
            ),
            opening,
            rows,
            ledger.get_ageing(steps),
        )

    def _get_organization(self, customer):
        """Return whose items the user may see: in the portal its own and what branches allow."""
        user = self.env.user
        if user._is_portal():
            if customer != user.commercial_partner_id:
                raise AccessError(self.env._("You can only open the statement of your company."))
            return PortalOrganization(self.env)
        self._check_user()
        customer.check_access("read")
        return Organization(customer)

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
        currencies = self.env["res.currency"]
        for (
            row_date,
            customer,
            currency,
            document,
            other,
            other_currency,
            *rest,
        ) in ledger.get_conversions():
            amount, balance, move_id = rest
            if ledger.date_from and row_date < ledger.date_from:
                before = opening.get(currency, (0.0, 0.0))
                opening[currency] = (before[0] + amount, before[1] + balance)
                continue
            name = currencies.browse(other_currency).name
            label = (
                self.env._("Converted to %(currency)s: %(document)s", currency=name, document=other)
                if currency != other_currency
                else self.env._("Matched with %s", other)
            )
            values = (row_date, customer, currency, document, label, None, amount, balance)
            rows.append(Row(*values, "account.move", move_id, "converted"))
        return rows

    # ------------------------------------------------------------------
    # Putting it together
    # ------------------------------------------------------------------

    def _assemble(self, statement, opening, rows, ageing):
        """Group the rows by currency and customer, add up, and fill in the running balances."""
        rows.sort(key=lambda row: (row.date, row.document, row.res_id))
        groups = defaultdict(dict)
        by_id = {customer.id: customer for customer in statement.customers}
        # In the order of the tree, whatever comes first in time.
        used = {(row.currency_id, row.customer_id) for row in rows} | set(ageing)
        currency_ids = {currency_id for currency_id, _customer in used} | opening.keys()
        for customer_id, customer in by_id.items():
            for currency_id in currency_ids:
                if (currency_id, customer_id) in used:
                    buckets = [amount for amount, _balance in ageing[currency_id, customer_id]]
                    groups[currency_id][customer_id] = Group(customer, buckets=buckets)
        for row in rows:
            if row.amount:
                groups[row.currency_id][row.customer_id].rows.append(row)
        company_currency = statement.company.currency_id
        currencies = self.env["res.currency"].browse(currency_ids)
        for currency in currencies.sorted(
            lambda currency: (currency != company_currency, currency.name)
        ):
            section = self._get_section(
                currency, opening.get(currency.id, (0.0, 0.0))[0], groups[currency.id].values()
            )
            if section.groups or section.opening:
                statement.sections.append(section)
        statement.total = self._get_total(company_currency, opening, rows, ageing)
        return statement

    def _get_section(self, currency, opening, groups):
        digits = currency.decimal_places
        opening = running = currency.round(opening)
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
            group.debit, group.credit = currency.round(debit), currency.round(credit)
        groups = [group for group in groups if group.rows or any(group.buckets)]
        return Section(
            currency=currency,
            opening=opening,
            debit=currency.round(sum(group.debit for group in groups)),
            credit=currency.round(sum(group.credit for group in groups)),
            closing=currency.round(running),
            buckets=self._sum_buckets(currency, [group.buckets for group in groups]),
            groups=groups,
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
        return Section(
            currency=currency,
            opening=opening,
            debit=debit,
            credit=credit,
            exchange=exchange,
            closing=currency.round(opening + debit - credit + exchange),
            buckets=self._sum_buckets(
                currency, [[balance for _amount, balance in buckets] for buckets in ageing.values()]
            ),
        )

    @staticmethod
    def _sum_buckets(currency, buckets):
        return [currency.round(sum(column)) for column in zip(*buckets, strict=True)]

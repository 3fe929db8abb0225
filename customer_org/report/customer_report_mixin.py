# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL


class CustomerReportMixin(models.AbstractModel):
    """A report whose amounts are in one currency: that of the current company.

    Use: ``_to_company_currency`` on each amount, ``_join_currencies`` after the last table, and
    ``_is_in_companies`` as a condition.

    How it works: as core's invoice analysis does, at today's rates, where the companies chosen
    have several currencies. Where they have one, amounts are taken as they are.
    """

    _name = "customer.report.mixin"
    _description = "Customer Report"

    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", string="Currency", readonly=True)

    def _has_one_currency(self):
        return self.env.companies.currency_id == self.env.company.currency_id

    def _to_company_currency(self, amount):
        """Return the SQL of ``amount``, an SQL in the currency of the row's company, converted."""
        if self._has_one_currency():
            return amount
        return SQL("(%s) * account_currency_table.rate", amount)

    def _join_currencies(self, company):
        """Return the SQL join that brings the rates; ``company`` is the SQL of the row's."""
        if self._has_one_currency():
            return SQL()
        table = self.env["res.currency"]._get_simple_currency_table(self.env.companies)
        return SQL("JOIN %s ON account_currency_table.company_id = %s", table, company)

    def _is_in_companies(self, company):
        """Return the SQL condition that the row is of one of the companies chosen."""
        return SQL("%s = ANY(%s)", company, self.env.companies.ids)

    def _read_group_select(self, aggregate_spec, query):
        """All amounts are in one currency: do not look up a rate, or the currency, of each row."""
        fname, _dot, function = aggregate_spec.partition(":")
        if aggregate_spec == "company_currency_id:array_agg_distinct":
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        if function == "sum_currency":
            field = self._fields[fname]
            if field.get_currency_field(self) == "company_currency_id":
                aggregate_spec = f"{fname}:sum"
        return super()._read_group_select(aggregate_spec, query)

    def _read_group_orderby(self, order, groupby_terms, query):
        """Look up the name by which customers are sorted once per group, not once per row."""
        terms = []
        for part in order.split(",") if order else ():
            fname, _space, direction = part.strip().partition(" ")
            field = self._fields.get(fname)
            if (
                field
                and fname in groupby_terms
                and field.comodel_name == "res.partner"
                and direction.upper() in ("", "ASC", "DESC")
            ):
                name = SQL(
                    "(SELECT complete_name FROM res_partner WHERE id = %s)",
                    groupby_terms[fname],
                    to_flush=self.env["res.partner"]._fields["complete_name"],
                )
                for term in (name, groupby_terms[fname]):
                    terms.append(SQL("%s %s", term, SQL(direction.upper())))
            else:
                terms.append(super()._read_group_orderby(part, groupby_terms, query))
        return SQL(", ").join(terms) or super()._read_group_orderby(order, groupby_terms, query)

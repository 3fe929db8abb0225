# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError

from ..parameters import to_ids
from .statement_xlsx import write_statements


class ReportStatement(models.AbstractModel):
    """Statements as HTML, PDF and XLSX.

    ``data["statement"]`` or ``customer_statement`` in the context holds the options, as
    :meth:`~.res_partner_statement.ResPartner._get_statement` takes them; ``data["ids"]`` the
    customers, where none are in the URL. Whatever is asked for, who may not see a customer's
    statement is refused by ``customer.statement``.
    """

    _name = "report.customer_org.report_statement"
    _description = "Statement of Account"

    @api.model
    def _get_report_values(self, docids, data=None):
        data = data or {}
        is_printed = data.get("report_type") == "pdf"
        partners = self.with_context(customer_statement_printed=is_printed)._get_partners(
            docids or data.get("ids")
        )
        options = data.get("statement") or self.env.context.get("customer_statement") or {}
        return {
            "docs": partners,
            "doc_ids": partners.ids,
            "doc_model": partners._name,
            "statements": [
                self._in_language(partner)._get_statement(options) for partner in partners
            ],
        }

    @api.model
    @api.private
    def _render_xlsx(self, partners, options):
        """Return a workbook of these customers' statements, a sheet for each, as bytes."""
        return write_statements([partner._get_statement(options) for partner in partners])

    def _get_partners(self, ids):
        partners = self.env["res.partner"].browse(to_ids(ids)).exists().commercial_partner_id
        if not partners:
            raise UserError(self.env._("Choose at least one customer to make a statement of."))
        return partners

    def _in_language(self, partner):
        lang = partner._get_statement_lang() or self.env.lang
        return partner.with_context(lang=lang)

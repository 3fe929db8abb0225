# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements for download: workbooks, and PDFs named after customer and date."""

import json

from werkzeug.exceptions import NotFound
from werkzeug.urls import url_parse

from odoo.http import Controller, content_disposition, request, route

from odoo.addons.web.controllers.report import ReportController

from ..parameters import to_id

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def make_xlsx_response(content, name):
    """Return a response that downloads a workbook."""
    return request.make_response(
        content,
        headers=[
            ("Content-Type", XLSX),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(f"{name}.xlsx")),
        ],
    )


class StatementController(Controller):
    @route("/customer_org/statement/xlsx/<int:wizard_id>", type="http", auth="user", readonly=True)
    def statement_xlsx(self, wizard_id, **kw):
        """Download what a wizard was asked for; others' wizards and statements are refused."""
        wizard = request.env["customer.statement.wizard"].browse(to_id(wizard_id)).exists()
        if not wizard:
            raise NotFound
        name, content = wizard._render_xlsx()
        return make_xlsx_response(content, name)


class StatementReportController(ReportController):
    @route()
    def report_download(self, data, context=None, token=None, readonly=True):
        """Name statements after customer and date; others keep the name that core gives them."""
        response = super().report_download(data, context, token, readonly)
        name = self._get_statement_name(data)
        if name:
            response.headers.set("Content-Disposition", content_disposition(f"{name}.pdf"))
        return response

    def _get_statement_name(self, data):
        """Return the name of the statements that core has just made, or None for other reports."""
        url = url_parse(json.loads(data)[0])
        if not url.path.endswith("/report/pdf/customer_org.report_statement"):
            return None
        options = json.loads(url.decode_query().get("options") or "{}")
        report = request.env["report.customer_org.report_statement"]
        partners = report._get_partners(options.get("ids"))
        return partners._get_statement_file_name(options.get("statement"))

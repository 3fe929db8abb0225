# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The workbook that the wizard of statements offers for download."""

import json

from odoo.http import Controller, content_disposition, request, route

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
    @route("/customer_org/statement/xlsx", type="http", auth="user", readonly=True)
    def statement_xlsx(self, ids="", options="{}", **kw):
        """Download statements; ``customer.statement`` refuses who may not see them."""
        partners = request.env["res.partner"].browse(
            int(partner_id) for partner_id in ids.split(",") if partner_id.isdigit()
        )
        try:
            options = json.loads(options)
        except ValueError:
            options = None
        if not partners or not isinstance(options, dict):
            return request.not_found()
        content = request.env["report.customer_org.report_statement"]._render_xlsx(
            partners, options
        )
        name = partners.name if len(partners) == 1 else request.env.company.name
        return make_xlsx_response(content, request.env._("Statement of Account - %s", name))

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The workbook that the wizard of statements offers for download."""

from werkzeug.exceptions import NotFound

from odoo.http import Controller, content_disposition, request, route

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

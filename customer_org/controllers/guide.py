# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

#: Where the guide is read; ``customer_org.guide_url`` in the system parameters moves it.
GUIDE_URL = "https://customer-org.example.com/guide/"
#: The pages of ``docs/guide`` that screens lead to.
PAGES = {"accountant", "administrator", "head_office", "install", "integrator"}


class Guide(http.Controller):
    """The way from a screen to its page of the guide: the only place that knows the address.

    Screens link to ``/customer_org/guide/<page>#<section>``; the browser keeps the section.
    """

    @http.route("/customer_org/guide/<string:page>", type="http", auth="user", readonly=True)
    def open_page(self, page):
        """Redirect to a page of the guide.

        :raises NotFound: if there is no such page
        """
        if page not in PAGES:
            raise NotFound()
        # sudo: an address that is no secret; only administrators set it.
        parameters = request.env["ir.config_parameter"].sudo()
        base = parameters.get_param("customer_org.guide_url") or GUIDE_URL
        return request.redirect(f"{base.rstrip('/')}/{page}.html", local=False)

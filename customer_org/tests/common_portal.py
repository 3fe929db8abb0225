# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.http import Request
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon
from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import AcmeCommon


class PortalCommon(AcmeCommon, AccountPaymentCommon, AccountTestInvoicingHttpCommon):
    """Acme with its invoices and portal users: consent of N is pay, of S view, of W none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", True)
        cls.north.billing_parent_access = "pay"
        cls.south.billing_parent_access = "view"
        cls._create_open_invoices()
        cls.stranger = cls._create_customer("Stranger")
        cls.users = {
            name: cls._create_portal_user(name, partner)
            for name, partner in {
                "hq": cls.hq,
                "north": cls.north,
                "stranger": cls.stranger,
            }.items()
        }

    @classmethod
    def _create_portal_user(cls, login, customer):
        """Return a portal user who is a contact of ``customer``."""
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            name=f"User of {customer.name}",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            partner_id=cls.env["res.partner"]
            .create({"name": f"User of {customer.name}", "parent_id": customer.id})
            .id,
        )

    def login(self, name):
        self.authenticate(name, name)

    def rpc(self, model, method, *args, **kwargs):
        """Call a method as a browser's JSON-RPC would."""
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def csrf_token(self):
        """Return the token that a form of the logged-in user would carry."""
        return Request.csrf_token(self)

    def transaction_params(self, amount, **values):
        """Return what the payment form sends."""
        return {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "amount": amount,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/my",
            **values,
        }

    def get(self, url):
        """Open a page as the browser would; an error of the server fails the test."""
        response = self.url_open(url)
        self.assertLess(response.status_code, 500, url)
        return response

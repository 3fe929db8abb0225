# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.http import Request
from odoo.tests import JsonRpcException, new_test_user

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


class PortalMatrixCommon(PortalCommon):
    """Every visitor x every consent x every way in, as a table.

    A subclass has one document per customer in ``documents``, and per way in a method ``_may_...``
    that says whether the logged-in visitor came in.
    """

    # What each visitor may do with the document of each customer. Where a letter is missing:
    # nothing. Yard is below N, Depot below W; both consent to all, W to nothing: a broken chain.
    VISITORS = {
        "hq": {"north": "pay", "south": "view", "yard": "pay", "hq": "own"},
        "west": {"west": "own", "depot": "pay"},
        "north": {"north": "own", "yard": "pay"},
        "south": {"south": "own"},
        "depot": {"depot": "own"},
        "stranger": {},
        "public": {},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.depot = cls._create_customer("Depot", cls.west, billing_parent_access="pay")
        cls.yard = cls._create_customer("Yard", cls.north, billing_parent_access="pay")
        for name in ("west", "south", "depot"):
            cls.users[name] = cls._create_portal_user(name, getattr(cls, name))
        cls.customers = {
            name: getattr(cls, name) for name in ("hq", "north", "south", "west", "depot", "yard")
        }

    def assert_matrix(self, way, allowed, with_token=None):
        """Try one way in for all visitors and documents.

        :param str way: the name of the method that tries it with a document and a token
        :param allowed: the levels that may
        :param with_token: who may with the document's token besides: the visitors, by name
        """
        try_it = getattr(self, f"_may_{way}")
        for visitor, levels in self.VISITORS.items():
            self.authenticate(*([None, None] if visitor == "public" else [visitor, visitor]))
            for customer, document in self.documents.items():
                level = levels.get(customer)
                tokens = [None] if with_token is None else [None, "wrong", document.access_token]
                for token in tokens:
                    expected = level in allowed or (
                        token is not None
                        and token == document.access_token
                        and visitor in with_token
                        # For who is no ancestor a token is as good as in core.
                        and customer not in with_token[visitor]
                    )
                    with self.subTest(way=way, visitor=visitor, customer=customer, token=token):
                        self.assertEqual(bool(try_it(document, token)), expected)
                        self.env.invalidate_all()

    # Whose documents are below each visitor: a token is worth nothing there.
    BELOW = {
        "hq": {"north", "south", "west", "depot", "yard"},
        "west": {"depot"},
        "north": {"yard"},
        "south": set(),
        "depot": set(),
        "stranger": set(),
        "public": set(),
    }

    def _opens(self, url, name):
        response = self.get(url)
        return url.split("?")[0] in response.url and name in response.text

    def _succeeds(self, call, *args, **kwargs):
        """Tell whether a JSON-RPC call was not refused."""
        try:
            return call(*args, **kwargs) or True
        except JsonRpcException:
            return False

    def _url(self, document, token, query=""):
        parts = [f"access_token={token}" if token else "", query]
        return f"{document.access_url}?{'&'.join(filter(None, parts))}"

    def _may_page(self, document, token):
        return self._opens(self._url(document, token), document.name)

    def _may_print(self, document, token):
        return all(
            self._opens(self._url(document, token, query), document.name)
            for query in ("report_type=html", "report_type=pdf&download=true")
        )

    def _may_write_in_chatter(self, document, token):
        count = len(document.message_ids)
        params = {
            "thread_model": document._name,
            "thread_id": document.id,
            "post_data": {"body": "Hello"},
            **({"token": token} if token else {}),
        }
        done = self._succeeds(self.make_jsonrpc_request, "/mail/message/post", params)
        document.invalidate_recordset(["message_ids"])
        self.assertEqual(len(document.message_ids) > count, bool(done))
        return done

    def _may_read_chatter(self, document, token):
        params = {
            "thread_model": document._name,
            "thread_id": document.id,
            **({"token": token} if token else {}),
        }
        try:
            return "Secret" in str(self.make_jsonrpc_request("/mail/chatter_fetch", params))
        except JsonRpcException:
            return False

    def _may_search(self, document, _token):
        found = self._succeeds(self.rpc, document._name, "search", [["id", "=", document.id]])
        return found == document.ids

    def _may_read(self, document, _token):
        return self._succeeds(self.rpc, document._name, "read", document.ids, ["name"])

    def _may_change(self, document, _token):
        return any(
            self._succeeds(self.rpc, document._name, method, document.ids, *args)
            for method, args in (("write", [{"name": "X"}]), ("unlink", []), ("copy", []))
        )

    def _may_upload(self, document, token):
        response = self.url_open(
            "/mail/attachment/upload",
            data={
                "thread_model": document._name,
                "thread_id": document.id,
                "csrf_token": self.csrf_token(),
                **({"token": token} if token else {}),
            },
            files={"ufile": ("x.txt", b"Hello")},
        )
        self.assertLess(response.status_code, 500)
        return response.ok and "error" not in response.text

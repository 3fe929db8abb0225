# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import inspect
import json
from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import JsonRpcException, new_test_user
from odoo.tools import mute_logger

from .common_portal import PortalMatrixCommon

MUTED = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
# What core says while each of its methods is called without what it needs.
NOISE = ("odoo.addons.mail.models.mail_thread", "py.warnings")
# What every model has, and no document of ours changes.
GENERIC = frozenset({"onchange", "web_save", "web_resequence", "flush_model", "invalidate_model"})


class LinksCommon(PortalMatrixCommon):
    """Documents with known tokens, and whoever might want them.

    The yardstick is core without us: a link with a token is for who may read the document in
    core. A guest reads a branch's document, but gets its link without the token.

    A subclass has the documents by name in ``documents``, and in ``may_read`` the names of those
    that each visitor reads in core without the consent of a branch.
    """

    # Public methods that return a link.
    LINK_METHODS = ("get_portal_url",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls._create_company(name="Other Company")
        cls.users["staff"] = new_test_user(
            cls.env,
            "staff",
            "base.group_user,base.group_partner_manager",
            company_id=cls.company.id,
        )
        cls.users["foreigner"] = new_test_user(
            cls.env,
            "foreigner",
            "base.group_user,account.group_account_invoice",
            company_id=cls.other_company.id,
            company_ids=cls.other_company.ids,
        )

    @classmethod
    def _set_tokens(cls):
        for name, document in cls.documents.items():
            document.sudo().access_token = f"secret-{name}"
        cls.env.flush_all()
        cls.env.invalidate_all()

    def assert_no_token(self, text, document, is_allowed):
        """Expect the token in what was answered where it is allowed, and nowhere else."""
        if not is_allowed:
            self.assertNotIn("secret-", str(text), document.display_name)

    # The ways

    def by_session(self, document, method):
        """Call a method as a browser's JSON-RPC; what is refused is no answer."""
        try:
            return self.rpc(document._name, method, document.ids)
        except JsonRpcException as error:
            return f"refused: {error}"

    def by_json_2(self, key, document, method):
        """Call a method as a program with an API key does."""
        response = self.url_open(
            f"/json/2/{document._name}/{method}",
            data=json.dumps({"ids": document.ids}),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        return response.text

    def create_key(self, visitor):
        """Return an API key of the visitor."""
        user = self.users[visitor]
        keys = self.env(user=user)["res.users.apikeys"].sudo()
        return keys._generate("rpc", "test", fields.Datetime.now() + timedelta(days=1))

    # The tests, for a subclass with documents

    @mute_logger(*MUTED)
    def check_session_rpc(self):
        """By the session's RPC only who reads a document in core gets its link."""
        for visitor in self.users:
            self.login(visitor)
            for name, document in self.documents.items():
                allowed = name in self.may_read.get(visitor, ())
                with self.subTest(visitor=visitor, document=name):
                    for method in self.LINK_METHODS:
                        link = self.by_session(document, method)
                        self.assertEqual(f"secret-{name}" in str(link), allowed, link)
                self.env.invalidate_all()

    @mute_logger(*MUTED)
    def check_json_2(self):
        """By an API key only who reads a document in core gets its link."""
        for visitor in self.users:
            key = self.create_key(visitor)
            for name, document in self.documents.items():
                allowed = name in self.may_read.get(visitor, ())
                with self.subTest(visitor=visitor, document=name):
                    link = self.by_json_2(key, document, "get_portal_url")
                    self.assertEqual(f"secret-{name}" in link, allowed, link)
                self.env.invalidate_all()

    @mute_logger(*MUTED)
    def check_pages(self):
        """Neither a page nor the link of a mail leads to a token that is not the visitor's."""
        for visitor in self.users:
            self.login(visitor)
            for name, document in self.documents.items():
                allowed = name in self.may_read.get(visitor, ())
                mail_link = f"/mail/view?model={document._name}&res_id={document.id}"
                # Core has no page for entries: the address of their page is "#".
                for url in {mail_link, f"/my{document.access_url.partition('/my')[2]}"} - {"/my"}:
                    with self.subTest(visitor=visitor, document=name, url=url):
                        response = self.get(url)
                        texts = [response.url, response.text]
                        texts += [str(step.headers) for step in response.history]
                        self.assert_no_token(texts, document, allowed)
                self.env.invalidate_all()

    @mute_logger(*MUTED)
    def check_all_methods(self, documents, visitors):
        """Whatever public method is called with the id alone: no answer has a token in it."""
        model = documents[:1]
        methods = [name for name in dir(type(model)) if self._is_callable(model, name)]
        self.assertGreater(len(methods), 30)
        self.assertIn("get_portal_url", methods)
        for visitor in visitors:
            for document in documents:
                token = document.sudo().access_token
                for method in methods:
                    answer = self._call_and_take_back(visitor, document, method)
                    with self.subTest(visitor=visitor, method=method):
                        self.assertNotIn(token, answer)

    def _is_callable(self, model, name):
        """Tell whether anybody may call the method with nothing but ids."""
        if name.startswith("_") or name in GENERIC:
            return False
        try:
            method = get_public_method(model, name)
            inspect.signature(method).bind(model)
        except (AttributeError, AccessError, TypeError, ValueError):
            return False
        return True

    @mute_logger(*NOISE)
    def _call_and_take_back(self, visitor, document, method):
        with self.taken_back():
            env = api.Environment(self.env.cr, self.users[visitor].id, {"active_id": document.id})
            record = env[document._name].browse(document.ids)
            func = get_public_method(record, method)
            try:
                answer = func(record.browse() if hasattr(func, "_api_model") else record)
            except Exception as error:  # pylint: disable=broad-except
                # A refusal, or a method that needs more than an id: what it says counts.
                answer = error
            text = str(answer)
        self.env.invalidate_all()
        return text

    def check_share_wizard(self):
        """The wizard that shares a document gives the link to who may read it only."""
        for name, document in self.documents.items():
            values = {"active_model": document._name, "active_id": document.id}
            for visitor in ("staff", "foreigner"):
                if name in self.may_read.get(visitor, ()):
                    continue
                share = self.env(user=self.users[visitor], context=values)["portal.share"]
                with self.subTest(visitor=visitor, document=name):
                    with self.assertRaises(AccessError), mute_logger(*MUTED):
                        share.default_get(["share_link"])
                    with self.assertRaises(AccessError), mute_logger(*MUTED):
                        share.create({"res_model": document._name, "res_id": document.id}).mapped(
                            "share_link"
                        )

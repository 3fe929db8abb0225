# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest import SkipTest

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestOcaPortal(PortalCommon):
    """OCA's `portal_account_personal_data_only`, where installed: following and consent add up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.env["ir.module.module"]._get("portal_account_personal_data_only").state != (
            "installed"
        ):
            raise SkipTest("portal_account_personal_data_only is not installed")
        cls.own, cls.followed = (
            cls._invoice(cls.hq, amount, due="2026-01-31") for amount in (10.0, 20.0)
        )
        (cls.own | cls.followed).message_partner_ids = False
        cls.followed.message_subscribe(cls.users["hq"].partner_id.ids)

    def _visible(self, login):
        return self.env["account.move"].with_user(self.users[login]).search([]).sudo()

    def test_following_and_consent_add_up(self):
        """The head office's user sees what it follows, and what branches consented to."""
        expected = self.followed | self.invoice_n | self.invoice_s
        self.assertEqual(self._visible("hq"), expected.sorted())
        self.login("hq")
        page = self.get("/my/organization/invoices").text
        for invoice in self.own | self.followed | self.invoices:
            self.assertEqual(f'title="{invoice.name}"' in page, invoice in expected)
        page = self.get("/my/organization/pay").text
        for invoice in self.own | self.followed | self.invoices:
            self.assertEqual(
                f">{invoice.name}<" in page, invoice in (self.followed | self.invoice_n)
            )

    def test_own_user_of_the_branch(self):
        """A branch's user sees of its own what it follows: consent gives the parent no less."""
        self.invoice_n.message_partner_ids = False
        self.assertNotIn(self.invoice_n, self._visible("north"))
        self.assertIn(self.invoice_n, self._visible("hq"))

    def test_no_following_by_oneself(self):
        """A guest can't make itself a follower; made one by us, it sees, but neither pays."""
        with self.assertRaises(AccessError):
            self.invoice_s.with_user(self.users["hq"]).message_subscribe(
                self.users["hq"].partner_id.ids
            )
        self.invoice_w.message_subscribe(self.users["hq"].partner_id.ids)
        self.assertIn(self.invoice_w, self._visible("hq"))
        self.login("hq")
        page = self.get(f"/my/invoices/{self.invoice_w.id}?payment=True").text
        self.assertIn(self.invoice_w.name, page)
        self.assertNotIn("o_payment_form", page)
        self.assertNotIn("o_portal_chatter", page)

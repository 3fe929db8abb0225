# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .common_adoption import AdoptionCommon


@tagged("post_install", "-at_install")
class TestAdoptionTour(AdoptionCommon, HttpCase):
    """What an invoicing manager clicks to make hierarchies of the customers there are."""

    def test_families(self):
        """Find, accept a family, look at it, undo; choose another parent; dismiss."""
        globex = self._create_customer("Tour Globex", company_registry="12345678200010")
        lyon = self._create_customer("Tour Globex Lyon", company_registry="12345678200028")
        vat = {"vat": "BE0477472701", "country_id": self.env.ref("base.be").id}
        for name in ("Tour Initech", "Tour Initech Gent", "Tour Initech Namur"):
            self._create_customer(name, city=name.split()[-1], **vat)
        hooli = self._create_customer("Tour Hooli")
        self.env.user.password = "adoption-tour"
        self.start_tour(
            "/odoo/suggested-hierarchies", "customer_org_adoption", login=self.env.user.login
        )
        self.env.invalidate_all()
        self.assertFalse(lyon.billing_parent_id | globex.billing_child_ids)
        self.assertEqual(hooli.billing_child_ids.name, "Tour Initech Gent")
        dismissed = self.suggestions.search([("state", "=", "dismissed")])
        self.assertEqual(dismissed.partner_id.name, "Tour Initech Namur")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import AcmeCommon


class AdoptionCommon(AcmeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.suggestions = cls.env["customer.hierarchy.suggestion"]

    @classmethod
    def _find(cls, *customers):
        """Search, and return the new suggestions about these customers only."""
        cls.suggestions.action_search()
        ids = [customer.id for customer in customers]
        return cls.suggestions.search(
            [("state", "=", "new"), ("partner_id", "in", ids), ("parent_id", "in", ids)]
        )


@tagged("post_install", "-at_install")
class TestSuggestions(AdoptionCommon):
    def test_siren_within_siret(self):
        """Two places of one French company: the one is certainly billed under the other (44)."""
        lyon = self._create_customer("Acme Lyon", company_registry="12345678200028")
        acme = self._create_customer("Acme", company_registry="12345678200010")
        suggestion = self._find(lyon, acme)
        self.assertEqual(suggestion.partner_id, lyon)
        self.assertEqual(suggestion.parent_id, acme)
        self.assertEqual(suggestion.certainty, "certain")
        self.assertIn("same SIREN 123 456 782", suggestion.reason)
        action = suggestion.action_accept()
        self.assertEqual(lyon.billing_parent_id, acme)
        self.assertEqual(lyon.billing_parent_access, "none")
        update = self.env[action["res_model"]].browse(action["res_id"])
        update.action_undo()
        self.assertFalse(lyon.billing_parent_id)
        self.assertEqual(suggestion.state, "new")

    def test_accountants_address(self):
        """Customers that have their accountant's e-mail do not belong together (45)."""
        customers = [
            self._create_customer(name, email="mail@fiduciaire-durand.fr")
            for name in (
                "Boulangerie Martin",
                "Garage Petit",
                "Optique Leroy",
                "Fleurs Dubois",
                "Menuiserie Robert",
                "Pharmacie Simon",
                "Auto Laurent",
                "Librairie Michel",
                "Boucherie Garcia",
                "Coiffure David",
                "Fiduciaire Durand",
            )
        ]
        self.assertFalse(self._find(*customers))

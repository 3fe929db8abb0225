# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.customer_org.models.adoption import address
from odoo.addons.customer_org.models.adoption.evidence import Customer

from .common_adoption import AdoptionCommon


@tagged("post_install", "-at_install")
class TestAdoptionTraps(AdoptionCommon):
    """What only looks like a family, or like one customer twice: each from somebody's database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Numbers of real databases are wrong at times.
        cls.env = cls.env(context={**cls.env.context, "no_vat_validation": True})
        cls.suggestions = cls.suggestions.with_env(cls.env)

    def _create(self, name, country=None, **values):
        if country:
            values["country_id"] = self.env.ref(f"base.{country}").id
        return self._create_customer(name, **values)

    def _tell(self, *customers):
        """Return ``{(customer, parent): (kind, certainty)}`` of what is found, by name."""
        return {
            (found.partner_id.name, found.parent_id.name): (found.kind, found.certainty)
            for found in self._find(*customers)
        }

    def _share_account(self, number, holder, *customers):
        return self.env["res.partner.bank"].create(
            [
                {"acc_number": number, "acc_holder_name": holder, "partner_id": customer.id}
                for customer in customers
            ]
        )

    def test_numbers_of_zeros(self):
        """Zeros have right check digits in France and Indonesia, and are no number."""
        french = [
            self._create(f"Nul {name}", "fr", company_registry=registry, city=name)
            for name, registry in (("Un", "000000000"), ("Deux", "00000000000012"))
        ]
        others = [
            self._create(f"Nihil {name}", country, vat=vat)
            for name, country, vat in (
                ("Satu", "id", "00.000.000.0-000.000"),
                ("Dua", "id", "00.000.000.0-000.001"),
                ("Isa", "ph", "000-000-000-000"),
                ("Dalawa", "ph", "000-000-000-001"),
                ("Eins", "at", "ATU00000000"),
                ("Zwei", "at", "ATU00000000"),
            )
        ]
        self.assertEqual(self._tell(*french, *others), {})

    def test_made_up_number(self):
        """A number with wrong check digits and a name that fits are likely, not certain."""
        values = {"country": "be", "vat": "BE0123456788"}
        dupont = self._create("Dupont", city="Namur", **values)
        gent = self._create("Dupont Gent", city="Gent", **values)
        self.assertEqual(
            self._tell(dupont, gent), {("Dupont Gent", "Dupont"): ("branch", "likely")}
        )

    def test_made_up_number_of_strangers(self):
        """A number with wrong check digits makes nobody the same customer as another."""
        one, two = (self._create(name, "de", vat="DE111222333") for name in ("Ahorn", "Birke"))
        self.assertEqual(self._tell(one, two), {})

    def test_fiscal_unity(self):
        """Members of a fiscal unity have one tax number and address, and are not one customer."""
        address = {"street": "Damrak 1", "zip": "1012LG", "city": "Amsterdam"}
        values = {"country": "nl", "vat": "NL123456782B90", **address}
        holding = self._create("Vandam Holding BV", company_registry="12345678", **values)
        trade = self._create("Vandam Trade BV", company_registry="87654321", **values)
        found = self._find(holding, trade)
        self.assertEqual(
            (found.partner_id, found.parent_id, found.kind), (trade, holding, "branch")
        )
        self.assertIn("registered apart", found.reason)

    def test_siren_only(self):
        """Two with nothing but one SIREN are duplicates at one address, else not certain."""
        values = {"country": "fr", "company_registry": "732829320"}
        first = self._create("Durand", city="Lyon", **values)
        twice = self._create("Durand SA", city="LYON", **values)
        other = self._create("Durand", city="Metz", **values)
        place = self._create("Durand Lille", "fr", company_registry="73282932000074", city="Lille")
        self.assertEqual(
            self._tell(first, twice, other), {("Durand SA", "Durand"): ("duplicate", "likely")}
        )
        found = self._find(first, other, place).filtered(lambda s: s.partner_id == place)
        self.assertEqual((found.kind, found.certainty), ("branch", "likely"))

    def test_number_without_country(self):
        """A CNPJ on a customer without a country is no SIRET, also where it could be one."""
        head = self._create("Souza", vat="12345679000130")
        branch = self._create("Souza Recife", vat="12345679000210")
        found = self._find(head, branch)
        self.assertIn("CNPJ root", found.reason)
        self.assertNotIn("SIREN", found.reason)

    def test_same_number_of_two_countries(self):
        """Digits of a tax office are not those of another country's."""
        for_germany = self._create("Alpha", "de", vat="136695976")
        for_greece = self._create("Alpha Patras", "gr", vat="136695976")
        self.assertNotIn(
            "certain",
            [certainty for _kind, certainty in self._tell(for_germany, for_greece).values()],
        )

    def test_franchise(self):
        """Franchisees have the brand's name and domain, and are billed for themselves: weak."""
        brand = self._create("Kebabo", email="info@kebabo.com", vat="BE0477472701")
        shop = self._create("Kebabo Gent", email="gent@kebabo.com", vat="BE0428759497", city="Gent")
        self.assertEqual(self._tell(brand, shop), {("Kebabo Gent", "Kebabo"): ("branch", "weak")})

    def test_bookkeeper(self):
        """Address, phone, mail and bank account of a bookkeeper make no family of its clients."""
        shared = {"street": "Rue du Lac 3", "phone": "+32 2 000", "email": "mail@durbuy-compta.be"}
        office = self._create("Durbuy Compta", **shared)
        clients = [self._create(f"Client{number}ax", **shared) for number in range(11)]
        self._share_account("BE68539007547034", "Durbuy Compta", *clients)
        certainties = [certainty for _kind, certainty in self._tell(office, *clients).values()]
        self.assertEqual(set(certainties), {"weak"})

    def test_account_without_holder(self):
        """An account that two customers have, and nobody is named as its holder, says nothing."""
        one, two = self._create("Onesimus"), self._create("Twombly")
        self._share_account("BE68539007547034", False, one, two)
        self.assertEqual(self._tell(one, two), {})

    def test_private_persons(self):
        """A person whose tax number is *n/a* is a private person, who works at the company."""
        company = self._create("Initrode", email="info@initrode.com")
        person = self._create("Ann Lee", is_company=False, vat="n/a", email="ann@initrode.com")
        trader = self._create(
            "Bo Lee", is_company=False, vat="BE0428759497", email="b@initrode.com"
        )
        self.assertEqual(set(self._tell(company, person, trader)), {("Bo Lee", "Initrode")})

    def test_nameless_customer(self):
        """A customer whose name is only a legal form is nobody's head office by its name."""
        values = {"vat": "BE0477472701", "country": "be"}
        head = self._create("Wernham HQ", city="Gent", **values)
        branch = self._create("Wernham Namur", city="Namur", **values)
        odd = self._create("-", city="Mons", **values)
        self.assertEqual(self._find(head, branch, odd).parent_id, head)

    def test_chain_of_one_number(self):
        """A chain of very many places with one number takes no longer for each of them."""
        counts = []
        for size in (50, 200):
            customers = {
                number: Customer(
                    number, f"Chain {number}", "BE0477472701", street=f"Street {number}"
                )
                for number in range(1, size + 1)
            }
            with patch.object(address, "read_address", side_effect=address.read_address) as read:
                self.assertEqual(len(self.suggestions._find_vat(customers)), size - 1)
            counts.append(read.call_count / size)
        self.assertLess(max(counts), 5)

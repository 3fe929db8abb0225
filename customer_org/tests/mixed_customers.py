# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Customers as a company has them, with known truth: families, and what only looks like one.

Plain Python, so that tests and benchmarks use the same: see :func:`make_customers`.
"""

import itertools
import random
from dataclasses import dataclass, field

from stdnum import luhn
from stdnum.br import cnpj

CITIES = (
    "Paris Lyon Nantes Lille Bordeaux Toulouse Rennes Nice Metz Dijon Gent Antwerpen Namur Berlin "
    "Hamburg Leipzig Bremen Milano Torino Porto Lisboa Sevilla Bilbao Valencia Utrecht Leiden"
).split()
STREETS = "Rue Neuve,High Street,Hauptstrasse,Via Roma,Calle Mayor,Kerkstraat,Avenue Foch".split(
    ","
)
TRADES = "Boulangerie Garage Optique Fleurs Menuiserie Pharmacie Librairie Boucherie".split()
SURNAMES = (
    "Martin Bernard Petit Durand Leroy Moreau Simon Laurent Michel Garcia Muller Rossi".split()
)
FIRST = "An Be Co Da El Fa Go Ha In Ju Ka Lo Mi No Or Pa Qu Ra So Ta Ul Va Wo Xe Yo Zu".split()
LAST = "ber cal dor fex gan hil jar kon lum mex nor pol rix sen tor vex wel xan yor zed".split()
MIDDLE = "ba de ki lo mu na pe ri su ta vo ze".split()


@dataclass
class Row:
    """One customer: its values, and the truth about it.

    :ivar dict values: of ``res.partner``; ``country`` is a code, ``contact_of`` another row's key
    :ivar parent: key of the true billing parent, or None
    :ivar same_as: key of the customer that this one is a second time, or None
    :ivar paid_by: keys of who paid its invoices, with the number of these
    """

    key: int
    values: dict
    parent: int | None = None
    same_as: int | None = None
    paid_by: dict = field(default_factory=dict)


class Maker:
    """Makes rows; every method adds one family or one trap."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rows = []
        self.bases = set()

    def add(self, name, parent=None, same_as=None, **values):
        address = {
            "street": f"{self.random.choice(STREETS)} {self.random.randint(1, 300)}",
            "zip": str(self.random.randint(10000, 99999)),
            "city": self.random.choice(CITIES),
        }
        values = {"name": name, "is_company": True, **address, **values}
        self.rows.append(Row(len(self.rows), values, parent, same_as))
        return self.rows[-1]

    def base(self):
        """Return the name of a company that is nobody else's."""
        for attempt in itertools.count():
            # Longer ones where the short ones are used up.
            syllables = (FIRST, *(MIDDLE,) * (2 + attempt // 20), LAST)
            name = "".join(self.random.choice(words) for words in syllables)
            if name not in self.bases:
                self.bases.add(name)
                return name

    def cities(self, low=2, high=5):
        return self.random.sample(CITIES, self.random.randint(low, high))

    def siren(self):
        digits = f"{self.random.randint(10**7, 10**8 - 1)}"
        return digits + luhn.calc_check_digit(digits)

    def belgian(self):
        digits = self.random.randint(4 * 10**7, 9 * 10**7)
        number = f"0{digits}"[:8]
        return f"BE{number}{97 - int(number) % 97:02d}"

    # Families

    def french(self):
        base, siren = self.base(), self.siren()
        head_name = self.random.choice([base, f"{base} SAS", f"{base} Siège", f"{base} Holding"])
        registry = self.random.choice([f"{siren}00012", siren])
        head = self.add(head_name, company_registry=registry, country="FR")
        for number, city in enumerate(self.cities(), 2):
            self.add(
                f"{base} {city}",
                head.key,
                city=city,
                country="FR",
                company_registry=f"{siren[:3]} {siren[3:6]} {siren[6:]} {number * 11:05d}",
            )

    def brazilian(self):
        base, root = self.base(), f"{self.random.randint(10**7, 10**8 - 1)}"
        head = None
        for number, city in enumerate(self.cities(), 1):
            digits = f"{root}{number:04d}"
            vat = digits + cnpj.calc_check_digits(digits)
            name = f"{base} Ltda" if number == 1 else f"{base} {city}"
            row = self.add(name, head and head.key, vat=vat, country="BR", city=city)
            head = head or row

    def one_number(self):
        base, vat = self.base(), self.belgian()
        head = self.add(f"{base} NV", vat=vat, country="BE")
        for city in self.cities():
            self.add(f"{base} {city}", head.key, vat=vat, country="BE", city=city)

    def paid(self):
        base = self.base()
        head = self.add(f"{base} HQ")
        for city in self.cities():
            row = self.add(f"{base} {city}", head.key, city=city)
            row.paid_by[head.key] = self.random.randint(2, 5)

    def brands(self):
        """A holding that pays for companies whose names are nothing like its own."""
        head = self.add(f"{self.base()} Holding")
        for _number in range(self.random.randint(3, 5)):
            row = self.add(self.base(), head.key)
            row.paid_by[head.key] = self.random.randint(2, 5)

    def contacts(self):
        base = self.base()
        head = self.add(f"{base} Group")
        for city in self.cities(1, 3):
            self.add(f"{base} {city}", head.key, city=city, contact_of=head.key)

    def domain(self):
        base = self.base()
        mail = f"{base.lower()}.eu"
        head = self.add(base, email=f"info@{mail}")
        for city in self.cities():
            self.add(f"{base} {city}", head.key, city=city, email=f"{city.lower()}@{mail}")

    def duplicate(self):
        base, vat = self.base(), self.belgian()
        first = self.add(f"{base} BV", vat=vat, country="BE")
        address = {name: first.values[name] for name in ("street", "zip", "city")}
        spaced = f"{vat[:2]} {vat[2:6]}.{vat[6:9]}.{vat[9:]}"
        self.add(base.upper(), same_as=first.key, vat=spaced, country="BE", **address)

    def fiscal_unity(self):
        """Companies of one group, at one address, with the tax number of the group."""
        base, vat = self.base(), self.belgian()
        head = self.add(f"{base} Holding", vat=vat, country="BE", company_registry="KBO 400000001")
        address = {name: head.values[name] for name in ("street", "zip", "city")}
        for number in range(2):
            registry = f"KBO 40000001{number}"
            name = f"{base} {self.random.choice(TRADES)}"
            values = {"vat": vat, "country": "BE", "company_registry": registry, **address}
            self.add(name, head.key, **values)

    # What only looks like a family

    def franchise(self):
        base = self.base()
        head = self.add(base, email=f"info@{base.lower()}.com", vat=self.belgian(), country="BE")
        for city in self.cities():
            email = f"{city.lower()}@{base.lower()}.com"
            row = self.add(
                f"{base} {city}", email=email, vat=self.belgian(), country="BE", city=city
            )
            row.values["company_registry"] = row.values["vat"][2:]
        return head

    def accountant(self):
        office = f"fiduciaire-{self.base().lower()}"
        self.add(office.replace("-", " ").title(), email=f"mail@{office}.fr", country="FR")
        for _number in range(10):
            name = f"{self.random.choice(TRADES)} {self.base()}"
            siren = self.siren()
            self.add(name, email=f"mail@{office}.fr", company_registry=siren, country="FR")

    def paying_accountant(self):
        office = self.base()
        head = self.add(f"{office} Treuhand", email=f"mail@{office.lower()}.ch")
        for number in range(3):
            row = self.add(self.base(), email=f"client{number}@{office.lower()}.ch")
            row.paid_by[head.key] = 3

    def strangers(self):
        name = f"{self.random.choice(TRADES)} {self.random.choice(SURNAMES)}"
        for _number in range(3):
            self.add(name)
        self.add(f"{name} {self.random.choice(CITIES)}")

    def persons(self):
        surname = self.random.choice(SURNAMES)
        for first in ("Anna", "Bruno", "Clara"):
            self.add(f"{first} {surname}", is_company=False, email=f"{first}@{surname}.org".lower())

    def stand_ins(self):
        for vat in ("/", "XEXX010101000", "000000000", "XEXX010101000", "/", "000000000"):
            self.add(self.base(), vat=vat, country="MX")

    def alone(self):
        for _number in range(5):
            mail = self.random.choice(["gmail.com", "orange.fr", f"{self.base().lower()}.net"])
            self.add(self.base(), email=f"{self.base().lower()}@{mail}")

    def insurer(self):
        """Who pays for the repairs of many, and is nobody's head office."""
        payer = self.add(f"{self.base()} Assurances")
        for _number in range(12):
            self.add(self.base()).paid_by[payer.key] = 1

    def made_up(self):
        """A number that somebody typed so that the field is not empty."""
        for _number in range(3):
            self.add(self.base(), vat="DE111222333", country="DE")

    def wrong_payer(self):
        payer = self.add(self.base())
        self.add(self.base()).paid_by[payer.key] = 1


KINDS = (
    "french brazilian one_number paid brands contacts domain duplicate fiscal_unity franchise "
    "accountant paying_accountant strangers persons stand_ins alone insurer made_up wrong_payer"
).split()


def make_customers(seed, count):
    """Return at least ``count`` rows, of every kind in turn; the same for the same seed."""
    maker = Maker(seed)
    while len(maker.rows) < count:
        for kind in KINDS:
            getattr(maker, kind)()
    return maker.rows

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from .common import AcmeCommon


class AdoptionCommon(AcmeCommon):
    """Customers who belong together without anybody having said so."""

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

    @classmethod
    def _create_french(cls):
        """Create two places of one French company."""
        lyon = cls._create_customer("Globex Lyon", company_registry="12345678200028")
        globex = cls._create_customer("Globex", company_registry="12345678200010")
        return lyon, globex

    @classmethod
    def _match_across(cls, *paid):
        """Let core match payments of one customer with invoices of another, as it does.

        :param paid: tuples of payer, customer and number of invoices
        """
        customers = [customer for _payer, customer, count in paid for _number in range(count)]
        invoices = iter(cls._create_invoices(customers, len(customers)))
        for payer, _customer, count in paid:
            items = cls._payment(payer, 10.0 * count).move_id
            for _number in range(count):
                items |= next(invoices)
            cls._receivable_lines(items).reconcile()

    @classmethod
    def _create_rows(cls, rows):
        """Create the rows of :mod:`.mixed_customers`; return ``{key: customer}``."""
        countries = {country.code: country.id for country in cls.env["res.country"].search([])}
        partners = cls.env["res.partner"].with_context(
            tracking_disable=True, no_vat_validation=True
        )
        made = partners.create(
            [
                {
                    **{
                        fname: value
                        for fname, value in row.values.items()
                        if fname not in ("country", "contact_of")
                    },
                    "country_id": countries.get(row.values.get("country")),
                }
                for row in rows
            ]
        ).with_env(cls.env)
        customers = dict(zip((row.key for row in rows), made, strict=True))
        for row in rows:
            if "contact_of" in row.values:
                customer = customers[row.key]
                customer.write(
                    {"type": "other", "parent_id": customers[row.values["contact_of"]].id}
                )
        cls._match_across(
            *(
                (customers[payer_key], customers[row.key], count)
                for row in rows
                for payer_key, count in row.paid_by.items()
            )
        )
        return customers

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import AcmeCommon


class GroupCommon(AcmeCommon):
    """Resellers: a pricelist of -20 %, 5 % on top, 45 days; a product of 100, taxed 10 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group_pricelist = cls._create_pricelist("Resellers -20 %", 20)
        cls.own_pricelist = cls._create_pricelist("Own -10 %", 10)
        cls.days_30, cls.days_45, cls.days_60 = (
            cls.env["account.payment.term"].create(
                {"name": f"{days} days", "line_ids": [Command.create({"nb_days": days})]}
            )
            for days in (30, 45, 60)
        )
        cls.resellers = cls._create_group("Resellers")
        cls.tax_10 = cls.env["account.tax"].create({"name": "10 %", "amount": 10})
        cls.product = cls.env["product.product"].create(
            {
                "name": "Pump",
                "list_price": 100.0,
                "taxes_id": [Command.set(cls.tax_10.ids)],
                "invoice_policy": "order",
            }
            if "invoice_policy" in cls.env["product.product"]
            else {"name": "Pump", "list_price": 100.0, "taxes_id": [Command.set(cls.tax_10.ids)]}
        )
        cls.member = cls._create_customer("Member")
        cls.ordinary = cls._create_customer("Ordinary")

    @classmethod
    def _create_group(cls, name, **values):
        terms = {
            "pricelist_id": cls.group_pricelist.id,
            "payment_term_id": cls.days_45.id,
            "discount": 5.0,
        }
        if "parent_id" in values:
            terms = {}
        return cls.env["customer.group"].create({"name": name, **terms, **values})

    @classmethod
    def _create_user(cls, login, groups):
        """Return a user of this company alone."""
        return new_test_user(
            cls.env, login, groups, company_id=cls.company.id, company_ids=cls.company.ids
        )

    @classmethod
    def _create_pricelist(cls, name, percent, **values):
        return cls.env["product.pricelist"].create(
            {
                "name": name,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": percent,
                        }
                    )
                ],
                **values,
            }
        )

    @classmethod
    def _draft_invoice(cls, partner, **line_values):
        """Write a customer invoice over one pump."""
        line = {"product_id": cls.product.id, "quantity": 7, **line_values}
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [Command.create(line)],
            }
        )

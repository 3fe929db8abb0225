# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tools import file_open
from odoo.tools.convert import convert_xml_import

from .common import SettlementCommon

#: The demo's files that need no demo data of others, in the order of the manifest.
STORY = ("res_partner", "account_move", "customer_remittance", "story")


class DemoCommon(SettlementCommon):
    """The demo's story, in the test's own company: for the numbers of guide and README.

    Loaded under a name of its own, so that it is new also in a database with demo data.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in STORY:
            with file_open(f"customer_org/demo/{name}_demo.xml", "rb") as file:
                convert_xml_import(cls.env, "customer_org_story", file, {}, "init")
        cls.acme, cls.north, cls.south, cls.east, cls.west, cls.portland = (
            cls.demo(f"partner_acme{name}")
            for name in ("", "_north", "_south", "_east", "_west", "_west_portland")
        )
        cls.invoice_north = cls.demo("invoice_north_switches")
        cls.transfer = cls.demo("payment_acme")

    @classmethod
    def demo(cls, name):
        """Return a record of the demo by its name there."""
        return cls.env.ref(f"customer_org_story.{name}")

    def get_open(self, *customers):
        """Return what is open on each customer's documents, credits included."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "in", [customer.id for customer in customers]),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        residuals = lines.grouped("partner_id")
        return [
            sum(residuals.get(one, lines.browse()).mapped("amount_residual")) for one in customers
        ]

    def add_credit(self, invoice, credit):
        """Click *Add* beside a credit on an invoice."""
        invoice.js_assign_outstanding_line(self._receivable_lines(credit).id)

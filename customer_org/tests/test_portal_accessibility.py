# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from importlib.util import find_spec
from pathlib import Path
from unittest import skipUnless

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_portal import PortalCommon

AXE = find_spec("axe_core_python")

# Each page in a frame of each width: what is hidden on a phone, and what only a phone shows, are
# both looked at. Core's own parts are core's affair.
CHECK = """
(async () => {
    const source = await (await fetch(%(axe)s)).text();
    const faults = [];
    for (const width of [1440, 390]) {
        for (const url of %(urls)s) {
            const frame = document.createElement("iframe");
            Object.assign(frame.style, { width: `${width}px`, height: "900px" });
            frame.src = url;
            const loaded = new Promise((resolve) => (frame.onload = resolve));
            document.body.append(frame);
            await loaded;
            const { contentDocument: page, contentWindow: frameWindow } = frame;
            if (!page.querySelector(%(marker)s)) {
                faults.push(`${url} does not show ${%(marker)s}`);
            }
            frameWindow.eval(source);
            const { violations } = await frameWindow.axe.run(
                { include: [["main"]], exclude: [["#o_payment_form"]] },
                { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }
            );
            for (const { id, nodes } of violations) {
                for (const { html, failureSummary } of nodes) {
                    faults.push(`${url} at ${width} px: ${id}: ${html}: ${failureSummary}`);
                }
            }
            frame.remove();
        }
    }
    if (faults.length) {
        console.error(faults.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


@skipUnless(AXE, "axe-core-python is not installed.")
@tagged("post_install", "-at_install")
class TestPortalAccessibility(PortalCommon):
    """Our pages of the portal keep to WCAG 2.1 AA, as far as axe can tell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.portal_branch_consent = True
        # Overdue, not due, paid in part, a credit note, an open credit, a name without a blank.
        cls._payment(cls.hq, 1000.0)
        cls._invoice(cls.hq, 50.0, due="2099-01-31")
        cls._invoice(cls.south, 120.0, due="2026-02-28", move_type="out_refund")
        cls._receivable_lines(cls._payment(cls.north, 1000.0).move_id | cls.invoice_n).reconcile()
        cls._create_customer("Acme " + "Westerlo" * 8, cls.hq, billing_parent_access="view")
        (path,) = AXE.submodule_search_locations
        script = Path(path, "axe.min.js").read_bytes()
        cls.script = cls.env["ir.attachment"].create({"name": "axe", "raw": script, "public": True})

    def create_remittance(self, kind, *numbers):
        """Return a remittance of the head office, waiting, with lines for these numbers."""
        remittance = self.env["customer.remittance"].create(
            {
                "kind": kind,
                "partner_id": self.hq.id,
                "date_expected": fields.Date.today(),
                "line_ids": [Command.create({"number": n, "amount": 10.0}) for n in numbers],
            }
        )
        remittance.action_match()
        remittance.action_confirm()
        return remittance

    def check(self, login, urls, marker="main"):
        code = CHECK % {
            "axe": json.dumps(f"/web/content/{self.script.id}"),
            "urls": json.dumps(urls),
            "marker": json.dumps(marker),
        }
        self.browser_js("/web/login?redirect=/my", code, login=login, timeout=120)

    def test_head_office(self):
        """Overview, invoices, paying, statement and remittances of a head office."""
        wire = self.create_remittance("wire", self.invoice_s.name)
        advice = self.create_remittance("advice", self.invoice_n.name, "lost")
        self.check(
            "hq",
            [
                "/my/organization",
                "/my/organization?search=nobody",
                "/my/organization/invoices?filterby=all",
                "/my/organization/pay?select=overdue",
                f"/my/organization/pay?invoice_ids={self.invoice_n.id}",
                "/my/organization/statement",
                "/my/organization/statement?presentation=open",
                "/my/organization/remittances",
                f"/my/organization/remittances/{wire.id}",
                f"/my/organization/remittances/{advice.id}",
            ],
            ".breadcrumb-item.active, #organization_payment",
        )

    def test_branch(self):
        """The page where a branch decides what its head office may do."""
        self.check("north", ["/my/organization/access"], "input[name=access]")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import re

import polib
from lxml import html

from odoo.tests import HttpCase, tagged
from odoo.tools import file_path

from .common_demo import DemoCommon
from .common_portal import PortalCommon

LANG = "fr_FR"
#: Texts of theirs stay English where their translations are not loaded.
OTHERS = ("account", "account_payment", "base", "mail", "payment", "portal", "product", "web")
WORD = re.compile(r"[^\W\d_]{2,}")
# Opens one action after the other, and reports what is seen of the English texts.
LOOK = """
(async () => {
    const english = new Set(%(texts)s);
    const found = new Set();
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const note = (text, where) => {
        text = (text || "").replace(/\\s+/g, " ").trim();
        if (english.has(text)) {
            found.add(`${where}: ${text}`);
        }
    };
    const look = (where) => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            if (walker.currentNode.parentElement.checkVisibility()) {
                note(walker.currentNode.textContent, where);
            }
        }
        for (const name of ["title", "placeholder", "aria-label"]) {
            for (const element of document.querySelectorAll(`[${name}]`)) {
                note(element.getAttribute(name), where);
            }
        }
    };
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    let seen = 0;
    for (const [where, wanted] of Object.entries(%(actions)s)) {
        await action.doAction(wanted, { clearBreadcrumbs: true });
        for (const tab of [null, ...document.querySelectorAll(".o_notebook a.nav-link")]) {
            tab?.click();
            await pause(300);
            look(where);
            seen += document.body.innerText.length;
        }
    }
    if (found.size || seen < 5000) {
        console.error(`Not translated: ${[...found].join("; ") || "nothing was seen"}`);
    } else {
        console.log("test successful");
    }
})();
"""


def get_english(env):
    """Return ``{English: French}`` of our texts: what a French screen must not show, and what.

    Those of a word or two letters, those with tags and those that others have as well are left
    out.
    """
    pots = "".join(
        open(file_path(f"{name}/i18n/{name}.pot"), encoding="utf-8").read() for name in OTHERS
    )
    pot = polib.pofile(file_path("customer_org/i18n/customer_org.pot"))
    known = {entry.msgid for entry in pot}
    return {
        " ".join(entry.msgid.split()): " ".join(entry.msgstr.split())
        for entry in polib.pofile(file_path("customer_org/i18n/fr.po"))
        if entry.msgid in known
        and entry.msgstr not in ("", entry.msgid)
        and len(WORD.findall(entry.msgid)) > 1
        and not re.search(r"[<%]", entry.msgid)
        and f'msgid "{entry.msgid}"' not in pots
    }


def load_french(env):
    env["res.lang"]._activate_lang(LANG)
    ours = [("name", "=like", "customer_org%"), ("state", "=", "installed")]
    env["ir.module.module"].search(ours)._update_translations([LANG])
    env["ir.ui.view"].invalidate_model()


@tagged("post_install", "-at_install")
class TestFrenchScreens(DemoCommon, HttpCase):
    """No text of ours is English on the screens of a French accountant."""

    def get_actions(self):
        """Return what is looked at: a name and an action, as clients open them."""

        def form(record):
            action = {"type": "ir.actions.act_window", "res_model": record._name}
            return {**action, "res_id": record.id, "views": [[False, "form"]]}

        wizard = self.env["customer.settlement.wizard"].browse(
            self.acme.action_settle_branches()["res_id"]
        )
        lists = (
            "customer_to_settle",
            "customer_settlement",
            "customer_remittance",
            "customer_group",
            "customer_hierarchy_family",
            "customer_receivable_finding",
            "customer_remittance_import",
        )
        return {
            **{name: f"customer_org.action_{name}" for name in lists},
            "head office": form(self.acme),
            "branch": form(self.north),
            "invoice": form(self.invoice_north),
            "remittance": form(self.demo("remittance_globex")),
            "settlement": form(self.last_settlement()),
            "settle": form(wizard),
        }

    def test_screens(self):
        """Lists, forms and all their pages."""
        load_french(self.env)
        self.env.user.lang = LANG
        texts = get_english(self.env)
        self.assertGreater(len(texts), 300)
        self.browser_js(
            "/odoo/customers",
            LOOK % {"texts": json.dumps(list(texts)), "actions": json.dumps(self.get_actions())},
            ready="odoo.isReady === true",
            login=self.env.user.login,
            timeout=120,
        )


@tagged("post_install", "-at_install")
class TestFrenchPortal(PortalCommon):
    """No text of ours is English on the pages of a French head office."""

    def test_pages(self):
        """All pages of *My organization*."""
        load_french(self.env)
        self.users["hq"].lang = LANG
        texts = get_english(self.env)
        self.login("hq")
        for page in ("", "/invoices", "/pay", "/statement", "/remittances"):
            response = self.url_open(f"/my/organization{page}")
            self.assertEqual(response.status_code, 200)
            tree = html.fromstring(response.text)
            seen = tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
            seen += tree.xpath("//body//@title | //body//@placeholder | //body//@aria-label")
            seen = {" ".join(str(text).split()) for text in seen}
            self.assertFalse(seen & texts.keys(), page)
            self.assertTrue(seen & set(texts.values()), page)

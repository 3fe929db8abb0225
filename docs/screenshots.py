# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Take the pictures of README, guide and Apps page: walk through a new demo database.

``./dev screenshots`` calls it with the server's address. README and guide have whole screens; the
Apps page has what matters of them, at double density, and the portal on a phone.
"""

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
# The Apps store shows an addon's own files only.
DESCRIPTION = ROOT / "customer_org/static/description"
TIMEOUT = 120_000
SCREEN = {"width": 1280, "height": 1000}
PHONE = {"width": 390, "height": 844}
MARGIN = 16


class Browser:
    """A page in the installed Chromium; every step waits for its element."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        page.set_default_timeout(TIMEOUT)

    def find(self, selector, text=""):
        """Return the first visible element with ``text`` in it."""
        return self.page.locator(selector).filter(has_text=text, visible=True).first

    def wait(self, selector, text=""):
        self.find(selector, text).wait_for()

    def click(self, selector, text="", inside=None):
        """Click on an element, or on what ``inside`` selects in it."""
        found = self.find(selector, text)
        (found.locator(inside).first if inside else found).click()

    def scroll_to(self, selector):
        self.find(selector).evaluate("element => element.scrollIntoView({block: 'center'})")

    def open(self, path):
        self.page.goto(self.url + path)

    def log_in(self, login, home=".o_main_navbar"):
        self.open("/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.press("input[name=password]", "Enter")
        self.wait(home)

    def settle(self):
        """Wait until nothing moves any more."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("document.fonts.status === 'loaded'")
        self.page.wait_for_function(
            "!document.querySelector('.o_loading_indicator, .o_view_sample_data_loading')"
        )
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(1000)

    def take(self, name, selector=".o_action_manager", text=""):
        """Take the whole screen for README and guide."""
        self.wait(selector, text)
        self.settle()
        self.write(IMAGES / f"{name}.png", scale="css")

    def crop(self, name, *selectors, margin=MARGIN):
        """Take the part that holds these elements for the Apps page, at double density."""
        self.wait(selectors[0])
        self.settle()
        boxes = [self.find(selector).bounding_box() for selector in selectors]
        left = max(0, min(box["x"] for box in boxes) - margin)
        top = max(0, min(box["y"] for box in boxes) - margin)
        right = max(box["x"] + box["width"] for box in boxes) + margin
        bottom = max(box["y"] + box["height"] for box in boxes) + margin
        size = self.page.viewport_size
        clip = {"x": left, "y": top}
        clip["width"] = min(right, size["width"]) - left
        clip["height"] = min(bottom, size["height"]) - top
        self.write(DESCRIPTION / f"{name}.png", clip=clip)

    @contextmanager
    def window(self, width, height):
        """Work in a window of another size for a while."""
        self.page.set_viewport_size({"width": width, "height": height})
        yield
        self.page.set_viewport_size(SCREEN)

    def write(self, path, **options):
        path.write_bytes(self.page.screenshot(**options))
        print(f"    {path.relative_to(ROOT)}", flush=True)


def main(url, *parts):
    """Take all pictures, or those of some of the functions below.

    :param url: of a server with the demo database
    :param parts: names of functions without ``take_``
    """
    screen = {"viewport": SCREEN, "device_scale_factor": 2, "locale": "en-US"}
    phone = {**screen, "viewport": PHONE, "is_mobile": True, "has_touch": True}
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    options = {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu"]}
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as program:
        accountant = Browser(program.new_page(**screen), url)
        accountant.log_in("admin")
        for take in SCREENS:
            if not parts or take.__name__.removeprefix("take_") in parts:
                take(accountant)
        if not parts or "portal" in parts:
            take_portal(Browser(program.new_page(**phone), url))
        if not parts or "banner" in parts:
            size = {"width": 1120, "height": 560}
            take_banner(Browser(program.new_page(viewport=size), url))


def take_head_office(browser):
    browser.open("/odoo/customers")
    browser.click(".o_data_cell[name=complete_name]", "Acme HQ")
    browser.click(".o_notebook .nav-link", "Billing Hierarchy")
    browser.scroll_to(".o_field_widget[name=billing_child_ids]")
    browser.take("head_office", ".o_data_row", "Acme West")
    browser.click("button[name=action_open_billing_hierarchy]")
    browser.click(".o_hierarchy_node:has(.o_hierarchy_node_header) button", "Unfold")
    browser.take("hierarchy", ".o_hierarchy_node", "Acme West Portland")
    with browser.window(1400, 1000):
        names = ("Acme HQ", "Acme East", "Acme West", "Portland")
        browser.crop("hierarchy", *(f".o_hierarchy_node:has-text('{name}')" for name in names))


def take_settle(browser):
    browser.open("/odoo/to-settle")
    browser.click(".o_data_row", "Acme HQ", inside="button[name=action_settle]")
    browser.wait(".o_settlement_preview tbody")
    browser.take("settle")
    with browser.window(1000, 1600):
        browser.click(".o_settlement_grouped")
        browser.wait(".o_settlement_row", "Acme West Portland")
        browser.crop("settle", ".o_form_sheet .oe_title", ".o_settlement_preview table")


def take_invoice(browser):
    browser.open("/odoo/customer-invoices")
    browser.click(".o_data_row:has(.text-danger) .o_data_cell", "Acme North")
    browser.scroll_to(".outstanding_credit_assign")
    browser.take("outstanding_credits", ".open_account_move", "Wire transfer")
    with browser.window(1000, 1000):
        browser.crop("outstanding_credits", ".o_notebook", ".o_field_payment")
    browser.click(".o_field_payment tr", "Wire transfer", inside=".outstanding_credit_assign")
    browser.click(".js_payment_info")
    browser.take("paid", ".account_payment_popover")
    browser.page.keyboard.press("Escape")
    with browser.window(1000, 1300):
        browser.click(".js_payment_info")
        # Above it a new demo database still says that the invoice is being sent.
        browser.crop("paid", ".o_form_sheet .oe_title", ".ribbon", ".o_popover", ".o_field_payment")


def take_settlement(browser):
    browser.open("/odoo/customer-settlements")
    browser.click(".o_data_row .o_data_cell[name=name]")
    browser.take("settlement", "button[name=action_undo]")
    browser.click("button[name=action_open_move]")
    browser.take("journal_entry", "button[name=action_open_customer_settlement]")


def take_remittance(browser):
    browser.open("/odoo/customer-remittances")
    browser.take("remittances", ".o_data_row", "Globex")
    browser.click(".o_data_row:has-text('ZA-2041') .o_data_cell[name=name]")
    browser.take("remittance", ".o_form_view .o_data_row", "Globex Lyon")
    browser.crop("remittance", ".o_form_sheet", margin=0)


def take_statement(browser):
    browser.open("/odoo/customers")
    browser.click(".o_data_cell[name=complete_name]", "Acme HQ")
    browser.click(".o_button_more")
    browser.click("button[name=action_open_statement_wizard]")
    browser.click(".o_field_widget[name=presentation] label", "Open items")
    browser.wait(".o_field_widget[name=preview] td", "Acme West Portland")
    browser.take("statement")
    with browser.window(1000, 1600):
        browser.crop("statement", ".o_statement_summary", ".o_statement_movements")


def take_aged_receivable(browser):
    browser.open("/odoo/aged-receivable-by-hierarchy")
    browser.click(".o_group_name", "Acme HQ")
    browser.take("aged_receivable", ".o_data_row", "Acme West Portland")
    browser.crop("aged_receivable", ".o_list_table", margin=0)


def take_who_paid_for_whom(browser):
    browser.open("/odoo/who-paid-for-whom")
    browser.take("who_paid_for_whom", ".o_pivot tbody th", "Globex Lyon")


def take_groups(browser):
    browser.open("/odoo/action-customer_org.action_customer_group")
    browser.take("customer_groups", ".o_kanban_record .o_dashboard_graph canvas")
    with browser.window(1100, 1000):
        card = ".o_kanban_record:not(.o_kanban_ghost)"
        browser.crop("groups", card, f"{card}:has-text('Gold')")


def take_suggestions(browser):
    browser.open("/odoo/action-customer_org.action_customer_hierarchy_family")
    browser.take("suggested_hierarchies", ".o_kanban_record", "Hooli")


def take_dashboard(browser):
    browser.open("/odoo/dashboards")
    browser.click(".o_search_panel li", "Customer Organization")
    browser.take("dashboard", ".o-spreadsheet .o-figure canvas")


def take_portal(browser):
    browser.log_in("acme", ".o_portal")
    browser.open("/my/organization")
    browser.settle()
    browser.write(DESCRIPTION / "portal.png")
    browser.write(IMAGES / "portal.png", scale="css")


def take_banner(browser):
    browser.page.goto((ROOT / "docs/banner.html").as_uri())
    browser.settle()
    browser.write(DESCRIPTION / "banner.png")


# In this order: later ones show what earlier ones have done.
SCREENS = (
    take_head_office,
    take_settle,
    take_invoice,
    take_settlement,
    take_remittance,
    take_statement,
    take_aged_receivable,
    take_who_paid_for_whom,
    take_groups,
    take_suggestions,
    take_dashboard,
)

if __name__ == "__main__":
    main(*sys.argv[1:])

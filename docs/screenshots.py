# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Take the pictures of the README: walk through a new demo database as a user would.

``./dev screenshots`` calls it with the server's address.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
DESCRIPTION = ROOT / "customer_org/static/description"
# The Apps store shows an addon's own files only.
IN_APPS_STORE = {"hierarchy", "outstanding_credits", "paid", "statement", "aged_receivable"}
TIMEOUT = 30_000


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

    def log_in(self, login):
        self.open("/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.press("input[name=password]", "Enter")
        self.wait(".o_main_navbar")

    def save(self, path):
        """Write what is seen, once nothing moves any more, as a small PNG."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("document.fonts.status === 'loaded'")
        self.page.wait_for_function(
            "!document.querySelector('.o_loading_indicator, .o_view_sample_data_loading')"
        )
        self.page.wait_for_timeout(1000)
        path.write_bytes(self.page.screenshot())


def main(url):
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        options = {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu"]}
        with playwright.chromium.launch(**options) as program:
            size = {"width": 1280, "height": 1000}
            browser = Browser(program.new_page(viewport=size, locale="en-US"), url)
            take_all(browser)


def take_all(browser):
    def take(name, selector=None, text=""):
        browser.wait(selector or ".o_action_manager", text)
        browser.save(IMAGES / f"{name}.png")
        if name in IN_APPS_STORE:
            shutil.copy(IMAGES / f"{name}.png", DESCRIPTION)
        print(f"    {name}.png", flush=True)

    browser.log_in("admin")
    take_head_office(browser, take)
    take_invoice(browser, take)
    take_settlement(browser, take)
    take_statement(browser, take)
    take_reports(browser, take)


def take_head_office(browser, take):
    browser.open("/odoo/customers")
    browser.click(".o_data_cell[name=complete_name]", "Acme HQ")
    browser.click(".o_notebook .nav-link", "Billing Hierarchy")
    browser.scroll_to(".o_field_widget[name=billing_child_ids]")
    take("head_office", ".o_data_row", "Acme West")
    browser.click("button[name=action_open_billing_hierarchy]")
    browser.click(".o_hierarchy_node:has(.o_hierarchy_node_header) button", "Unfold")
    take(".o_hierarchy_node", "Acme West Portland")


def take_invoice(browser, take):
    browser.open("/odoo/customer-invoices")
    browser.click(".o_data_row:has(.text-danger) .o_data_cell", "Acme North")
    browser.scroll_to(".outstanding_credit_assign")
    take("outstanding_credits", ".open_account_move", "Wire transfer")
    browser.click(".o_field_payment tr", "Wire transfer", inside=".outstanding_credit_assign")
    browser.click(".js_payment_info")
    take("paid", ".account_payment_popover")


def take_settlement(browser, take):
    browser.open("/odoo/customer-settlements")
    browser.click(".o_data_row .o_data_cell[name=name]")
    take("settlement", "button[name=action_undo]")
    browser.click("button[name=action_open_move]")
    take("journal_entry", "button[name=action_open_customer_settlement]")


def take_statement(browser, take):
    browser.open("/odoo/customers")
    browser.click(".o_data_cell[name=complete_name]", "Acme HQ")
    browser.click(".o_button_more")
    browser.click("button[name=action_open_statement_wizard]")
    browser.click(".modal .o_field_widget[name=presentation] label", "Open")
    browser.click(".modal button[name=action_view]")
    take("statement", ".o_action iframe")


def take_reports(browser, take):
    browser.open("/odoo/aged-receivable-by-hierarchy")
    browser.click(".o_pivot tbody th", "Acme HQ")
    browser.click(".o-dropdown--menu .dropdown-item", "Customer")
    take("aged_receivable", ".o_pivot tbody th", "Acme West Portland")
    browser.open("/odoo/who-paid-for-whom")
    take("who_paid_for_whom", ".o_pivot tbody th", "Globex Lyon")
    browser.open("/odoo/action-customer_org.action_customer_group")
    take("customer_groups", ".o_kanban_record .o_dashboard_graph canvas")
    browser.open("/odoo/dashboards")
    browser.click(".o_search_panel li", "Customer Organization")
    take("dashboard", ".o-spreadsheet .o-figure canvas")


if __name__ == "__main__":
    main(sys.argv[1])

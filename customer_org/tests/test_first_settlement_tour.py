# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .common import SettlementCommon

TOUR = "customer_org_first_settlement"
ACTION = "/odoo/action-customer_org.action_first_settlement_tour"
# Ends when the element is seen.
WAIT = """
const timer = setInterval(() => {
    if (document.querySelector("%s")) {
        clearInterval(timer);
        console.log("test successful");
    }
}, 100);
"""


@tagged("post_install", "-at_install")
class TestFirstSettlementTour(SettlementCommon, HttpCase):
    """The tour in the product leads a person through the first settlement."""

    def test_tour(self):
        """Its steps settle the first in the list: 4,000 pay North and 1,000 of South."""
        self._payment(self.hq, 4000.0)
        self.start_tour("/odoo/to-settle", TOUR, login=self.env.user.login)
        self.env.invalidate_all()
        self.assert_open(HQ=0.0, N=0.0, S=1500.0)
        self.assertEqual(self.last_settlement().state, "posted")
        self.assert_ledger()

    def start_from_menu(self, wanted):
        self.browser_js(
            ACTION, WAIT % wanted, ready="odoo.isReady === true", login=self.env.user.login
        )

    def test_starts_when_asked(self):
        """The menu starts it where somebody waits; no other tour follows it."""
        self._payment(self.hq, 4000.0)
        self.start_from_menu(".o_tour_pointer")
        self.assertFalse(self.env.user.tour_enabled)

    def test_nothing_to_settle(self):
        """Where nobody waits, it says what to do first."""
        self.start_from_menu(".o_notification:has(.bg-info)")

    def test_never_by_itself(self):
        """It is a custom tour: new databases do not begin with it."""
        tour = self.env.ref("customer_org.tour_first_settlement")
        self.assertEqual((tour.name, tour.custom), (TOUR, True))
        self.env.user.tour_enabled = True
        current = self.env["web_tour.tour"].get_current_tour() or {}
        self.assertNotEqual(current.get("name"), TOUR)

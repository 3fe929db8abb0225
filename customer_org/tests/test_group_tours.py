# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestGroupMemberTour(HttpCase):
    """What a person clicks, in a browser; skipped where there is none."""

    def test_twelve_customers_into_a_new_group(self):
        """In at most twenty clicks; undone with two."""
        customers = self.env["res.partner"].create(
            [{"name": f"Tour Shop {number}", "is_company": True} for number in range(10, 22)]
        )
        # Once it is gone from the list, the search is done.
        self.env["res.partner"].create({"name": "Another Customer", "is_company": True})
        new_test_user(
            self.env, "grouper", "account.group_account_manager,base.group_partner_manager"
        )
        action = self.env.ref("customer_org.action_customer_group")
        self.start_tour(f"/odoo/action-{action.id}", "customer_org_group_members", login="grouper")
        group = customers.customer_group_id
        self.assertEqual(group.name, "Tour Resellers")
        self.assertEqual(group.member_ids, customers)
        update = self.env["customer.group.update"].search([("group_id", "=", group.id)])
        self.start_tour(
            f"/odoo/customer.group.update/{update.id}",
            "customer_org_group_members_undo",
            login="grouper",
        )
        self.assertFalse(customers.customer_group_id)

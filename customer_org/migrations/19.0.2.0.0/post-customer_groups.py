# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Membership rules are evaluated as who wrote them: of old ones, who saved the group last."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE customer_group SET rule_user_id = COALESCE(write_uid, create_uid)
         WHERE rule_domain IS NOT NULL AND rule_user_id IS NULL
        """
    )

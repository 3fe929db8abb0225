# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give the mail templates that nobody has changed their new text."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in ("mail_template_statement", "mail_template_remittance"):
        template = env.ref(f"customer_org.{name}", raise_if_not_found=False)
        if template and template.write_date == template.create_date:
            template.reset_template()

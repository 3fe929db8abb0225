# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api

from odoo.addons.customer_org.hooks import create_paid_by


def migrate(cr, version):
    """Create the column of who usually pays, so that no row is written."""
    create_paid_by(api.Environment(cr, SUPERUSER_ID, {}))

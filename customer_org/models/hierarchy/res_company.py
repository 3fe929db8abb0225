# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    """Companies as clients name them."""

    _inherit = "res.company"

    def _check_own_company(self):
        """Refuse companies that the user does not work in; call it before SQL goes by a company.

        :raises AccessError: where the id came from a client that has no business there
        """
        if not self.env.su and self - self.env.companies:
            raise AccessError(
                self.env._(
                    "These figures belong to a company that is not among those chosen. Choose it "
                    "at the top of the screen, or ask an administrator for access to it."
                )
            )

from . import customer_hierarchy_link
from . import res_partner
from . import res_partner_totals

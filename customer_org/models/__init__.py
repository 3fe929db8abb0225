from . import customer_hierarchy_link
from . import res_company
from . import res_partner

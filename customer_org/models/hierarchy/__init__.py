from . import customer_hierarchy_link
from . import guarded_fields  # before the models that have such fields
from . import res_company
from . import res_partner
from . import res_partner_rights
from . import res_partner_totals

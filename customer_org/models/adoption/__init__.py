from . import customer_hierarchy_update  # the record of a change, and its undo
from . import customer_hierarchy_update_line
from . import customer_hierarchy_suggestion  # what is proposed; reasons extend it, one a file
from . import suggestion_search
from . import reason_contact_company
from . import reason_register
from . import reason_vat
from . import reason_payments
from . import reason_bank_account
from . import reason_name_place
from . import reason_domain
from . import customer_hierarchy_family  # suggestions by proposed head office
from . import customer_contact_company  # what Odoo 20 takes for one customer
from . import res_partner  # what the customers' own screens lead to
from . import onboarding_onboarding  # the first steps, on the screens above
from . import onboarding_onboarding_step

from . import base_partner_merge
from . import customer_group_update_wizard

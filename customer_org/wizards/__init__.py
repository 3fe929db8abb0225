from . import account_payment_register
from . import account_payment_register_line
from . import base_partner_merge
from . import customer_group_update_wizard
from . import customer_settlement_wizard
from . import customer_settlement_wizard_leg
from . import customer_settlement_wizard_line
from . import customer_statement_wizard

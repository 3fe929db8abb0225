from . import account_payment_register
from . import account_payment_register_amounts
from . import account_payment_register_line
from . import base_partner_merge
from . import base_partner_merge_adoption
from . import customer_aged_receivable_wizard
from . import customer_group_update_wizard
from . import customer_hierarchy_import
from . import customer_hierarchy_update_wizard
from . import customer_settlement_wizard
from . import customer_settlement_batch
from . import customer_settlement_wizard_screen
from . import customer_settlement_wizard_leg
from . import customer_settlement_wizard_line
from . import customer_settlement_wizard_reason  # extends both
from . import customer_statement_wizard
from . import customer_statement_wizard_reminder  # whom it leaves out
from . import customer_remittance_import  # reads a list
from . import customer_remittance_import_result  # and makes a remittance of it
from . import customer_remittance_import_column

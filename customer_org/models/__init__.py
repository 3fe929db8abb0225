# The mixin first: models below inherit it.
from . import customer_portal_guest  # isort: skip
from . import account_chart_template
from . import account_move
from . import account_move_credit_limit
from . import account_move_group
from . import account_move_line
from . import account_move_line_group
from . import account_move_portal
from . import account_partial_reconcile
from . import account_payment
from . import account_payment_portal
from . import customer_group
from . import customer_group_rule
from . import customer_group_update
from . import customer_hierarchy_link
from . import customer_settlement
from . import customer_settlement_line
from . import payment_transaction
from . import product_pricelist
from . import res_company
from . import res_company_portal
from . import res_config_settings
from . import res_partner
from . import res_partner_auto_settle
from . import res_partner_credit_limit
from . import res_partner_group
from . import res_users

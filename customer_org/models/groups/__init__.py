from . import customer_group_document  # what account.move is extended with
from . import account_move
from . import account_move_recurring
from . import account_move_line
from . import customer_group
from . import customer_group_figures
from . import customer_group_rule
from . import customer_group_update
from . import product_pricelist
from . import res_company
from . import res_partner
from . import res_users

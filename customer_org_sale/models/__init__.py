from . import account_move_line
from . import customer_group
from . import res_partner
from . import sale_order
from . import sale_order_credit_limit
from . import sale_order_line
from . import sale_order_portal
from . import sale_report

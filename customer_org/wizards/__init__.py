from . import account_payment_register
from . import account_payment_register_line
from . import base_partner_merge

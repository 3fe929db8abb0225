from . import customer_portal_guest  # first: the mixin that documents of others inherit
from . import account_move
from . import account_payment
from . import payment_transaction
from . import res_company
from . import res_partner
from . import res_users

from . import customer_credit_document  # what account.move is extended with
from . import account_move
from . import account_move_line
from . import res_company
from . import res_partner

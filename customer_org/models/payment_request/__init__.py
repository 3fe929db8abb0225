from . import customer_remittance_line  # what each line asks for, and what is left of it
from . import customer_remittance  # one open document in one waiting request; settling and closing
from . import customer_remittance_send  # mail, and what the paper says
from . import customer_remittance_portal  # what the payer sees of it
from . import customer_mail_delivery
from . import customer_settlement
from . import account_move
from . import res_partner

from . import customer_deduction_reason
from . import customer_remittance  # the document: fields, states, who may change what
from . import customer_remittance_line
from . import customer_remittance_check  # what keeps it from being settled
from . import customer_remittance_match  # finds documents: after the models that it extends
from . import customer_remittance_credit  # the money that pays
from . import customer_remittance_deduction  # what becomes of deductions
from . import customer_remittance_settle  # settles what was found
from . import customer_remittance_announce  # waiting ones keep their documents back
from . import customer_remittance_mail  # lists that come by mail
from . import customer_remittance_transfer  # what the payer needs for its transfer
from . import customer_remittance_portal  # what the payer does and sees in the portal
from . import customer_remittance_layout
from . import account_move
from . import account_bank_statement_line
from . import account_payment
from . import customer_settlement
from . import res_company
from . import res_partner

from . import customer_mail_delivery
from . import customer_mail_outcome
from . import customer_mail_recipient
from . import customer_statement
from . import customer_statement_mail
from . import mail_mail
from . import res_company
from . import res_partner

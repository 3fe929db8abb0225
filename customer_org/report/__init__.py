# The mixin first: the reports below inherit it.
from . import customer_report_mixin  # isort: skip
from . import account_invoice_report
from . import receipt_mailing
from . import bank_receipt
from . import customer_aged_receivable
from . import customer_settlement_report
from . import report_payment_request
from . import report_remittance
from . import report_statement
from . import settlement_receipt
from . import customer_to_settle

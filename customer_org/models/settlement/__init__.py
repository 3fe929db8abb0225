from . import account_chart_template
from . import account_journal
from . import account_move
from . import account_move_line
from . import coverage
from . import account_partial_reconcile
from . import account_payment
from . import customer_settlement
from . import customer_settlement_line
from . import res_company
from . import res_partner
from . import customer_receivable_finding
from . import res_partner_settle
from . import res_partner_paid_by
from . import account_move_settle
from . import bank_payer  # over account_move: labels what no settlement lies behind

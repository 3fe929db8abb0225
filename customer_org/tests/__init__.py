from . import test_hierarchy
from . import test_oca_reconcile
from . import test_settlement
from . import test_settlement_bank
from . import test_settlement_currency
from . import test_settlement_property
from . import test_settlement_undo
from . import test_portal_rules

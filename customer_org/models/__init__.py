# The order of imports is the order of overrides: what comes later extends, and runs before, what
# comes earlier. Each package knows only those above it (tests/test_architecture.py).
from . import receivable  # what is open, late, a usable credit, a debt
from . import hierarchy  # who is billed under whom: all else asks it
from . import settlement  # credits of one customer pay debts of another
from . import credit_limit  # before groups: posting checks limits with the group's terms stamped
from . import groups  # terms shared by similar customers
from . import remittance  # which documents a sum pays: settled through settlement
from . import adoption  # which customers belong together: proposes, writes through hierarchy
from . import statement  # reads hierarchy and settlement
from . import payment_request  # asks for money: a remittance, mailed like a statement
from . import portal  # last: what a portal user may see is decided over all that came before
from . import res_config_settings

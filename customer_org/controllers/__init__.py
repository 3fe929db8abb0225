from . import portal
from . import payment
from . import organization
from . import organization_pay
from . import organization_transaction
from . import organization_access
from . import organization_statement
from . import statement

from . import test_credit_limit_sale
from . import test_groups_sale
from . import test_ordinary_customer_sale
from . import test_portal_links_sale
from . import test_portal_matrix_sale
from . import test_portal_sale
from . import test_salespeople
from . import test_tours

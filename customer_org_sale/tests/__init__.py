from . import test_portal_sale

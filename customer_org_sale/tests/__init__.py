from . import test_groups_sale

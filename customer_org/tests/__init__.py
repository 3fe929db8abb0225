from . import test_hierarchy

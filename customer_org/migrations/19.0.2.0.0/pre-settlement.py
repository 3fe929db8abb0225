# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A settlement's number is its entry's: numbers of its own need not differ any more."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS customer_settlement_name_uniq")

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the ledger finds each field of its dataclasses: by name, never by position."""

from odoo.tools import SQL

#: Where each column of a row comes from; see ``statement_data.Row``.
DOCUMENT_SQL = {
    "date": SQL("item.date"),
    "customer_id": SQL("item.customer_id"),
    "currency_id": SQL("item.currency_id"),
    "document": SQL("move.name"),
    "reference": SQL("""
        COALESCE(
            NULLIF(move.ref, ''),
            CASE WHEN move.move_type = 'entry' THEN
                (SELECT name FROM account_move_line WHERE id = item.id)
            END,
            ''
        )
    """),
    "date_due": SQL("CASE WHEN move.origin_payment_id IS NULL THEN item.date_due END"),
    # The database makes floats of many numbers faster than the driver, and the same ones.
    "amount": SQL("item.amount_currency::float8"),
    "balance": SQL("item.balance::float8"),
    "model": SQL("""
        CASE WHEN move.origin_payment_id IS NULL THEN 'account.move' ELSE 'account.payment' END
    """),
    "res_id": SQL("COALESCE(move.origin_payment_id, move.id)"),
    "kind": SQL(
        """
        CASE WHEN move.move_type IN ('out_invoice', 'out_refund') THEN 'invoice' ELSE '' END
        """
    ),
}
#: The same of a leg of a settlement; see ``statement_settlements.Leg``. The payer's legs, and the
#: legs of the original entry, know their credit; in the entries that take back a part the legs of
#: all credits are seen together.
LEG_SQL = {
    "id": SQL("leg.id"),
    "move_id": SQL("leg.move_id"),
    "date": SQL("leg.date"),
    "customer_id": SQL("customer.commercial_partner_id"),
    "customer_name": SQL("name.name"),
    "currency_id": SQL("leg.currency_id"),
    "amount": SQL("COALESCE(item.amount_currency, leg.amount_currency)"),
    "balance": SQL("COALESCE(item.balance, leg.balance)"),
    "settlement_id": SQL("settlement.id"),
    "settlement_name": SQL("settlement.name"),
    "payer_id": SQL("settlement.payer_id"),
    "payer_name": SQL("payer.name"),
    "credit_key": SQL("""
        CASE WHEN entry.move_id = settlement.move_id THEN COALESCE(paid.payer_leg_id, leg.id) END
    """),
}
#: The same of what a match moved between currencies; see ``statement_data.Conversion``.
CONVERSION_SQL = {
    "date": SQL("part.date"),
    "customer_id": SQL("part.customer_id"),
    "currency_id": SQL("part.currency_id"),
    "document": SQL("move.name"),
    "other": SQL("other.name"),
    "other_currency_id": SQL("part.other_currency_id"),
    "amount": SQL("SUM(part.amount_currency)"),
    "balance": SQL("SUM(part.balance)"),
    "res_id": SQL("move.id"),
}


def list_columns(sources, names):
    """Return the SQL list of the columns that a dataclass has, in the order of its fields."""
    return SQL(", ").join(sources[name] for name in names)

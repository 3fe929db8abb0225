# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rates of companies without decimals and with three: units for one of the company's currency."""

YEN_RATES = (
    ("USD", [("2026-01-01", 0.0067), ("2026-01-15", 0.0071), ("2026-02-01", 0.0061)]),
    ("KWD", [("2026-01-01", 0.00205), ("2026-01-15", 0.0022), ("2026-02-01", 0.0019)]),
)
DINAR_RATES = (
    ("EUR", [("2026-01-01", 3.0), ("2026-01-15", 2.9), ("2026-02-01", 3.2)]),
    ("JPY", [("2026-01-01", 480.0), ("2026-01-15", 500.1), ("2026-02-01", 471.3)]),
)

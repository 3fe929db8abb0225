# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lists of payers by chance, of which is known what they say: plain Python."""

import csv
import io
import random
from dataclasses import dataclass
from decimal import Decimal

import openpyxl

#: Separators of thousands and of decimals.
FORMATS = ((".", ","), (",", "."), ("'", "."), ("\u202f", ","), (" ", ","), ("", "."), ("", ","))
MINUSES = ("-{}", "{}-", "({})", "\u2212{}")
CURRENCIES = ("{}", "{}", "{} €", "CHF {}", "$ {}")
NUMBERS = ("INV/2026/{:05}", "RE-{:06}", "26{:06}", "{:04}/26", "F{:05}", "2026-{:04}")
COLUMNS = ("number", "date", "gross", "discount", "paid", "branch")
MONEY = ("gross", "discount", "paid")
#: Of each language the titles of the columns, and the word of a sum.
TITLES = (
    ("Invoice No.", "Invoice Date", "Gross", "Discount", "Paid", "Branch", "Total"),
    (
        "Rechnungsnummer",
        "Rechnungsdatum",
        "Bruttobetrag",
        "Skonto",
        "Zahlbetrag",
        "Filiale",
        "Summe",
    ),
    ("N° de facture", "Date", "Montant brut", "Escompte", "Montant réglé", "Agence", "Total"),
    ("Nº factura", "Fecha", "Importe bruto", "Descuento", "Importe pagado", "Sucursal", "Total"),
    ("Numero fattura", "Data", "Importo lordo", "Sconto", "Importo pagato", "Filiale", "Totale"),
    (
        "Factuurnummer",
        "Factuurdatum",
        "Bruto bedrag",
        "Korting",
        "Betaald bedrag",
        "Vestiging",
        "Totaal",
    ),
)
SHAPES = (";", "\t", ",", "|", "columns", "xlsx")


@dataclass
class RandomList:
    """A list by chance: ``content`` and ``name`` of its file, and what it says."""

    content: bytes
    name: str
    lines: list
    announced: Decimal | None


def create_list(seed: int) -> RandomList:
    """Return the list of this seed, always the same."""
    rng = random.Random(seed)
    rows = _create_rows(rng)
    titles, shape = rng.choice(TITLES), rng.choice(SHAPES)
    kept = [name for name in COLUMNS if name in ("number", "paid") or rng.random() < 0.5]
    if "gross" not in kept or "discount" not in kept:
        # A discount without what it was taken off may be read in two ways.
        kept = [name for name in kept if name != "discount"]
        for row in rows:
            row["paid"] += row["discount"] if row["paid"] > 0 else -row["discount"]
            row["discount"] = Decimal(0)
    rng.shuffle(kept)
    total = sum(row["paid"] for row in rows)
    announced = total if rng.random() < 0.7 else None
    write = (lambda amount: float(amount)) if shape == "xlsx" else _get_writer(rng)
    table = [[titles[COLUMNS.index(name)] for name in kept]]
    table += [[_write_cell(row[name], write) for name in kept] for row in rows]
    if announced is not None:
        last = ["" for _name in kept]
        last[kept.index("paid")] = write(total)
        last[next(i for i, name in enumerate(kept) if name not in MONEY)] = titles[-1]
        table.append(last)
    if rng.random() < 0.3:
        table = [["Acme HQ", *[""] * (len(kept) - 1)], [""] * len(kept), *table]
    content, name = _render(rng, table, kept, shape)
    lines = [(row["number"], str(row["paid"]), str(row["discount"])) for row in rows]
    return RandomList(content, name, lines, announced)


def _create_rows(rng: random.Random) -> list[dict]:
    number, start = rng.choice(NUMBERS), rng.randint(1, 900)
    rows = []
    for position in range(rng.randint(2, 12)):
        cents = rng.choice((rng.randint(100, 99_999), rng.randint(100_000, 99_999_999)))
        gross = Decimal(cents) / 100 * rng.choice((1, 1, 1, 1, 1, -1))
        discount = (abs(gross) / 50).quantize(Decimal("0.01")) * rng.choice((0, 1))
        rows.append(
            {
                "number": number.format(start + position),
                "date": f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.2026",
                "gross": gross,
                "discount": discount,
                "paid": gross - discount if gross > 0 else gross + discount,
                "branch": rng.choice(("North", "South", "Lyon")),
            }
        )
    return rows


def _get_writer(rng: random.Random):
    """Return how the amounts of one list are written."""
    thousands, decimal = rng.choice(FORMATS)
    minus, currency = rng.choice(MINUSES), rng.choice(CURRENCIES)

    def write(amount: Decimal) -> str:
        whole, cents = f"{abs(amount):,.2f}".split(".")
        text = whole.replace(",", thousands) + decimal + cents
        return currency.format(minus.format(text) if amount < 0 else text)

    return write


def _write_cell(value, write):
    return write(value) if isinstance(value, Decimal) else value


def _render(rng, table, kept, shape) -> tuple[bytes, str]:
    if shape == "xlsx":
        book = openpyxl.Workbook()
        for row in table:
            book.active.append([None if cell == "" else cell for cell in row])
        content = io.BytesIO()
        book.save(content)
        return content.getvalue(), "list.xlsx"
    encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16"))
    if shape == "columns":
        widths = [max(len(row[column]) for row in table) for column in range(len(kept))]
        lines = [
            "  ".join(
                cell.rjust(width) if name in MONEY else cell.ljust(width)
                for cell, width, name in zip(row, widths, kept, strict=True)
            ).rstrip()
            for row in table
        ]
        return "\n".join(lines).encode(encoding), "list.txt"
    text = io.StringIO()
    csv.writer(text, delimiter=shape, lineterminator=rng.choice(("\n", "\r\n"))).writerows(table)
    return text.getvalue().encode(encoding), "list.csv"

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What titles of columns and labels of rows mean, in English, German, French, Spanish, Italian,
Dutch and Portuguese: plain Python, no database.

>>> [get_meaning(title) for title in ("Rechnungsnr.", "N° de facture", "Invoice date", "Skonto")]
[('number', 100), ('number', 100), ('date', 0), ('deduction', 0)]
>>> [get_meaning(title)[0] for title in ("Zahlbetrag", "Montant réglé", "Invoice amount", "Bedrag")]
['paid', 'paid', 'gross', 'plain']
"""

import re
import unicodedata

# What is longer is the text of somebody who writes a letter.
MAX_TITLE = 200
_NO_WORD = re.compile(r"[\W_]+")


def fold(text: object) -> str:
    """Return words in small letters without accents and punctuation.

    >>> fold("  N° de  Facture: "), fold("Größe"), fold(None)
    ('n de facture', 'grosse', '')
    """
    if not isinstance(text, str):
        return ""
    if text.isascii():
        return " ".join(_NO_WORD.sub(" ", text.lower()).split())
    text = text.replace("°", " ").replace("º", " ").replace("ª", " ")
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(char for char in text if not unicodedata.combining(char))
    return _NO_WORD.sub(" ", text).strip()


def _words(text: str) -> re.Pattern:
    """Any of these beginnings of words; ``=`` at the end asks for the whole word."""
    parts = [rf"\b{word[:-1]}\b" if word.endswith("=") else rf"\b{word}" for word in text.split()]
    return re.compile("|".join(part.replace("+", " ") for part in parts))


_INVOICE = (
    "invoice inv= invoices bill= bills rechnung re+nr rg+nr rgnr renr facture factur factuur fact= "
    "fattur ft= fatura faktura nota+fiscal nfe= nf="
)
_DOCUMENT = (
    "document doc= docs beleg dokument piece documento comprobante voucher stuk boekstuk "
    "credit+note gutschrift avoir"
)
_MONEY = (
    "amount amt= amounts sum= value= total= totals betrag betraege summe= wert= montant somme= "
    "valeur importe= monto= valor= cuantia importo= somma= valore= totale= bedrag totaal "
    "waarde montante= quantia= kwota belopp"
)
PAID = _words(
    "paid pay= payable= payment= payments= paying remitted remittance= transfer= transferred "
    "settled "
    "zahl zahlung gezahlt bezahlt uberw ueberw auszahl ausgezahlt regle= reglee= regles= "
    "reglement paye= payee= paiement= verse= versement= virement= payer= pagado= pagada= pago= "
    "pagos= pagar= abonad transferid liquidad pagato= pagata= pagamento= pagare= versato= "
    "versamento= bonific bonificato= betaald betaling betalen= overgemaakt paga= transferencia= "
    "applied settle="
)
_PAID_COMPOUND = re.compile(r"(zahl|uberweisungs|ueberweisungs|auszahlungs)betrag|paymentamount")
_GROSS_COMPOUND = re.compile(
    r"(rechnungs|beleg|brutto|ursprungs|original)(s?betrag|summe|wert)|factuurbedrag|brutobedrag"
    r"|faktura?bel"
)
_NUMBER_COMPOUND = re.compile(r"(referenz|nummer|nr|kenmerk)\b")
_DEDUCTION_COMPOUND = re.compile(r"skonto|korting|rabatt|abzug|\bshort pa")
_CODE = _words("code= schlussel schluessel codigo codice")
_VENDOR = _words("supplier vendor lieferant fournisseur proveedor fornitore leverancier")
_MONEY_COMPOUND = re.compile(r"betrag\b|bedrag\b")
_DEDUCTION = _words(
    "discount disc= skonto skonti escompte remise rabais ristourne descuento dto= dcto= sconto "
    "sconti abbuono korting desconto abatimento deduct abzug abzuge abzueg kurzung kuerzung "
    "einbehalt retenue retencion retenciones ritenuta ritenute trattenut inhouding aftrek "
    "retencao retencoes withh wht= tds= rebate rabatt bonus= rappel deduccion deduccione "
    "detrazion deduc"
)
_AFTER = _words("after nach= abzgl abzuglich abzueglich apres= tras= despues= dopo= na= net+of")
_BEFORE_DEDUCTION = _words("before= vor= avant= antes= prima= voor=")
_GROSS = _words("gross= brutto original initial ttc= brut= bruto= lordo= lorda= invoiced full=")
_OPEN = _words(
    "open= outstanding balance offen offener rest restbetrag saldo solde= remaining restant "
    "pendiente residuo residua openstaand aberto= pendente due= restant falta"
)
_TAX = _words("vat= tax= taxes= mwst ust= steuer tva= iva= btw= gst= impuesto imposta belasting")
_INCLUSIVE = _words("incl= including inkl= inklusive compris ttc= incluido= inclusa= compresa=")
_LOCAL = _words(
    "local= lokal domestic hauswahrung hauswaehrung landeswahrung landeswaehrung reporting= "
    "functional company+code company+currency base+currency moneda+local devise+locale"
)
_NET = _words("net= netto neto= neta= nette= ht= excl= liquido= netta=")
_DATE = _words(
    "date= dated= datum fecha= data= vencimiento vencimento fallig faellig echeance scadenza "
    "vervaldatum vervaldag dia= day= jour= tag= belegdat rechnungsdat zahlungsdat due+date year= "
    "jahr= jaar= annee= ano= anno= factuurdatum periode period"
)
_DATE_COMPOUND = re.compile(r"(datum|tag)\b")
_CURRENCY = _words(
    "currency curr= cur= ccy= wahrung waehrung whg= wkz= devise monnaie divisa moneda valuta= "
    "munt= moeda"
)
_NOTE = _words(
    "reason reasons grund abzugsgrund bemerkung anmerkung hinweis kommentar remark comment note= "
    "notes= memo= motif commentaire observation remarque motivo observacion observaciones nota= "
    "notas= causale opmerking reden toelichting observacao observacoes explanation"
)
_OTHER = _words(
    "customer client kunde kd= debitor site= branch filiale standort lieferant supplier vendor "
    "kreditor fournisseur proveedor fornitore leverancier cliente agence name= type= typ= art= "
    "pos= position line= zeile= ligne= linea= lfd method terms terme zahlart zahlungsart "
    "zahlungsbedingung mode= already previously bereits deja status etablissement company "
    "gesellschaft societe sociedad location store= magasin item= seq="
)
_NUMBER_SUFFIX = _words(
    "no= nr= num= number nummer numero n= ref= reference referenz referencia riferimento rif= "
    "referentie id= kenmerk zeichen nbr="
)
_YOURS = _words("your= ihr= ihre= votre= vos= su= sus= vostro= vostra= uw= sua= seu= vs=")
_OURS = _words("our= ons= onze= unser notre= nos= nuestra= nuestro= nostro= nossa= nosso=")
_ORDER = _words(
    "order po= bestell auftrag commande pedido ordine bestelling bestelnummer encomenda purchase"
)
_TEXT = _words(
    "text= description details verwendungszweck zweck libelle concepto descripcion descrizione "
    "omschrijving descricao buchungstext information subject betreff"
)
_BEFORE = _words("already previously bereits deja")
_INVOICE_WORDS, _DOCUMENT_WORDS, _MONEY_WORDS = map(_words, (_INVOICE, _DOCUMENT, _MONEY))


def get_meaning(title: object) -> tuple[str, int]:
    """Return what a column's title says, and of numbers how surely it is the document's.

    One of ``number``, ``paid``, ``plain``, ``gross``, ``net``, ``open``, ``tax``, ``deduction``,
    ``note``, ``currency``, ``date``, ``local`` (in the payer's own currency, beside that of the
    document), ``other``; empty where it says nothing.

    >>> [get_meaning(x)[0] for x in ("Total", "Discount %", "Amount (EUR)", "Payment date")]
    ['plain', 'other', 'plain', 'date']
    >>> [get_meaning(x) for x in ("Ons kenmerk", "Your reference", "Payment reference", "PO")]
    [('number', 50), ('number', 70), ('number', 60), ('number', 50)]
    >>> [get_meaning(x)[0] for x in ("Net after discount", "Betrag nach Skonto", "Reason", "Kunde")]
    ['paid', 'paid', 'note', 'other']
    """
    words = fold(title) if len(str(title)) <= MAX_TITLE else ""
    if not words:
        return "", 0
    if "%" in str(title):
        return "other", 0
    for find in (_get_side_meaning, _get_money_meaning, _get_number_meaning):
        if meaning := find(words):
            return meaning
    return ("other", 0) if _OTHER.search(words) else ("", 0)


def _get_side_meaning(words: str) -> tuple[str, int] | None:
    if _DATE.search(words) or _DATE_COMPOUND.search(words):
        return "date", 0
    if _CURRENCY.search(words) and not _MONEY_WORDS.search(words):
        return "currency", 0
    if _NOTE.search(words) and not _DOCUMENT_WORDS.search(words):
        return "note", 0
    if _DEDUCTION.search(words) or _DEDUCTION_COMPOUND.search(words):
        if _CODE.search(words):
            return "note", 0
        if _BEFORE_DEDUCTION.search(words):
            return "gross", 0
        is_rest = _AFTER.search(words) and (_MONEY_WORDS.search(words) or _NET.search(words))
        return ("paid", 0) if is_rest else ("deduction", 0)
    return None


def _get_money_meaning(words: str) -> tuple[str, int] | None:
    has_number = _NUMBER_SUFFIX.search(words) or _NUMBER_COMPOUND.search(words)
    if _PAID_COMPOUND.search(words):
        return "paid", 0
    if _GROSS_COMPOUND.search(words):
        return "gross", 0
    is_money = _MONEY_WORDS.search(words) or _MONEY_COMPOUND.search(words)
    if has_number and not is_money:
        return None
    if is_money and _LOCAL.search(words):
        return "local", 0
    if PAID.search(words) and not (_OTHER.search(words) and not is_money):
        return ("other", 0) if _BEFORE.search(words) else ("paid", 0)
    if _OPEN.search(words):
        return "open", 0
    if _TAX.search(words):
        return ("gross", 0) if _INCLUSIVE.search(words) else ("tax", 0)
    if _NET.search(words):
        return "net", 0
    if _GROSS.search(words):
        return "gross", 0
    if is_money:
        of_document = _INVOICE_WORDS.search(words) or _DOCUMENT_WORDS.search(words)
        return ("gross", 0) if of_document else ("plain", 0)
    return None


def _get_number_meaning(words: str) -> tuple[str, int] | None:
    if _VENDOR.search(words) and words.split()[-1] in ("reference", "ref", "referenz"):
        # Of the payer's suppliers we are one: the reference is ours.
        return "number", 65
    if _OTHER.search(words) and not _INVOICE_WORDS.search(words):
        return None
    if _INVOICE_WORDS.search(words):
        return "number", 100
    if _OURS.search(words) or _ORDER.search(words):
        return "number", 50
    if _YOURS.search(words):
        return ("number", 85) if _DOCUMENT_WORDS.search(words) else ("number", 70)
    if _DOCUMENT_WORDS.search(words):
        return "number", 80
    if _NUMBER_SUFFIX.search(words) or _NUMBER_COMPOUND.search(words):
        return "number", 60
    if _TEXT.search(words):
        return "number", 30
    return None


# ---------------------------------------------------------------- rows

_TOTAL = re.compile(
    r"^(grand |overall |invoice |sub ?|page |running |payment |remittance |cheque |check |transfer "
    r"|net |final )?"
    r"(total|totals|totale|totales|totali|totais|totaux|totalt|summa|razem|ogolem|celkem"
    r"|osszesen|i alt|totaal|sum|summe|gesamt|somme|suma|somma|soma|ergebnis"
    r"|montant total|importe total|importo totale|amount total|total amount|zwischensumme"
    r"|endsumme|endbetrag|eindtotaal|gesamtergebnis"
    r"|gesamtsumme|gesamtbetrag|zahlbetrag|zahlungsbetrag|uberweisungsbetrag|ueberweisungsbetrag"
    r"|amount transferred|transfer amount|payment amount|amount paid|total paid|net payment"
    r"|sous total|soustotal|subtotaal|subtotal|sottototale|ubertrag|uebertrag|carried forward"
    r"|brought forward|a reporter|report|suma y sigue|riporto|transporte|overdracht|saldo)\b"
)
# As spreadsheets call the sums that they put between the lines: *North Total*.
_TOTALS_BEHIND = frozenset(
    "total totals ergebnis summe gesamt totale totaal zwischensumme subtotal".split()
)
# "12 invoices": what a list has, before its sum.
_COUNT = re.compile(
    r"\d+ (invoices?|documents?|items?|lines?|rechnungen|belege|posten|positionen|factures?"
    r"|facturas?|fatture|facturen|faturas|documents|documentos?|documenti|documenten|pieces|payments?)"
)
_DOCUMENTS = (
    r"(invoices|documents|items|lines|rechnungen|belege|posten|positionen|factures|facturas|fatture"
    r"|facturen|faturas|documentos|documenti|documenten|pieces|payments|records|rows)"
)
_LINE_COUNT = re.compile(
    r"((total )?(number|no|count|anzahl|nombre|numero|aantal|quantita|quantidade)( total)?"
    rf"( (of|der|de|des|delle|dei|di|van|das|d))? )?{_DOCUMENTS}( count)?"
)
# Of debit and credit, plus and minus: which of them lowers the sum, the sum tells.
_SIDES = frozenset("S H D C K DR CR SOLL HABEN DEBIT CREDIT DARE AVERE DEBE HABER".split())
_SUBTOTAL = re.compile(
    r"^(sub ?total|sub |zwischen|sous ?total|subtotaal|sottototale|ubertrag|uebertrag|carried"
    r"|brought|a reporter|report|suma y sigue|riporto|transporte|overdracht|page |running"
    r"|suma parcial)"
)
_GRAND = re.compile(
    r"grand|overall|gesamt|end(summe|betrag)|eindtotaal|general|transferred|transferid|paid|zahl"
    r"|uberw|ueberw|payment|regle|pagado|pagato|betaald"
)
_STATED = re.compile(
    r"^(total|amount|payment|transfer|remittance|paid|zahl|uberweis|ueberweis|gesamt|betrag|summe"
    r"|montant|importe|importo|bedrag|totaal|valor|virement|net )"
)
_CREDIT_NOTE = re.compile(
    r"^(credit|credit (note|memo)|gutschrift|avoir|nota de credito|abono|nota di credito|creditnota"
    r"|nota credito|cn|gs|refund|rinv)\b"
)
_ADVICE_NUMBER = re.compile(
    r"(?:remittance|advice|avis|zahlungsavis|aviso|avviso|bordereau|betalingsspecificatie)"
    r"[\w .]{0,20}?(?:advice|no|nr|number|nummer|numero|n|id|ref|reference)\b"
)


def is_total(label: object) -> bool:
    """Whether a row that begins so is a sum.

    >>> [is_total(x) for x in ("TOTAL PAID", "Zwischensumme", "Total réglé", "Total:", "Totalis")]
    [True, True, True, True, False]
    """
    words = fold(label)
    return bool(_TOTAL.match(words) or _COUNT.fullmatch(words))


def is_subtotal(label: object) -> bool:
    """Whether it is a sum of a part only, by its words.

    >>> is_subtotal("Sub-total North"), is_subtotal("Übertrag"), is_subtotal("Total")
    (True, True, False)
    """
    return bool(_SUBTOTAL.match(fold(label)))


def is_grand_total(label: object) -> bool:
    """Whether the words say that it is the sum of all."""
    return bool(_GRAND.search(fold(label)))


def ends_as_total(label: object) -> bool:
    """Whether a row may be a sum by its last word, if its amount is one.

    >>> [ends_as_total(x) for x in ("Acme North Total", "Nord Ergebnis", "Total Energies", "Total")]
    [True, True, False, False]
    """
    *others, last = fold(label).split() or [""]
    return bool(others) and last in _TOTALS_BEHIND


def counts_lines(label: object) -> bool:
    """Whether a row says how many documents there are, which is no sum of money.

    >>> [counts_lines(x) for x in ("Number of invoices:", "Anzahl Belege", "Invoice 12")]
    [True, True, False]
    """
    return bool(_LINE_COUNT.fullmatch(fold(label)))


def get_side(cell: object) -> str:
    """Return the side of an account that a cell names, as it names it in capitals.

    >>> get_side("Cr"), get_side("Haben"), get_side("S"), get_side("North")
    ('CR', 'HABEN', 'S', '')
    """
    text = cell.strip(" .").upper() if isinstance(cell, str) and len(cell) < 10 else ""
    return text if text in _SIDES else ""


def states_sum(label: object) -> bool:
    """Whether a title of the list, such as *Payment amount*, comes before its sum."""
    words = fold(label)
    return bool(_STATED.match(words)) and not (
        _DATE.search(words) or _DATE_COMPOUND.search(words) or _NUMBER_SUFFIX.search(words)
    )


def is_credit_note(text: object) -> bool:
    """Whether a cell says that its row is a credit note."""
    return bool(_CREDIT_NOTE.match(fold(text)))


def names_advice(label: object) -> bool:
    """Whether the payer's own number of the list follows.

    >>> names_advice("Avis-Nr."), names_advice("Remittance advice"), names_advice("Kunden-Nr.")
    (True, True, False)
    """
    return bool(_ADVICE_NUMBER.match(fold(label)))

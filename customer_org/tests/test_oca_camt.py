# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from unittest import SkipTest

from odoo.fields import Command
from odoo.tests import tagged

from .common_remittance import RemittanceCommon

STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
 <GrpHdr><MsgId>1</MsgId><CreDtTm>2026-03-04T08:00:00</CreDtTm></GrpHdr>
 <Stmt>
  <Id>STATEMENT-1</Id><CreDtTm>2026-03-04T08:00:00</CreDtTm>
  <Acct><Id><IBAN>NL02ABNA0123456789</IBAN></Id><Ccy>USD</Ccy></Acct>
  <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">0.00</Amt>
   <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-04</Dt></Dt></Bal>
  <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">5500.00</Amt>
   <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-04</Dt></Dt></Bal>
  <Ntry>
   <Amt Ccy="USD">5500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
   <BookgDt><Dt>2026-03-04</Dt></BookgDt><ValDt><Dt>2026-03-04</Dt></ValDt>
   <NtryDtls><TxDtls>
    <Refs><EndToEndId>PAYRUN-7</EndToEndId></Refs>
    <RltdPties><Dbtr><Nm>ACME TREASURY</Nm></Dbtr></RltdPties>
    <RmtInf>%s</RmtInf>
   </TxDtls></NtryDtls>
  </Ntry>
 </Stmt>
</BkToCstmrStmt></Document>
"""


@tagged("post_install", "-at_install")
class TestOcaCamt(RemittanceCommon):
    """The bank's file, read by OCA's `account_statement_import_camt`, settles a remittance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name = "account_statement_import_camt"
        if cls.env["ir.module.module"]._get(name).state != "installed":
            raise SkipTest(f"{name} is not installed; ./dev companions installs it")
        cls.company_data["default_journal_bank"].bank_account_id = cls.env[
            "res.partner.bank"
        ].create({"acc_number": "NL02ABNA0123456789", "partner_id": cls.company.partner_id.id})
        cls.remittance = cls.env["customer.remittance"].create(
            {
                "partner_id": cls.hq.id,
                "kind": "wire",
                "date_expected": "2026-03-05",
                "line_ids": [
                    Command.create({"move_id": move.id, "amount": move.amount_residual})
                    for move in (cls.invoice_n, cls.invoice_s)
                ],
            }
        )
        cls.remittance.action_match()
        cls.remittance.action_confirm()

    def _import(self, information):
        content = base64.b64encode((STATEMENT % information).encode())
        self.env["account.statement.import"].create(
            {"statement_filename": "camt053.xml", "statement_file": content}
        ).import_file_button()
        statement = self.env["account.bank.statement"].search([], order="id desc", limit=1)
        self.assertEqual(statement.line_ids.amount, 5500.0)
        return statement.line_ids

    def _assert_settled(self, line):
        self.assert_ledger()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self.remittance.state, "settled")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.invoice_s.payment_state, "paid")

    def test_structured_reference(self):
        """The reference where the standard wants it."""
        reference = self.remittance.communication
        self._assert_settled(
            self._import(f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>")
        )

    def test_free_text(self):
        """The reference within what the payer's bookkeeper wrote."""
        reference = self.remittance.communication.lower()
        self._assert_settled(self._import(f"<Ustrd>branches, {reference} thank you</Ustrd>"))

    def test_other_reference(self):
        """Without it nothing is settled."""
        line = self._import("<Ustrd>thank you</Ustrd>")
        self.assertFalse(line.is_reconciled)
        self.assertEqual(self.remittance.state, "waiting")

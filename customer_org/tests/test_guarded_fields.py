# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SettlementCommon

REFUSED = "follows from"


@tagged("post_install", "-at_install")
class TestGuardedFields(SettlementCommon):
    """What only our code may set, nobody sets by RPC, defaults or import, whatever the rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env,
            "boss",
            "account.group_account_manager,account.group_account_basic,base.group_partner_manager,"
            "base.group_system",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.stranger = cls._create_customer("Stranger")
        cls.payment = cls._payment(cls.hq, 3000.0)

    def settle(self):
        return self.reconcile(self.payment, self.invoice_n)

    def get_values(self):
        """Return a value for each field of invoices that only our code sets."""
        group = self.env["customer.group"].create({"name": "Gold"})
        return {
            "customer_settlement_id": self.settle().id,
            "has_customer_settlement": True,
            "billing_root_id": self.stranger.id,
            "customer_group_id": group.id,
            "customer_group_applied": True,
        }

    def test_write(self):
        """A posted invoice is not hooked to a settlement, a head office or a group."""
        invoice = self._invoice(self.stranger, 10.0, due="2026-01-31").with_user(self.boss)
        for fname, value in self.get_values().items():
            with self.subTest(field=fname), self.assert_refused(AccessError, REFUSED):
                invoice.write({fname: value})

    def test_create(self):
        """Neither when it is created, be it by values or by defaults of the context."""
        values = {"move_type": "out_invoice", "partner_id": self.stranger.id}
        moves = self.env["account.move"].with_user(self.boss)
        for fname, value in self.get_values().items():
            with self.subTest(field=fname):
                with self.assert_refused(AccessError, REFUSED):
                    moves.create({**values, fname: value})
                with self.assert_refused(AccessError, REFUSED):
                    moves.with_context(**{f"default_{fname}": value}).create(values)

    def test_own_default(self):
        """A user's own default of such a field is left out."""
        settlement = self.settle()
        self.env["ir.default"].set(
            "account.move", "customer_settlement_id", settlement.id, user_id=self.boss.id
        )
        move = (
            self.env["account.move"]
            .with_user(self.boss)
            .create({"move_type": "out_invoice", "partner_id": self.stranger.id})
        )
        self.assertFalse(move.customer_settlement_id)

    def test_by_a_bank_line(self):
        """Nor by a model that creates the entry along with itself."""
        with self.assert_refused(AccessError, REFUSED):
            self.env["account.bank.statement.line"].with_user(self.boss).create(
                {
                    "journal_id": self.company_data["default_journal_bank"].id,
                    "payment_ref": "x",
                    "amount": 10.0,
                    "customer_settlement_id": self.settle().id,
                }
            )

    def test_code_context_from_a_client(self):
        """The context by which our code writes can't be sent: only the very object counts."""
        invoice = self.invoice_n.with_user(self.boss)
        for value in (True, "CODE", "<object object>"):
            with self.assert_refused(AccessError, REFUSED):
                invoice.with_context(customer_org_code=value).has_customer_settlement = True

    def test_customers(self):
        """What was sent until when, and who is at the top, is not set by hand."""
        for fname, value in (
            ("statement_sent_until", "2026-01-31"),
            ("billing_root_id", self.stranger.id),
        ):
            with self.subTest(field=fname), self.assert_refused(AccessError, REFUSED):
                self.north.with_user(self.boss).write({fname: value})

    def test_wizard_lines(self):
        """The lines of the settlement wizard keep what they are about and what is open."""
        action = self.hq.with_user(self.boss).action_settle_branches()
        wizard = self.env["customer.settlement.wizard"].with_user(self.boss)
        wizard = wizard.browse(action["res_id"])
        stranger = self._invoice(self.stranger, 10.0, due="2026-01-31")
        item = self._receivable_lines(stranger)
        debt = wizard.debt_ids[0]
        for values in ({"move_line_id": item.id}, {"amount_open": 0.0}, {"partner_id": self.hq.id}):
            with self.subTest(values=values):
                with self.assert_refused(AccessError, REFUSED):
                    debt.write(values)
                with self.assert_refused(AccessError, REFUSED):
                    wizard.write({"debt_ids": [Command.update(debt.id, values)]})
        debt.amount = 1.0

    def _get_guarded(self, model_name):
        get_guards = getattr(self.env[model_name], "_get_guarded_fields", dict)
        return get_guards().keys()

    def test_no_read_only_field_is_open(self):
        """No stored field of ours that screens show as read-only on others' models is writable."""
        open_fields = [
            f"{name}.{field.name}"
            for name, model in self.env.registry.items()
            # Companies are for administrators, who may break whatever they like.
            if not model._abstract and model._auto and name != "res.company"
            for field in model._fields.values()
            if field._modules
            and all(module.startswith("customer_org") for module in field._modules)
            and not model._original_module.startswith("customer_org")
            and field.store
            and field.column_type
            and field.readonly
            and not field.related
            and not getattr(field, "code_only", False)
            and field.name not in self._get_guarded(name)
        ]
        self.assertFalse(
            open_fields,
            "These fields are read-only on screens only. Add code_only=True, or a guard, see "
            "models/hierarchy/guarded_fields.py",
        )

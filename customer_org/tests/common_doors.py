# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import inspect
import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw, get_public_method
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from odoo.tools.json import json_default

from .common import SettlementCommon

MUTED = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.mail.models.mail_thread",
    "odoo.models",
    "odoo.orm.models",
    "py.warnings",
)
#: What a method that was called with an id alone may answer instead of a result.
REFUSALS = (UserError, ValueError, TypeError)


class DoorsMixin:
    """Who knocks, and what is not for him: names, references and amounts like nobody else's."""

    AMOUNT = 31415.92
    NAMES = ("Hushed", "Quiet")
    FIGURES = ("31415.9", "31,415.9", "INV/2026/", "Hushed Ref")

    @classmethod
    def _create_door_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(cls.env, login, groups, company_id=company.id, company_ids=company.ids)

    def get_secrets(self, visitor):
        """Return what is not for a visitor: employees may read the company's contacts."""
        return self.FIGURES if visitor == "clerk" else (*self.NAMES, *self.FIGURES)

    def knock(self, visitor, record, method, *args, **kwargs):
        """Call a method as a client would, and take back what it did.

        :return: what was answered, or the refusal, as a client would read it
        """
        with self.taken_back(), mute_logger(*MUTED):
            model = self.env(user=self.users[visitor].id, su=False)[record._name]
            try:
                answer = call_kw(model, method, args, kwargs)
                self.env.flush_all()
                text = json.dumps(answer, default=json_default)
            except REFUSALS as refusal:
                text = f"{type(refusal).__name__}: {refusal}"
        self.env.invalidate_all()
        return text

    def assert_hushed(self, visitor, what, text):
        for secret in self.get_secrets(visitor):
            self.assertNotIn(secret, text, f"{visitor}: {what}")

    def assert_methods_are_hushed(self, knocks):
        """Call each public method of ours, on the class or the record as it is meant.

        :param knocks: pairs of visitor and record
        :return: how many were called
        """
        count = 0
        for visitor, record in knocks:
            for name, is_model in self.get_own_methods(record):
                count += 1
                with self.subTest(visitor=visitor, model=record._name, method=name):
                    args = [] if is_model else [record.ids]
                    text = self.knock(visitor, record, name, *args)
                    self.assert_hushed(visitor, (record._name, name), text)
        return count

    @staticmethod
    def get_own_methods(model):
        """Return the public methods of a model that our code defines or extends.

        :return: list of (name, whether it is called without ids), of those that need nothing else
        """
        methods = []
        for name in sorted({name for cls in type(model).mro() for name in vars(cls)}):
            if name.startswith("_") or not callable(getattr(type(model), name, None)):
                continue
            modules = [vars(c)[name].__module__ for c in type(model).mro() if name in vars(c)]
            if not any(module.startswith("odoo.addons.customer_org") for module in modules):
                continue
            try:
                method = get_public_method(model, name)
                inspect.signature(method).bind(model)
            except (AccessError, TypeError):
                continue
            methods.append((name, getattr(method, "_api_model", False)))
        return methods


class DoorsCommon(DoorsMixin, SettlementCommon):
    """Acme, known to one company only, with a record of each model of ours, and who knocks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls._create_company(name="Other Company")
        (cls.hq | cls.branches).company_id = cls.company
        for number, customer in enumerate(cls.hq | cls.branches):
            customer.name = f"Hushed {number}"
        cls.stranger = cls._create_customer("Quiet", company_id=cls.company.id)
        cls.north.billing_parent_access = "pay"
        cls.south.billing_parent_access = "view"
        cls.filed = cls._create_customer(
            "Quiet Too", parent_id=cls.stranger.id, company_id=cls.company.id
        )
        cls._invoice(cls.filed, 10.0, due="2026-01-31")
        cls.secret = cls._invoice(cls.east, cls.AMOUNT, due="2026-01-31", ref="Hushed Ref")
        cls.users = {
            "stranger": cls._create_door_user("door stranger", "base.group_portal"),
            "clerk": cls._create_door_user(
                "door clerk", "base.group_user,base.group_partner_manager"
            ),
            "foreigner": cls._create_door_user(
                "door foreigner",
                "account.group_account_manager,base.group_partner_manager",
                cls.other_company,
            ),
        }
        cls.records = cls._create_records()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _create_records(cls):
        """Return a record of each model of ours that has records, by model."""
        payment = cls._payment(cls.hq, 5000.0)
        cls._receivable_lines(payment.move_id | cls.invoice_n).reconcile()
        cls._payment(cls.hq, cls.AMOUNT)
        wizard = cls.env["customer.settlement.wizard"].browse(
            cls.hq.action_settle_branches()["res_id"]
        )
        wizard.action_propose()
        wizard.action_preview()
        group = cls.env["customer.group"].create({"name": "Group", "member_ids": cls.west.ids})
        update = cls.env["customer.group.update"]._start(
            {"kind": "membership", "group_id": group.id}, cls.hq | cls.branches
        )
        delivery = cls.env["customer.mail.delivery"]._create_for_statement(cls.hq, {})
        remittance = cls.env["customer.remittance"].create(
            {
                "partner_id": cls.hq.id,
                "line_ids": [Command.create({"number": cls.secret.name, "amount": cls.AMOUNT})],
            }
        )
        remittance.action_match()
        waiting = cls.env["customer.to.settle"].search([("payer_id", "=", cls.hq.id)])
        batch = cls.env["customer.settlement.batch"]._create_for(waiting)
        register = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=cls.secret.ids
        )
        register = register.create(
            {"payer_id": cls.hq.id, "group_payment": True, "is_amount_per_invoice": True}
        )
        importing = cls.env["customer.remittance.import"].create(
            {"partner_id": cls.hq.id, "text": f"Hushed Ref;{cls.AMOUNT}\nHushed Ref 2;10.00"}
        )
        records = {
            "account.payment.register.line": register.invoice_amount_ids,
            "customer.remittance.import": importing,
            "customer.remittance.import.column": importing.column_ids[:1],
            "customer.settlement.wizard": wizard,
            "customer.settlement.wizard.line": wizard.debt_ids[:1],
            "customer.settlement.wizard.leg": wizard.leg_ids[:1],
            "customer.settlement.batch": batch,
            "customer.settlement.batch.line": batch.line_ids,
            "customer.group": group,
            "customer.group.update": update,
            "customer.group.update.line": update.line_ids[:1],
            "customer.mail.delivery": delivery,
            "customer.remittance": remittance,
            "customer.remittance.line": remittance.line_ids,
            "customer.to.settle": waiting,
        }
        for model, values in cls._get_simple_values(delivery).items():
            records[model] = cls.env[model].sudo().create(values)
        for model in cls._iter_models(cls.env):
            if model._name not in records:
                records[model._name] = model.search([], limit=1)
        return {name: record.sudo(False) for name, record in records.items()}

    @classmethod
    def _get_simple_values(cls, delivery):
        """Return values of records that nothing but themselves is needed for."""
        customers = {"partner_id": cls.east.id, "company_id": cls.company.id}
        update = cls.env["customer.hierarchy.update"].sudo().create({"kind": "parent"})
        reason = {"name": "Freight", "action": "open"}
        return {
            "customer.aged.receivable.wizard": {},
            "customer.deduction.reason": reason,
            "customer.group.update.wizard": {"partner_ids": cls.branches.ids},
            "customer.hierarchy.import": {"partner_id": cls.east.id},
            "customer.hierarchy.suggestion": {
                "partner_id": cls.stranger.id,
                "parent_id": cls.hq.id,
                "family_id": cls.hq.id,
                "kind": "branch",
                "certainty": "certain",
            },
            "customer.hierarchy.update.line": {
                "update_id": update.id,
                "partner_id": cls.east.id,
                "result": "keep",
            },
            "customer.hierarchy.update.wizard": {"parent_id": cls.hq.id},
            "customer.mail.recipient": {"delivery_id": delivery.id, "partner_id": cls.hq.id},
            "customer.receivable.finding": {**customers, "kind": "balance", "key": "x"},
            "customer.remittance.layout": {**customers, "signature": "x", "layout": {"x": 1}},
            "customer.statement.mail": {**customers, "options": {"branches": True}},
            "customer.statement.wizard": {"partner_ids": cls.hq.ids},
        }

    @staticmethod
    def _iter_models(env):
        """Yield our models that have records, those that will be added, too."""
        for name in sorted(env.registry):
            model = env[name]
            if model._original_module.startswith("customer_org") and not model._abstract:
                yield model

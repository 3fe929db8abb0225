# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import AcmeCommon

CUSTOMERS = "base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestGuardedCustomers(AcmeCommon):
    """Each guarded field of a customer, for each kind of user, by each way in: one table."""

    # Who may set what: the groups of users, from nobody to everybody.
    USERS = {
        "clerk": "base.group_user",
        "biller": "account.group_account_invoice",
        "accountant": "account.group_account_user",
        "manager": "account.group_account_manager",
    }
    MAY = {
        "billing_parent_id": {"manager"},
        "billing_parent_access": {"manager"},
        "billing_auto_settle": {"manager"},
        "billing_share_credit_limit": {"manager"},
        "billing_paid_by": {"manager"},
        "statement_monthly": {"manager"},
        "billing_mail_to": {"accountant", "manager"},
        "customer_group_id": {"biller", "accountant", "manager"},
        "customer_group_by_rule": {"biller", "accountant", "manager"},
    }
    # What nobody sets, whatever the rights.
    CODE_ONLY = ("billing_root_id", "statement_sent_until")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["customer.group"].create({"name": "Gold"})
        cls.values = {
            "billing_parent_id": cls.hq.id,
            "billing_parent_access": "view",
            "billing_auto_settle": True,
            "billing_share_credit_limit": True,
            "billing_paid_by": "parent",
            "statement_monthly": True,
            "billing_mail_to": "both",
            "customer_group_id": cls.group.id,
            "customer_group_by_rule": True,
        }
        cls.lone = cls._create_customer("Lone")
        cls.users = {
            name: new_test_user(
                cls.env,
                f"guard {name}",
                f"{groups},{CUSTOMERS}",
                company_id=cls.company.id,
                company_ids=cls.company.ids,
            )
            for name, groups in cls.USERS.items()
        }

    def test_table_is_complete(self):
        """A field that is guarded tomorrow has its line here; those of other addons have tests."""
        clerk = self.env(user=self.users["clerk"])["res.partner"]
        self.assertLessEqual(set(self.MAY), set(clerk._get_guarded_fields()))
        ours = {
            name
            for name in clerk._get_guarded_fields()
            if set(clerk._fields[name]._modules) <= {"customer_org"}
        }
        self.assertEqual(ours, set(self.MAY))

    @contextmanager
    def calling(self, user):
        """Yield customers as a call by ``user`` has them: commands of lists are its own, too."""
        env = self.env(user=user)
        # Odoo writes the commands of a list of customers as who began the transaction.
        with self.taken_back(), patch.object(env.transaction, "default_env", env):
            yield env["res.partner"]
        self.env.invalidate_all()

    def check_way(self, way):
        """Try one way to set each field for each user; what is refused leaves nothing behind."""
        for user_name, user in self.users.items():
            for fname, value in self.values.items():
                allowed = user_name in self.MAY[fname]
                with self.subTest(user=user_name, field=fname), self.calling(user) as partners:
                    try:
                        with self.env.cr.savepoint():
                            result = way(partners, fname, value)
                    except AccessError as error:
                        self.assertFalse(allowed, error)
                        self.assertRegex(str(error), "Only .* can change")
                        result = None
                    else:
                        present = result.sudo()[fname]
                        is_set = present == (
                            self.group
                            if fname == "customer_group_id"
                            else (self.hq if fname == "billing_parent_id" else value)
                        )
                        self.assertEqual(is_set, allowed, present)

    def test_write(self):
        def write(partners, fname, value):
            record = partners.browse(self.lone.id)
            record.write({fname: value})
            return record

        self.check_way(write)

    def test_assignment(self):
        def assign(partners, fname, value):
            record = partners.browse(self.lone.id)
            record[fname] = value
            return record

        self.check_way(assign)

    def test_web_save(self):
        """As the web client saves a form."""

        def web_save(partners, fname, value):
            record = partners.browse(self.lone.id)
            record.web_save({fname: value}, {"name": {}})
            return record

        self.check_way(web_save)

    def test_create(self):
        self.check_way(lambda partners, fname, value: partners.create({"name": "X", fname: value}))

    def test_defaults_of_the_context(self):
        self.check_way(
            lambda partners, fname, value: partners.with_context(
                **{f"default_{fname}": value}
            ).create({"name": "X"})
        )

    def test_quick_create(self):
        """By the name alone, as from a many2one field."""

        def name_create(partners, fname, value):
            context = {f"default_{fname}": value}
            return partners.browse(partners.with_context(**context).name_create("X")[0])

        self.check_way(name_create)

    def test_own_default(self):
        """A default that a user has set for himself is as good as typed."""

        def create(partners, fname, value):
            defaults = self.env["ir.default"].sudo()
            defaults.set("res.partner", fname, value, user_id=partners.env.uid)
            return partners.create({"name": "X"})

        self.check_way(create)

    def test_copy(self):
        self.check_way(
            lambda partners, fname, value: partners.browse(self.lone.id).copy({fname: value})
        )

    def test_contact_with_its_company(self):
        """A customer that is created along with another, as one of its contacts."""

        def create(partners, fname, value):
            child = {"name": "Child", "is_company": True, fname: value}
            return partners.create(
                {"name": "X", "is_company": True, "child_ids": [Command.create(child)]}
            ).child_ids

        self.check_way(create)

    def test_contact_of_a_written_company(self):
        def write(partners, fname, value):
            child = {"name": "Child", "is_company": True, fname: value}
            partners.browse(self.lone.id).child_ids = [Command.create(child)]
            return partners.browse(self.lone.id).child_ids

        self.check_way(write)

    def test_import(self):
        """Odoo's importer, with names and with database ids; its messages name the reason."""
        for user_name, user in self.users.items():
            for fname, value in self.values.items():
                allowed = user_name in self.MAY[fname]
                with self.subTest(user=user_name, field=fname), self.calling(user) as partners:
                    column = fname
                    if self.lone._fields[fname].type == "many2one":
                        column = f"{fname}/.id"
                    result = partners.load(["name", column], [["Imported", str(value)]])
                    found = self.env["res.partner"].search([("name", "=", "Imported")])
                    self.assertEqual(bool(found), allowed, result["messages"])
                    if not allowed:
                        self.assertIn("Only", result["messages"][0]["message"])

    def test_from_the_head_office(self):
        """Branches that are put under a head office by its own list of them."""
        lone = self.lone
        for name, user in self.users.items():
            for commands in (
                [Command.link(lone.id)],
                [Command.set([*self.branches.ids, lone.id])],
                [Command.update(self.north.id, {"billing_parent_access": "pay"})],
                [Command.unlink(self.north.id)],
                [Command.create({"name": "New Branch", "is_company": True})],
            ):
                with self.subTest(user=name, what=commands[0][0]), self.calling(user) as partners:
                    hq = partners.browse(self.hq.id)
                    if name == "manager":
                        hq.billing_child_ids = commands
                        continue
                    with self.assert_refused(AccessError, "Only invoicing administrators"):
                        hq.billing_child_ids = commands

    def test_through_a_user(self):
        """A user's own record is its contact as well: no other guard, no other way."""
        settings = self.env.ref("base.group_erp_manager")
        for name in ("clerk", "manager"):
            user = self.users[name]
            user.group_ids |= settings
            contact = self.users["biller"]
            for fname in ("billing_parent_access", "statement_monthly", "billing_auto_settle"):
                with self.subTest(user=name, field=fname), self.taken_back():
                    record = contact.with_user(user)
                    if name == "manager":
                        record.write({fname: self.values[fname]})
                        continue
                    with self.assert_refused(AccessError, "Only invoicing administrators"):
                        record.write({fname: self.values[fname]})
                    with self.assert_refused(AccessError, "Only invoicing administrators"):
                        self.env(user=user)["res.users"].create(
                            {"name": "X", "login": "x", fname: self.values[fname]}
                        )
                self.env.invalidate_all()

    def test_what_changes_nothing(self):
        """Who may not change a field saves a form that sends back what is there already."""
        self.north.write({**self.values, "customer_group_by_rule": False})
        present = {
            fname: self.north._fields[fname].convert_to_write(self.north[fname], self.north)
            for fname in self.MAY
        }
        self.north.with_user(self.users["clerk"]).write({**present, "name": "Renamed"})
        self.assertEqual(self.north.name, "Renamed")
        self.assertEqual(self.north.billing_parent_access, "view")
        # An empty consent is none.
        empty = dict.fromkeys(self.MAY, False)
        self.lone.with_user(self.users["clerk"]).write({**empty, "name": "Renamed too"})
        self.assertEqual(self.lone.billing_parent_access, "none")

    def test_of_several_at_once(self):
        """One that would change is enough to refuse all of them."""
        both = (self.north | self.lone).with_user(self.users["biller"])
        with self.assert_refused(AccessError, "Only invoicing administrators"):
            both.write({"billing_parent_id": self.hq.id})
        self.assertFalse(self.lone.billing_parent_id)

    def test_code_only(self):
        """What follows from other data is set by nobody, by no way."""
        manager = self.env(user=self.users["manager"])["res.partner"]
        for fname in self.CODE_ONLY:
            value = self.hq.id if fname == "billing_root_id" else "2026-01-31"
            ways = (
                lambda fname, value: manager.browse(self.lone.id).write({fname: value}),
                lambda fname, value: manager.create({"name": "X", fname: value}),
                lambda fname, value: manager.browse(self.lone.id).copy({fname: value}),
                lambda fname, value: manager.browse(self.lone.id).web_save({fname: value}, {}),
                lambda fname, value: manager.with_context(**{f"default_{fname}": value}).create(
                    {"name": "X"}
                ),
            )
            for number, way in enumerate(ways):
                with self.subTest(field=fname, way=number):
                    with self.assert_refused(AccessError, "follows from|can't be set"):
                        way(fname, value)

    # The limit, where limits block

    def test_limit_that_blocks(self):
        """By amount, by the tick that turns it on and off, on a new customer, by import."""
        self.company.write({"account_use_credit_limit": True, "credit_limit_block": True})
        self.lone.credit_limit = 500.0
        accountant = self.users["accountant"]
        partners = self.env(user=accountant)["res.partner"]
        lone = partners.browse(self.lone.id)
        for way in (
            lambda: lone.write({"credit_limit": 900.0}),
            lambda: lone.write({"credit_limit": False}),
            lambda: lone.write({"use_partner_credit_limit": False}),
            lambda: partners.create({"name": "X", "credit_limit": 900.0}),
            lambda: partners.with_context(default_credit_limit=900.0).create({"name": "X"}),
            lambda: lone.copy({"credit_limit": 900.0}),
        ):
            with self.assert_refused(AccessError, "Only users who may exceed"):
                way()
        result = partners.load([".id", "credit_limit"], [[str(lone.id), "900"]])
        self.assertIn("Only users who may exceed", result["messages"][0]["message"])
        self.assertEqual(self.lone.credit_limit, 500.0)
        lone.write({"credit_limit": 500.0, "name": "Still Lone"})
        self.lone.with_user(self.users["manager"]).credit_limit = 900.0
        self.assertEqual(self.lone.credit_limit, 900.0)

    def test_limit_of_a_copy(self):
        """A duplicate that is made by who may not set limits has the company's."""
        self.company.write({"account_use_credit_limit": True, "credit_limit_block": True})
        self.lone.credit_limit = 500.0
        copy = self.lone.with_user(self.users["accountant"]).copy()
        self.assertEqual(copy.credit_limit, 0.0)

    def test_limit_in_the_chatter(self):
        """Where limits block, who changed one, and from what to what, is in the chatter."""
        self.company.write({"account_use_credit_limit": True, "credit_limit_block": True})
        self.lone.with_user(self.users["manager"]).credit_limit = 900.0
        note = self.lone.message_ids[0]
        self.assertEqual(note.author_id, self.users["manager"].partner_id)
        self.assertIn("900.00", str(note.body))
        count = len(self.lone.message_ids)
        self.lone.credit_limit = 900.0
        self.assertEqual(len(self.lone.message_ids), count, "nothing changed")

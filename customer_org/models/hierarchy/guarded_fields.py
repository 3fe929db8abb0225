# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fields that not everybody who may write a record may set, whatever way the value comes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from odoo import api, models
from odoo.exceptions import AccessError

#: ``customer_org_code`` in the context while our own code writes; nobody can send it.
CODE = object()


@dataclass(frozen=True)
class Guard:
    """Who may change a field, and what others are told.

    ``default`` is what a new record has, ``may`` says of records whether the user may change them,
    ``message`` is raised otherwise. ``empty`` is what an empty value means, the default if None.
    """

    default: Any
    may: Callable[[models.BaseModel], bool]
    message: str
    empty: Any = None

    def normalize(self, value):
        """Return a written value, an empty one as what it means."""
        return value or (self.default if self.empty is None else self.empty)


class Base(models.AbstractModel):
    """Fields say of themselves that only our code may set them, those of mixins, too."""

    _inherit = "base"

    @api.model
    def _valid_field_parameter(self, field, name):
        """Let fields of any model say that only our code may set them."""
        return name == "code_only" or super()._valid_field_parameter(field, name)


class CustomerGuardedFields(models.AbstractModel):
    """Guards of single fields, on the server, for each way in: form, RPC, import and defaults.

    Takes: ``code_only=True`` on fields that only our code may set, or ``_guard_readonly = True`` on
    a model of ours where this goes for all fields that are read-only; :meth:`_get_guarded_fields`
    for those that some users may change.

    Use: put it before the model in ``_inherit``. Our code writes a field of the first kind as
    superuser, or on ``records._as_code()`` where the user has to stay the same. A value that
    changes nothing may always be written to a field of the second kind.

    How it works: the first kind is refused by core's own check of fields, which sees written
    values and the context's defaults; users' defaults are left out. The second kind is compared in
    one ``create`` and one ``write``. No query is made for a write without such fields.
    """

    _name = "customer.guarded.fields"
    _description = "Fields That Not Everybody May Set"
    _guard_readonly = False

    def _as_code(self):
        """Return the records so that our code may write fields of its own, as the same user."""
        return self.with_context(customer_org_code=CODE)

    # Fields of our code

    @api.model
    def _is_code_only(self, field):
        """Tell whether nobody but our code may set the field."""
        is_guarded = getattr(field, "code_only", False) or (
            self._guard_readonly and field.readonly and field.store
        )
        return is_guarded and not (self.env.su or self.env.context.get("customer_org_code") is CODE)

    def _has_field_access(self, field, operation):
        """Say that fields of our code are read-only, to all who ask before they write."""
        if operation == "write" and self._is_code_only(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        """Refuse to write fields of our code, in words that say why, which core can't know."""
        if operation == "write" and self._is_code_only(field):
            raise AccessError(self._get_code_only_message(field))
        return super()._check_field_access(field, operation)

    @api.model
    def _get_code_only_message(self, field):
        """Return what is said to who tries to set a field of our code."""
        return self.env._(
            "%(field)s of %(document)s follows from what was done with it and can't be set.",
            field=field._description_string(self.env),
            document=self._description,
        )

    @api.model
    def default_get(self, fields):
        """Leave out what users or the context would set in fields of our code."""
        values = super().default_get(fields)
        for name in fields:
            field = self._fields.get(name)
            if name in values and field and self._is_code_only(field):
                del values[name]
                if field.default:
                    values[name] = field.convert_to_write(
                        field.convert_to_cache(field.default(self), self, validate=False), self
                    )
        return values

    # Fields of some users

    @api.model
    def _get_guarded_fields(self):
        """Return ``{field name: Guard}``; each feature adds its own."""
        return {}

    @api.model_create_multi
    def create(self, vals_list):
        guards = {} if self.env.su else self._get_guarded_fields()
        if guards:
            # Defaults, those of the context above all, are as good as given.
            defaults = self.default_get([*guards])
            for vals in vals_list:
                # Of no record: a copy is created on what it is copied from.
                self.browse()._check_guards(guards, {**defaults, **vals})
        return super().create(vals_list)

    def write(self, vals):
        """Check the guards on every way to write, before core has changed anything."""
        if not self.env.su:
            self._check_guards(self._get_guarded_fields(), vals)
        return super().write(vals)

    def copy_data(self, default=None):
        """Who may not set a guarded field duplicates records without its value."""
        vals_list = super().copy_data(default)
        if not self.env.su:
            for fname, guard in self._get_guarded_fields().items():
                for vals in vals_list:
                    if fname in vals and fname not in (default or {}) and not guard.may(self):
                        vals[fname] = guard.default
        return vals_list

    def _check_guards(self, guards, vals):
        for fname in guards.keys() & vals.keys():
            guard, field = guards[fname], self._fields[fname]
            if guard.may(self):
                continue
            present = {field.convert_to_write(record[fname], record) for record in self}
            if (present or {guard.default}) != {guard.normalize(vals[fname])}:
                raise AccessError(guard.message)

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which invoices a visitor chose to pay, as links, forms and calls say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from odoo.fields import Domain

from ..parameters import to_id, to_ids


@dataclass(frozen=True)
class Selection:
    """Invoices by their ids, or all of a company and a currency, maybe of one branch.

    Nothing of it is checked: what the visitor may pay of it is asked of the database.
    """

    ids: tuple[int, ...] = ()
    is_all: bool = False
    company: int | None = None
    currency: int | None = None
    branch: int | None = None

    @classmethod
    def from_request(cls, params: Mapping[str, Any], ids: Any = None) -> Selection:
        """Return what the parameters of a request choose.

        :param params: of the link or the form, with ``getlist`` as werkzeug's
        :param ids: of a call; they win
        """
        if ids is None and params.get("all"):
            # Who is no customer has no invoices: a branch that makes no sense chooses nothing.
            branch = (to_id(params["branch"]) or 0) if params.get("branch") else None
            company, currency = to_id(params.get("company")), to_id(params.get("currency"))
            return cls(is_all=True, company=company, currency=currency, branch=branch)
        return cls(ids=tuple(to_ids(params.getlist("invoice_ids") if ids is None else ids)))

    def __bool__(self) -> bool:
        return self.is_all or bool(self.ids)

    @property
    def domain(self) -> Domain:
        """The invoices of this choice, whether they may be paid or not."""
        if not self.is_all:
            return Domain("id", "in", self.ids)
        domain = Domain("company_id", "=", self.company) & Domain("currency_id", "=", self.currency)
        if self.branch is not None:
            domain &= Domain("commercial_partner_id", "=", self.branch)
        return domain

    @property
    def query(self) -> dict[str, str]:
        """The parameters of a link that chooses the same."""
        if not self.is_all:
            return {"invoice_ids": ",".join(map(str, self.ids))} if self.ids else {}
        params = {"company": self.company, "currency": self.currency, "branch": self.branch}
        return {"all": "1"} | {
            name: str(value) for name, value in params.items() if value is not None
        }

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, models

from .customer_name import choose_head, have_common_name
from .evidence import LOOKS, WEAK, Evidence
from .mail_domain import FREE_PROVIDERS, get_domain, is_own_domain

#: An address that more customers than this have is that of somebody who works for them.
SHARED_ADDRESS = 2
#: A domain that more customers than this have without a common name belongs to none of them.
SHARED_DOMAIN = 4


class CustomerHierarchySuggestion(models.Model):
    """The same e-mail domain, free mail providers left out: weak.

    An accountant's office answers for many of its clients: an address, or a domain, that several
    customers without a common name have, says nothing.
    """

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "domain"]

    def _find_domain(self, customers):
        by_domain = defaultdict(list)
        providers = self._get_free_mail_providers()
        for customer in customers.values():
            domain = get_domain(customer.email)
            if domain and domain not in providers:
                by_domain[domain].append(customer)
        evidence = []
        for domain, members in by_domain.items():
            if len(members) > 1:
                evidence += self._compare_names(domain, members)
        return evidence

    @api.model
    def _get_free_mail_providers(self):
        """Return the domains of mail providers: Odoo's list where it is installed, else ours."""
        if "iap.account" in self.env:
            from odoo.addons.iap.tools import iap_tools  # noqa: PLC0415

            return FREE_PROVIDERS | {name.strip() for name in iap_tools._MAIL_PROVIDERS}
        return FREE_PROVIDERS

    def _compare_names(self, domain, members):
        """Return the evidence of all customers of one domain."""
        owners = [member for member in members if is_own_domain(domain, member.name)]
        head, is_clear = choose_head(owners or members)
        if not (owners or is_clear):
            return []
        addresses = defaultdict(int)
        strangers = 0
        for member in members:
            addresses[member.email.lower()] += 1
            strangers += not have_common_name(member.name, head.name)
        return [
            Evidence(member.id, head.id, "domain", WEAK, LOOKS, {"domain": domain})
            for member in members
            if member != head
            and (
                have_common_name(member.name, head.name)
                or (addresses[member.email.lower()] < SHARED_ADDRESS and strangers < SHARED_DOMAIN)
            )
        ]

    def _describe_domain(self, names, values):
        return self.env._("same e-mail domain %(domain)s", **names, **values)

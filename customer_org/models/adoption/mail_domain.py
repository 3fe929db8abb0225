# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Domains of e-mail addresses: whose they are. No ORM here."""

import re
from pathlib import Path

from .customer_name import get_words, split_head_office

#: One domain a line; its first lines tell where the list is from.
_LIST = Path(__file__).parents[2] / "data" / "free_mail_providers.txt"
FREE_PROVIDERS = frozenset(
    line.strip() for line in _LIST.read_text().splitlines() if line and not line.startswith("#")
)


def get_domain(email: str) -> str:
    """Return the domain of the first address, or nothing.

    >>> get_domain("Acme <Info@ACME.com>; b@globex.com")
    'acme.com'
    >>> get_domain("nobody")
    ''
    """
    match = re.search(r"@([\w-]+(?:\.[\w-]+)+)", email)
    return match[1].lower() if match else ""


def is_own_domain(domain: str, name: str) -> bool:
    """Whether a domain is named as a customer is.

    >>> is_own_domain("acme.com", "Acme HQ"), is_own_domain("acme-group.com", "Acme")
    (True, True)
    >>> is_own_domain("fiduciaire-durand.fr", "Boulangerie Martin")
    False
    """
    words = split_head_office(get_words(name))[0]
    labels = set(re.split(r"[.-]", domain)[:-1])
    squeezed = domain.replace("-", "")
    return (
        bool(words)
        and len("".join(words)) > 2
        and (words[0] in labels or squeezed.startswith("".join(words) + "."))
    )

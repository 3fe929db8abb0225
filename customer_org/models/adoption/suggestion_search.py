# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .evidence import CERTAINTIES, Customer, choose, find_top, gather
from .national_register import clean
from .paying_agent import weaken_agents
from .tax_number import get_tax_number


class CustomerHierarchySuggestion(models.Model):
    """Finding: who is looked at, what the reasons say, what is proposed.

    How it works: one query reads all customers, each reason makes at most a few; the rest is
    plain Python over those that have something in common, so time grows with the customers.
    """

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    def action_search(self):
        """Find suggestions anew: keep what was dismissed or accepted, replace what is new.

        :return: the action that shows them
        :raises AccessError: for users who may not see suggestions
        """
        self.check_access("read")
        # sudo: finds in all customers, whoever asks; who asks sees of it what the rules allow.
        self.sudo()._search_all()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_hierarchy_family"
        )

    @api.model
    def _cron_search(self):
        """Find suggestions anew, once a week."""
        self._search_all()

    @api.model
    def _search_all(self):
        # One search at a time: two would write the same pairs.
        self.env.cr.execute(SQL("LOCK TABLE customer_hierarchy_suggestion IN EXCLUSIVE MODE"))
        self.env.flush_all()
        # A duplicate that was sent to the merge, and is there still, was not merged.
        present = self.search(Domain.TRUE)
        present.filtered(
            lambda old: old.state == "accepted" and old.kind == "duplicate"
        ).state = "new"
        answered = present.filtered(lambda old: old.state != "new")
        pairs = {frozenset((old.partner_id.id, old.parent_id.id)) for old in answered}
        customers = self._get_customers()
        proposals = [
            proposal
            for proposal in self._find_proposals(customers)
            if frozenset((proposal.partner_id, proposal.parent_id)) not in pairs
        ]
        self._replace(present - answered, choose(proposals, self._get_present(proposals)))

    @api.model
    def _get_customers(self, ids=None):
        """Return ``{id: Customer}`` of those who can be branch or billing parent; one query.

        Customers of their own, not archived, no private persons, and none of our own companies.

        :param ids: only of these
        """
        self.env["res.partner"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer.id, customer.name, customer.vat, customer.company_registry,
                       country.code, customer.street, customer.zip, customer.city, customer.email,
                       COALESCE(branches.number, 0),
                       customer.company_id, customer.is_company
                  FROM res_partner customer
                  LEFT JOIN res_country country ON country.id = customer.country_id
                  LEFT JOIN (
                        SELECT ancestor_id AS id, COUNT(*) AS number
                          FROM customer_hierarchy_link
                         WHERE depth = 1
                      GROUP BY ancestor_id
                  ) branches ON branches.id = customer.id
                 WHERE customer.active
                   AND customer.commercial_partner_id = customer.id
                   AND (
                        customer.is_company
                        OR COALESCE(customer.vat, '') NOT IN ('', '/')
                        OR customer.company_registry != ''
                   )
                   AND NOT EXISTS (SELECT FROM res_company WHERE partner_id = customer.id)
                   AND %s
              ORDER BY customer.id
                """,
                SQL("TRUE") if ids is None else SQL("customer.id = ANY(%s)", list(ids)),
            )
        )
        customers = {}
        for *values, branch_count, company_id, is_company in rows:
            texts = (value or "" for value in values[1:])
            customer = Customer(values[0], *texts, branch_count, company_id or 0)
            # A person whose number says nothing is a private person all the same.
            if is_company or get_tax_number(customer) or clean(customer.registry):
                customers[customer.id] = customer
        return customers

    @api.model
    def _find_proposals(self, customers):
        """Return what may be proposed of these customers, the best direction of each pair."""
        evidence = [
            item
            for code in self._get_reasons()
            for item in getattr(self, f"_find_{code}")(customers)
        ]
        proposals = gather(weaken_agents(evidence, customers))
        allowed = self._get_allowed(customers, proposals)
        return [proposal for proposal in proposals if allowed(proposal)]

    def _get_allowed(self, customers, proposals):
        """Return a function that says whether a proposal may be made at all.

        None for who has a billing parent already, across companies, or under one's own branch.
        """
        ids = {customer_id for p in proposals for customer_id in (p.partner_id, p.parent_id)}
        partners = self.env["res.partner"].browse(ids)
        partners.fetch(["billing_parent_id", "company_id"])
        parents = self.env["res.partner"].browse({p.parent_id for p in proposals})
        links = self.env["customer.hierarchy.link"]
        ancestors = links._get_ancestors(parents.ids) if parents else {}

        def is_allowed(proposal):
            partner, parent = partners.browse([proposal.partner_id, proposal.parent_id])
            if proposal.kind == "duplicate":
                companies = {partner.company_id, parent.company_id} - {partner.company_id.browse()}
                return len(companies) < 2
            return (
                not partner.billing_parent_id
                and (not parent.company_id or parent.company_id in partner.company_id.parent_ids)
                and partner.id not in ancestors.get(parent.id, ())
            )

        return is_allowed

    def _get_present(self, proposals):
        """Return ``{customer: billing parent}`` above the parents that are proposed."""
        links = self.env["customer.hierarchy.link"]
        parent_ids = {proposal.parent_id for proposal in proposals}
        paths = links._get_ancestors(list(parent_ids)).values() if parent_ids else ()
        return {one: above for path in paths for one, above in zip(path, path[1:], strict=False)}

    def _replace(self, present, chosen):
        """Make ``present`` suggestions what was chosen now; what is the same stays as it is."""
        parent_of = {p.partner_id: p.parent_id for p in chosen}
        roots = self._get_roots(parent_of.values())
        parent_of |= {parent: root for parent, root in roots.items() if parent != root}
        old = {(s.partner_id.id, s.parent_id.id): s for s in present}
        values_list = []
        for proposal in chosen:
            values = self._get_values(proposal, find_top(parent_of, proposal.parent_id))
            if same := old.pop((proposal.partner_id, proposal.parent_id), None):
                same._write_changed(values)
            else:
                values_list.append(values)
        present.browse().union(*old.values()).unlink()
        self.create(values_list)

    def _write_changed(self, values):
        """Write what differs: most suggestions are the same week by week."""
        changed = {
            fname: value
            for fname, value in values.items()
            if self._fields[fname].convert_to_write(self[fname], self) != value
        }
        if changed:
            self.write(changed)

    def _get_roots(self, parent_ids):
        """Return the head office of each of these customers as it is now."""
        partners = self.env["res.partner"].browse(set(parent_ids))
        partners.fetch(["billing_root_id"])
        return {partner.id: partner.billing_root_id.id or partner.id for partner in partners}

    def _get_values(self, proposal, family_id):
        evidence = sorted(proposal.evidence, key=lambda item: -item.certainty)
        companies = {item.company_id for item in evidence}
        return {
            "partner_id": proposal.partner_id,
            "parent_id": proposal.parent_id,
            "family_id": family_id,
            "kind": proposal.kind,
            "certainty": CERTAINTIES[proposal.certainty],
            "certainty_rank": proposal.certainty,
            "company_ids": [(6, 0, [] if 0 in companies else sorted(companies))],
            "evidence": [
                {"code": item.code, "values": item.values, "company_id": item.company_id}
                for item in evidence
            ],
        }

    def _get_obsolete(self):
        """Return ``{suggestion: reason}`` of those that do not hold any more."""
        customers = self._get_customers((self.partner_id | self.parent_id).ids)
        # sudo: the same evidence as when it was found, whoever accepts.
        found = {
            (p.partner_id, p.parent_id, p.kind) for p in self.sudo()._find_proposals(customers)
        }
        pairs = {frozenset(key[:2]): key for key in found}
        classified = {
            customer: reason
            for customer, result, reason in self.env["customer.hierarchy.update"]._classify(
                {
                    suggestion.partner_id: {"billing_parent_id": suggestion.parent_id.id}
                    for suggestion in self
                }
            )
            if result != "change"
        }
        obsolete = {}
        for suggestion in self:
            customer, parent = suggestion.partner_id, suggestion.parent_id
            key = pairs.get(frozenset((customer.id, parent.id)))
            if suggestion.kind == "branch" and customer.billing_parent_id:
                obsolete[suggestion] = self.env._(
                    "it is billed under %s already", customer.billing_parent_id.display_name
                )
            elif suggestion.kind == "branch" and customer in classified:
                obsolete[suggestion] = classified[customer]
            elif not key or key[2] != suggestion.kind:
                obsolete[suggestion] = self.env._("what it was found by has changed")
        return obsolete

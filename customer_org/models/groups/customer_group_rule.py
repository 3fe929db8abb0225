# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from ast import literal_eval
from collections import defaultdict

from markupsafe import Markup
from psycopg2 import DataError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger, split_every

BATCH_SIZE = 1000


class CustomerGroup(models.Model):
    """Membership by rule: who meets a group's rule joins, who no longer does leaves.

    Customers that were put into a group by hand stay there. A customer that meets several rules
    goes to the group that comes first by sequence.
    """

    _inherit = "customer.group"

    rule_domain = fields.Char(
        string="Membership Rule",
        help="Customers that meet this rule join the group, every day and by the button. Customers "
        "that were put into a group by hand stay where they are.",
    )
    rule_preview = fields.Html(compute="_compute_rule_preview")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_rule(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_rule(vals))

    @api.model
    def _clean_rule(self, vals):
        """The domain widget leaves ``[]`` where a rule was taken away: nobody, not everybody."""
        if (vals.get("rule_domain") or "").strip() == "[]":
            return {**vals, "rule_domain": False}
        return vals

    @api.constrains("rule_domain")
    def _check_rule_domain(self):
        for group in self.filtered("rule_domain"):
            error = group._get_rule_error()
            if error:
                raise ValidationError(error)

    def _get_rule_error(self):
        """Return why this group's rule can't be searched, in the user's words, or None."""
        try:
            # The database may be what refuses it; the transaction must survive that.
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env["res.partner"].search(self._get_rule_domain(), limit=1)
        except (ValueError, TypeError, SyntaxError, UserError, DataError) as error:
            return self.env._(
                "The membership rule of %(group)s can't be read: %(error)s",
                group=self.display_name,
                # The database adds its statement.
                error=str(error).partition("\n")[0],
            )
        return None

    @api.depends("rule_domain", "sequence")
    def _compute_rule_preview(self):
        for group in self:
            if group.rule_domain in (False, "[]") or not group._origin:
                group.rule_preview = False
                continue
            error = group._get_rule_error()
            if error:
                group.rule_preview = Markup("<span class='text-danger'>%s</span>") % error
                continue
            joining, leaving, conflicts = group._origin._get_rule_changes(
                {group._origin.id: group.rule_domain}
            )
            lines = [
                self._describe_rule_part(self.env._("Join"), joining[group._origin.id]),
                self._describe_rule_part(self.env._("Leave"), leaving[group._origin.id]),
            ]
            for other, partner_ids in conflicts[group._origin.id].items():
                label = self.env._("Meet the rule of %s too, which comes first", other.name)
                lines.append(self._describe_rule_part(label, partner_ids))
            group.rule_preview = Markup("<br/>").join(lines)

    def _describe_rule_part(self, label, partner_ids):
        sample = self.env["res.partner"].browse(sorted(partner_ids)[:5]).mapped("display_name")
        if len(partner_ids) > len(sample):
            sample.append("…")
        return Markup("<b>%s: %s</b> %s") % (label, len(partner_ids), ", ".join(sample))

    def _get_rule_domain(self, rule_domain=None):
        """Return the customers that this rule may concern: it never takes mere contacts."""
        return Domain(literal_eval(rule_domain or self.rule_domain)) & (
            Domain("parent_id", "=", False) | Domain("is_company", "=", True)
        )

    def _get_rule_changes(self, drafts=None):
        """Return what the rules of all groups would change; one search per rule.

        :param dict drafts: rules (strings) by group id that are not saved yet
        :return: three dicts by group id: the sets of customers (ids) that join and that leave, and
            ``{other group: customers}`` that meet this rule but go to the other group
        """
        drafts = drafts or {}
        Partner = self.env["res.partner"]
        winner, conflicts = {}, defaultdict(lambda: defaultdict(set))
        groups = (
            self.env["customer.group"]
            .search([("rule_domain", "!=", False)] if not drafts else [])
            .filtered(lambda group: drafts.get(group.id) or group.rule_domain)
        )
        for group in groups:
            for partner_id in Partner._search(group._get_rule_domain(drafts.get(group.id))):
                first = winner.setdefault(partner_id, group)
                if first != group:
                    conflicts[group.id][first].add(partner_id)
        present = {
            partner_id: (group.id, by_rule)
            for group, by_rule, partner_ids in Partner._read_group(
                [("customer_group_id", "!=", False)],
                ["customer_group_id", "customer_group_by_rule"],
                ["id:array_agg"],
            )
            for partner_id in partner_ids
        }
        joining, leaving = defaultdict(set), defaultdict(set)
        for partner_id, group in winner.items():
            group_id, by_rule = present.get(partner_id, (False, True))
            if by_rule and group_id != group.id:
                joining[group.id].add(partner_id)
        for partner_id, (group_id, by_rule) in present.items():
            if by_rule and (partner_id not in winner or winner[partner_id].id != group_id):
                leaving[group_id].add(partner_id)
        return joining, leaving, conflicts

    def action_apply_rule(self):
        """Let customers join and leave this group as its rule says."""
        self.ensure_one()
        if not self.rule_domain:
            raise UserError(self.env._("%s has no membership rule.", self.display_name))
        self.env["res.partner"]._check_customer_group_user()
        joining, leaving, _conflicts = self._get_rule_changes()
        for _remaining in self._write_rule_changes(
            {False: leaving[self.id], self.id: joining[self.id]}
        ):
            continue

    def _write_rule_changes(self, changes):
        """Write ``{group id: customers}`` in batches; yield what remains after each."""
        remaining = sum(map(len, changes.values()))
        for group_id, partner_ids in changes.items():
            for batch in split_every(BATCH_SIZE, sorted(partner_ids)):
                self.env["res.partner"].browse(batch).write(
                    {"customer_group_id": group_id, "customer_group_by_rule": bool(group_id)}
                )
                remaining -= len(batch)
                yield remaining

    @api.model
    def _cron_apply_rules(self):
        """Apply the rules of all groups, in committed batches."""
        joining, leaving, _conflicts = self._get_rule_changes()
        moving = set().union(*joining.values())
        changes = {False: set().union(*leaving.values()) - moving, **joining}
        for remaining in self._write_rule_changes(changes):
            if not self.env["ir.cron"]._commit_progress(BATCH_SIZE, remaining=remaining):
                return

# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from ast import literal_eval
from collections import defaultdict

from markupsafe import Markup
from psycopg2 import DataError, ProgrammingError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger, split_every

BATCH_SIZE = 1000


#: What a rule that can't be searched raises.
RULE_ERRORS = (
    ValueError,
    TypeError,
    SyntaxError,
    RecursionError,
    UserError,
    DataError,
    ProgrammingError,
)


class RuleChanges:
    """What the membership rules of all groups would change."""

    def __init__(self):
        #: {group: customers (ids)}
        self.joining = defaultdict(set)
        self.leaving = defaultdict(set)
        #: {group: {the group that comes first: customers that meet both rules}}
        self.conflicts = defaultdict(lambda: defaultdict(set))
        #: {group: why its rule is not applied}; its members stay where they are
        self.suspended = {}


class CustomerGroup(models.Model):
    """Membership by rule: who meets a group's rule joins, who no longer does leaves.

    Customers that were put into a group by hand stay there. A customer that meets several rules
    goes to the group that comes first by sequence.

    A rule is evaluated with the rights of who wrote it, whoever applies it: button, preview and
    cron tell nobody what the writer can't see. Without that user the rule is suspended: nobody
    joins, nobody leaves.
    """

    _inherit = "customer.group"

    rule_domain = fields.Char(
        string="Membership Rule",
        help="Customers that meet this rule join the group, every day and by the button. Customers "
        "that were put into a group by hand stay where they are.",
    )
    rule_user_id = fields.Many2one(
        "res.users",
        string="Evaluated as",
        readonly=True,
        copy=False,
        help="Who wrote the membership rule: it finds the customers that this user may see.",
    )
    rule_suspension = fields.Char(
        string="Rule Suspended",
        compute="_compute_rule_suspension",
        compute_sudo=True,
        help="Why the membership rule is not applied.",
    )
    rule_preview = fields.Html(compute="_compute_rule_preview")

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_rule(vals) for vals in vals_list]
        for vals in vals_list:
            # Always: the context may hold a default for it.
            vals["rule_user_id"] = self.env.uid if vals.get("rule_domain") else False
        return super().create(vals_list)

    def write(self, vals):
        vals = self._clean_rule(vals)
        if "rule_domain" not in vals:
            return super().write(vals)
        # Who saves what is there already has not written it.
        same = self.filtered(lambda group: (group.rule_domain or False) == vals["rule_domain"])
        if same:
            super(CustomerGroup, same).write(vals)
        changed = self - same
        if changed:
            user_id = vals["rule_domain"] and self.env.uid
            super(CustomerGroup, changed).write({**vals, "rule_user_id": user_id})
            changed._close_rule_activities()
        return True

    @api.model
    def _clean_rule(self, vals):
        """Return ``vals`` with a rule that is one: the domain widget leaves ``[]`` for none.

        :raises AccessError: if they say as whom the rule is evaluated
        """
        if "rule_user_id" in vals:
            raise AccessError(
                self.env._("A membership rule is always evaluated as the user who wrote it.")
            )
        vals = dict(vals)
        if "rule_domain" in vals:
            rule = (vals["rule_domain"] or "").strip()
            vals["rule_domain"] = rule if rule != "[]" and rule else False
        return vals

    @api.constrains("rule_domain")
    def _check_rule_domain(self):
        for group in self.filtered("rule_domain"):
            error = group._get_rule_error(self.env.user)
            if error:
                raise ValidationError(error)

    # ------------------------------------------------------------------
    # As whom
    # ------------------------------------------------------------------

    @api.depends("rule_domain", "rule_user_id")
    def _compute_rule_suspension(self):
        for group in self:
            group.rule_suspension = group.rule_domain and group._get_rule_suspension()

    def _get_rule_suspension(self):
        """Return why this group's rule is not applied, in the user's words, or None."""
        # sudo: the state and the rights of who wrote the rule, whoever reads it.
        user = self.sudo().rule_user_id
        if not user:
            return self.env._("Nobody is known to have written it.")
        if not user.active:
            return self.env._("%s, who wrote it, is archived.", user.name)
        if not self.env["res.partner"].with_user(user)._is_customer_group_user():
            return self.env._("%s, who wrote it, may not change groups any more.", user.name)
        return None

    @api.model
    def _get_rule_partners(self, user):
        """Return ``res.partner`` in the environment of who wrote a rule, in all its companies."""
        companies = user.company_id | user.company_ids
        context = {"lang": self.env.lang, "tz": user.tz, "allowed_company_ids": companies.ids}
        return self.env(user=user.id, su=False, context=context)["res.partner"]

    def action_take_over_rule(self):
        """Let the membership rules of these groups be evaluated as the present user.

        :raises AccessError: for users who may not change groups or put customers into them
        """
        self.check_access("write")
        self.env["res.partner"]._check_customer_group_user()
        for group in self.filtered("rule_domain"):
            error = group._get_rule_error(self.env.user)
            if error:
                raise UserError(error)
            group._set_rule_user()
        self._close_rule_activities()

    def _set_rule_user(self):
        # Past our own `write`, which refuses to be told as whom a rule is evaluated.
        write = super().write
        write({"rule_user_id": self.env.uid})

    def _report_suspended_rule(self, reason):
        """Tell who manages the group once that its rule is not applied any more."""
        activity_type = "customer_org.mail_activity_rule_suspended"
        # sudo: told by who archives a user, and by the cron.
        group = self.sudo()
        if group.activity_search([activity_type], only_automated=False):
            return
        manager = group.write_uid | group.create_uid
        manager = manager.filtered(
            lambda user: user.active and user != group.rule_user_id and user._is_internal()
        )
        group.activity_schedule(
            activity_type,
            note=self.env._(
                "The membership rule is suspended: %s Nobody joins or leaves the group by it. "
                "Check the rule, and take it over.",
                reason,
            ),
            user_id=(manager[:1] or self.env.ref("base.user_admin")).id,
        )

    def _close_rule_activities(self):
        # sudo: whoever mends the rule, the activity may be another's.
        self.sudo().activity_unlink(
            ["customer_org.mail_activity_rule_suspended"], only_automated=False
        )

    # ------------------------------------------------------------------
    # What a rule finds
    # ------------------------------------------------------------------

    def _get_rule_error(self, user):
        """Return why this group's rule can't be searched as ``user``, or None."""
        try:
            # The database may be what refuses it; the transaction must survive that.
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._get_rule_partners(user).search(self._get_rule_domain(), limit=1)
        except RULE_ERRORS as error:
            return self._describe_rule_error(error)
        return None

    def _describe_rule_error(self, error):
        return self.env._(
            "The membership rule of %(group)s can't be read: %(error)s",
            group=self.display_name,
            # The database adds its statement.
            error=str(error).partition("\n")[0],
        )

    @api.depends("rule_domain", "sequence")
    def _compute_rule_preview(self):
        for group in self:
            if group.rule_domain in (False, "[]") or not group._origin:
                group.rule_preview = False
                continue
            # What is typed, and not saved yet, is evaluated as who types it.
            is_draft = group.rule_domain != group._origin.rule_domain
            error = group._get_rule_suspension() if not is_draft else None
            # sudo: as whom is told to whoever reads the group.
            user = self.env.user if is_draft else group.sudo().rule_user_id
            error = error or group._get_rule_error(user)
            if error:
                group.rule_preview = Markup("<span class='text-danger'>%s</span>") % error
                continue
            group.rule_preview = group._render_rule_preview(
                {group._origin: group.rule_domain} if is_draft else {}
            )

    def _render_rule_preview(self, drafts):
        group = self._origin
        changes = group._get_rule_changes(drafts)
        lines = [
            self._describe_rule_part(self.env._("Join"), changes.joining[group]),
            self._describe_rule_part(self.env._("Leave"), changes.leaving[group]),
        ]
        for other, partner_ids in changes.conflicts[group].items():
            label = self.env._("Meet the rule of %s too, which comes first", other.name)
            lines.append(self._describe_rule_part(label, partner_ids))
        return Markup("<br/>").join(lines)

    def _describe_rule_part(self, label, partner_ids):
        """Return the number of customers, and the names of some that the reader may see."""
        first = self.env["res.partner"].browse(sorted(partner_ids)[:5])
        sample = first._filtered_access("read").mapped("display_name")
        if len(partner_ids) > len(sample):
            sample.append("…")
        return Markup("<b>%s: %s</b> %s") % (label, len(partner_ids), ", ".join(sample))

    def _get_rule_domain(self, rule_domain=None):
        """Return the customers that this rule may concern: it never takes mere contacts."""
        return Domain(literal_eval(rule_domain or self.rule_domain)) & (
            Domain("parent_id", "=", False) | Domain("is_company", "=", True)
        )

    def _search_rule(self, draft=None):
        """Return the customers (ids) that meet this rule, and that its writer may change.

        :param str draft: a rule that the present user types instead
        """
        # sudo: as whom, whoever applies the rule.
        user = self.env.user if draft else self.sudo().rule_user_id
        partners = self._get_rule_partners(user).search(self._get_rule_domain(draft))
        return partners._filtered_access("write").ids

    @api.model
    def _get_rule_changes(self, drafts=None):
        """Return what the rules of all groups would change; two searches per rule.

        :param dict drafts: rules (strings) by group that are not saved yet
        :rtype: RuleChanges
        """
        drafts = drafts or {}
        changes = RuleChanges()
        winner = {}
        groups = self.env["customer.group"].search([("id", "!=", False)])
        for group in groups:
            draft = drafts.get(group)
            if not (draft or group.rule_domain):
                continue
            reason = None if draft else group._get_rule_suspension()
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    found = group._search_rule(draft) if not reason else ()
            except RULE_ERRORS as error:
                reason = group._describe_rule_error(error)
            if reason:
                changes.suspended[group] = reason
                continue
            for partner_id in found:
                first = winner.setdefault(partner_id, group)
                if first != group:
                    changes.conflicts[group][first].add(partner_id)
        self._compare_with_members(changes, winner)
        return changes

    @api.model
    def _compare_with_members(self, changes, winner):
        """Fill who joins and who leaves: ``winner`` tells each customer's group by the rules."""
        # sudo: also members that the user can't see were put there by a rule, or by hand.
        partners = self.env["res.partner"].sudo()
        present = {
            partner_id: (group.with_env(self.env), by_rule)
            for group, by_rule, partner_ids in partners._read_group(
                [("customer_group_id", "!=", False)],
                ["customer_group_id", "customer_group_by_rule"],
                ["id:array_agg"],
            )
            for partner_id in partner_ids
        }
        nobody = self.browse()
        for partner_id, group in winner.items():
            now, by_rule = present.get(partner_id, (nobody, True))
            if by_rule and now != group and now not in changes.suspended:
                changes.joining[group].add(partner_id)
        for partner_id, (group, by_rule) in present.items():
            if by_rule and winner.get(partner_id) != group and group not in changes.suspended:
                changes.leaving[group].add(partner_id)

    # ------------------------------------------------------------------
    # Applying it
    # ------------------------------------------------------------------

    def action_apply_rule(self):
        """Let customers join and leave this group as its rule says.

        :raises UserError: without a rule, or where it is suspended
        """
        self.ensure_one()
        self.check_access("read")
        if not self.rule_domain:
            raise UserError(self.env._("%s has no membership rule.", self.display_name))
        self.env["res.partner"]._check_customer_group_user()
        changes = self._get_rule_changes()
        if self in changes.suspended:
            raise UserError(
                self.env._(
                    "The membership rule of %(group)s is suspended: %(reason)s Check the rule and "
                    "take it over.",
                    group=self.display_name,
                    reason=changes.suspended[self],
                )
            )
        moves = {self.browse(): changes.leaving[self], self: changes.joining[self]}
        for _remaining in self._write_rule_changes(moves):
            continue

    @api.model
    def _write_rule_changes(self, changes):
        """Write ``{group: customers}`` in batches; yield what remains after each."""
        remaining = sum(map(len, changes.values()))
        for group, partner_ids in changes.items():
            for batch in split_every(BATCH_SIZE, sorted(partner_ids)):
                # sudo: who joins is what the rule's writer may change; who leaves was put there by
                # the rule, which gives back what it took.
                self.env["res.partner"].browse(batch).sudo().write(
                    {"customer_group_id": group.id, "customer_group_by_rule": bool(group)}
                )
                remaining -= len(batch)
                yield remaining

    @api.model
    def _cron_apply_rules(self):
        """Apply the rules of all groups, in committed batches; report each suspended one once."""
        changes = self._get_rule_changes()
        for group, reason in changes.suspended.items():
            group._report_suspended_rule(reason)
        moving = set().union(*changes.joining.values())
        moves = {
            self.browse(): set().union(*changes.leaving.values()) - moving,
            **changes.joining,
        }
        for remaining in self._write_rule_changes(moves):
            if not self.env["ir.cron"]._commit_progress(BATCH_SIZE, remaining=remaining):
                return

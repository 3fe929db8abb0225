import { Component, onWillStart, onWillUpdateProps, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";
import { parseMonetary } from "@web/views/fields/parsers";
import { Mutex } from "@web/core/utils/concurrency";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

// Beyond so many invoices the preview is made when somebody asks for it.
const PREVIEW_LIMIT = 200;

/**
 * Credits and invoices with ticks and amounts. Every change is one call that stores it and
 * answers with what the screen shows then.
 */
export class SettlementGrid extends Component {
    static template = "customer_org.SettlementGrid";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.mutex = new Mutex();
        // What is in an amount's field and not stored yet: an answer must not overwrite it.
        this.typing = null;
        this.state = useState({ page: null, preview: null, unfolded: {} });
        this.view = useState({ search: "", grouped: true, offset: 0, opened: null, credits: 0 });
        this.search = useDebounced((value) => this.look({ search: value, offset: 0 }), 300);
        const { bus } = this.props.record.model;
        useBus(bus, "SETTLEMENT:SAVED", () => this.reload());
        // Before anything is saved or posted: what is typed, but not left yet.
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.commit()));
        onWillStart(() => this.reload());
        onWillUpdateProps((props) => this.reload(props.record.resId));
    }

    get wizardId() {
        return this.props.record.resId;
    }

    // --------------------------------------------------------------------- calls

    reload(id = this.wizardId) {
        return this.ask("get_grid", [], id);
    }

    change(what, ids, value) {
        return this.ask("change_grid", [what, ids, value]);
    }

    /** Look elsewhere in the same grid. */
    look(changes) {
        Object.assign(this.view, changes);
        return this.reload();
    }

    async ask(method, args, id = this.wizardId) {
        if (!id) {
            return;
        }
        await this.mutex.exec(async () => {
            const model = this.props.record.resModel;
            try {
                this.state.page = await this.orm.call(model, method, [id, ...args], {
                    view: { ...this.view },
                });
            } catch (error) {
                // What was refused must not stay on the screen.
                this.state.page = await this.orm.call(model, "get_grid", [id], {
                    view: { ...this.view },
                });
                throw error;
            }
        });
        this.state.preview = null;
        if (this.paidCount <= PREVIEW_LIMIT) {
            this.showPreview();
        }
    }

    async showPreview() {
        if (!this.state.page.has_amounts) {
            return;
        }
        const asked = this.state.page;
        const preview = await this.orm.silent.call(this.props.record.resModel, "get_preview", [
            this.wizardId,
        ]);
        if (this.state.page === asked) {
            this.state.preview = preview;
        }
    }

    async run(method) {
        await this.commit();
        await this.orm.call(this.props.record.resModel, method, [this.wizardId]);
        await this.props.record.load();
        await this.reload();
    }

    /** Wait for all that was typed to be stored. */
    async commit() {
        if (this.typing) {
            await this.storeTyped();
        }
        await this.mutex.getUnlockedDef();
    }

    // --------------------------------------------------------------------- what is shown

    get page() {
        return this.state.page;
    }

    get paidCount() {
        return this.page.sums.count;
    }

    get tooMany() {
        return this.paidCount > PREVIEW_LIMIT;
    }

    format(amount, currencyId = this.page.currency_id) {
        return formatMonetary(amount, { currencyId });
    }

    formatInput(row) {
        if (this.typing?.id === row.id) {
            return this.typing.text;
        }
        return formatMonetary(row.amount, { currencyId: row.currency_id, noSymbol: true });
    }

    isAll(row) {
        return row.amount > 0 && row.amount === row.open;
    }

    /** Whether a person paid a part: what becomes of the rest can be said then. */
    hasRest(row) {
        const isPart = row.amount > 0 && row.amount < row.open;
        return row.rest_reason || (isPart && row.typed && this.page.reasons.length > 0);
    }

    // --------------------------------------------------------------------- what is done

    onInput(row, ev) {
        this.typing = { id: row.id, text: ev.target.value };
    }

    async storeTyped() {
        const { id, text } = this.typing;
        this.typing = null;
        let amount;
        try {
            amount = text.trim() ? parseMonetary(text) : 0;
        } catch {
            this.notification.add(_t("%s is no amount.", text), { type: "danger" });
            this.render();
            return;
        }
        await this.change("amount", [id], amount);
    }

    onToggleGroup(group) {
        const opened = new Set(
            this.view.opened || this.page.groups.filter((g) => g.opened).map((g) => g.id)
        );
        if (!opened.delete(group.id)) {
            opened.add(group.id);
        }
        return this.look({ opened: [...opened] });
    }

    /** Up, down and Enter go through the amounts as in a spreadsheet; Escape takes back. */
    onKeydown(ev) {
        const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[ev.key];
        if (step) {
            const inputs = [...this.root.el.querySelectorAll("input.o_settlement_amount")];
            const next = inputs[inputs.indexOf(ev.target) + step];
            ev.preventDefault();
            if (next) {
                next.focus();
                next.select();
            } else {
                ev.target.blur();
            }
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            this.typing = null;
            this.render();
        }
    }

    onTogglePart(name) {
        this.state.unfolded[name] = !this.state.unfolded[name];
    }
}

registry.category("view_widgets").add("customer_settlement_grid", { component: SettlementGrid });

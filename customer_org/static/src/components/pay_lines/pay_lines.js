import { Component, onWillStart, useState } from "@odoo/owl";
import { formatDate } from "@web/core/l10n/dates";
import { formatMonetary } from "@web/views/fields/formatters";
import { parseMonetary } from "@web/views/fields/parsers";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useService } from "@web/core/utils/hooks";

const LIMIT = 40;

/** How much of each invoice is paid: a tick is all of it; with search and pages. */
export class PayLines extends Component {
    static template = "customer_org.PayLines";
    static props = { ...standardFieldProps, "*": true };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ search: "", offset: 0 });
        onWillStart(async () => {
            this.reasons = await this.orm.searchRead("customer.deduction.reason", [], ["display_name"]);
        });
    }

    get records() {
        return this.props.record.data[this.props.name].records;
    }

    get found() {
        const words = this.state.search.trim().toLowerCase();
        return this.records.filter(({ data }) =>
            [data.partner_id?.display_name, data.move_id?.display_name].some((name) =>
                (name || "").toLowerCase().includes(words)
            )
        );
    }

    get page() {
        return this.found.slice(this.state.offset, this.state.offset + LIMIT);
    }

    get limit() {
        return LIMIT;
    }

    /** Sums of what is found, by currency. */
    get sums() {
        const sums = new Map();
        for (const { data } of this.found) {
            const id = data.currency_id.id;
            const sum = sums.get(id) || { id, open: 0, amount: 0 };
            sum.open += data.amount_residual;
            sum.amount += data.amount;
            sums.set(id, sum);
        }
        return [...sums.values()];
    }

    get isAll() {
        return this.found.length && this.found.every(({ data }) => data.amount === data.amount_residual);
    }

    format(amount, currencyId, noSymbol = false) {
        return formatMonetary(amount, { currencyId, noSymbol });
    }

    formatDate(date) {
        return date ? formatDate(date) : "";
    }

    onSearch(ev) {
        Object.assign(this.state, { search: ev.target.value, offset: 0 });
    }

    async onAmount(record, ev) {
        let amount;
        try {
            amount = ev.target.value.trim() ? parseMonetary(ev.target.value) : 0;
        } catch {
            ev.target.value = this.format(record.data.amount, record.data.currency_id.id, true);
            return;
        }
        await record.update({ amount });
    }

    async onTick(records, on) {
        for (const record of records) {
            await record.update({ amount: on ? record.data.amount_residual : 0 });
        }
    }

    onReason(record, ev) {
        const reason = this.reasons.find(({ id }) => id === Number(ev.target.value));
        return record.update({ reason_id: reason || false });
    }

    /** Up, down and Enter go through the amounts, as in a spreadsheet. */
    onKeydown(ev) {
        const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[ev.key];
        if (step) {
            const inputs = [...ev.target.closest("table").querySelectorAll("input.o_pay_amount")];
            const next = inputs[inputs.indexOf(ev.target) + step];
            ev.preventDefault();
            ev.stopPropagation();
            next ? next.focus() : ev.target.blur();
        }
    }
}

registry.category("fields").add("customer_pay_lines", {
    component: PayLines,
    supportedTypes: ["one2many"],
    useSubView: true,
});

import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { formatCurrency } from "@web/core/currency";

/** Choosing invoices to pay: the running sum, and one short link for many invoices. */
export class OrganizationPay extends Interaction {
    static selector = ".o_organization_pay";
    dynamicContent = {
        "input[name=invoice_ids]": { "t-on-change": this.update },
        "input.o_select_all": { "t-on-change": this.toggleAll },
        _root: { "t-on-submit": this.onSubmit },
        ".o_selected_sum": { "t-out": () => this.sum },
        ".o_selected_count": { "t-out": () => this.chosen.length },
        "button[type=submit]": { "t-att-disabled": () => !this.chosen.length },
        "input.o_select_all:not(:focus)": {
            "t-att-checked": () => this.chosen.length === this.boxes.length,
        },
    };

    get boxes() {
        return [...this.el.querySelectorAll("input[name=invoice_ids]")];
    }

    get chosen() {
        return this.boxes.filter((box) => box.checked);
    }

    get sum() {
        const cents = this.chosen.map((box) => Math.round(parseFloat(box.dataset.amount) * 10000));
        const sum = cents.reduce((total, amount) => total + amount, 0) / 10000;
        return formatCurrency(sum, parseInt(this.el.dataset.currencyId));
    }

    update() {}

    toggleAll(ev) {
        this.boxes.forEach((box) => (box.checked = ev.target.checked));
    }

    /** A checkbox per invoice makes the link too long for some servers: send one list. */
    onSubmit(ev) {
        ev.preventDefault();
        const ids = this.chosen.map((box) => box.value).join(",");
        window.location = `${this.el.getAttribute("action")}?invoice_ids=${ids}`;
    }
}

registry.category("public.interactions").add("customer_org.organization_pay", OrganizationPay);

import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A statement that the server rendered; its documents open on click. */
export class CustomerStatementPreview extends Component {
    static template = "customer_org.CustomerStatementPreview";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    onClick(ev) {
        const link = ev.target.closest("[res-model][res-id]");
        if (link) {
            ev.preventDefault();
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: link.getAttribute("res-model"),
                res_id: parseInt(link.getAttribute("res-id")),
                views: [[false, "form"]],
            });
        }
    }
}

registry.category("fields").add("customer_statement_preview", {
    component: CustomerStatementPreview,
    supportedTypes: ["html"],
});

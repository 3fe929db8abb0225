import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_org_statement", {
    steps: () => [
        {
            content: "Ask for the statement",
            trigger: "button[name=action_open_statement_wizard]",
            run: "click",
        },
        {
            content: "Branches are included by default: choose the open items",
            trigger:
                ".modal:has(.o_field_widget[name=include_branches] input:checked) .o_field_widget[name=presentation] input[data-value=open]",
            run: "click",
        },
        {
            content: "View it",
            trigger: ".modal:not(:has(.o_field_widget[name=date_from])) button[name=action_view]",
            run: "click",
        },
        {
            content: "The balance is that of the whole hierarchy",
            trigger: ".o_action :iframe .o_statement_closing:contains('4,750.00')",
        },
        {
            content: "Open a branch's invoice from it",
            trigger: ".o_action :iframe tr:contains('3,000.00') a > span[res-model='account.move']",
            run: "click",
        },
        {
            content: "It is the invoice",
            trigger: ".o_form_view .o_field_widget[name=partner_id]:contains(Acme N), .o_form_view .o_field_widget[name=partner_id] input:value(Acme N)",
        },
    ],
});

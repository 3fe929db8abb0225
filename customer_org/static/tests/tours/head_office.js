import { registry } from "@web/core/registry";

const backToHeadOffice = {
    content: "Back to the head office",
    trigger: ".o_back_button:contains(Acme HQ)",
    run: "click",
};

registry.category("web_tour.tours").add("customer_org_head_office", {
    steps: () => [
        {
            content: "Open the page of the hierarchy",
            trigger: ".o_notebook .nav-link:contains(Billing Hierarchy)",
            run: "click",
        },
        {
            content: "It lists the branches and what they owe",
            trigger: ".o_field_widget[name=billing_child_ids] .o_data_row:contains(Acme S):contains('2,500.00')",
        },
        {
            content: "Open the branches",
            trigger: "button[name=action_open_billing_hierarchy]:contains(4)",
            run: "click",
        },
        {
            content: "The head office is at the top of the hierarchy",
            trigger: ".o_hierarchy_row[data-row-id='0'] .o_hierarchy_node:contains(Acme HQ)",
        },
        {
            content: "The branches are below it",
            trigger: ".o_hierarchy_row[data-row-id='1'] .o_hierarchy_node:contains(Acme S)",
        },
        backToHeadOffice,
        {
            content: "The other buttons, where there is no room for all",
            trigger: ".o-form-buttonbox",
            run: () => document.querySelector(".o_button_more")?.click(),
        },
        {
            content: "Open what the head office and its branches owe together",
            trigger: "button[name=action_open_billing_due]:contains('5,750.00')",
            run: "click",
        },
        {
            content: "It is listed by customer",
            trigger: ".o_list_view:has(tfoot:contains('5,750.00')) .o_group_header:contains(Acme S):contains('2,500.00')",
        },
        backToHeadOffice,
        {
            content: "The other buttons again",
            trigger: ".o-form-buttonbox",
            run: () => document.querySelector(".o_button_more")?.click(),
        },
        {
            content: "Open the settlements",
            trigger: "button[name=action_open_customer_settlements]:contains(1)",
            run: "click",
        },
        {
            content: "Open the settlement",
            trigger: ".o_data_row:contains('3,000.00') .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Undo it",
            trigger: ".o_form_view:has(.o_field_widget[name=line_ids]:contains(Acme N)) button[name=action_undo]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger: ".o_form_view .ribbon:contains(Cancelled)",
        },
    ],
});

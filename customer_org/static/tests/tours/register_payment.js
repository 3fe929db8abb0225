import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_org_register_payment", {
    steps: () => [
        {
            content: "Choose the invoices of both branches",
            trigger: ".o_list_view th.o_list_record_selector input",
            run: "click",
        },
        {
            content: "Pay them",
            trigger: ".o_control_panel button[name=action_force_register_payment]",
            run: "click",
        },
        {
            content: "The head office is proposed as payer",
            trigger: ".modal .o_field_widget[name=payer_id] input:value(Acme HQ)",
        },
        {
            content: "It is said that this is one payment",
            trigger: ".modal .alert:contains(One payment in the payer's name)",
        },
        {
            content: "It pays less than is open",
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 4000",
        },
        {
            content: "How much of which invoice shall be paid",
            trigger: ".modal .o_field_widget[name=is_amount_per_invoice] input",
            run: "click",
        },
        {
            content: "South shall get all of its 2,500",
            trigger: ".modal .o_pay_row:contains(Acme S) input.o_pay_amount:value(1,000.00)",
            run: "edit 2500 && press Tab",
        },
        {
            content: "More than is paid: it says so",
            trigger: ".modal .o_pay_rest.alert-warning",
        },
        {
            content: "North gets the rest",
            trigger: ".modal .o_pay_row:contains(Acme N) input.o_pay_amount",
            run: "edit 1500 && press Tab",
        },
        {
            content: "The sum is what is paid",
            trigger: ".modal:not(:has(.o_pay_rest.alert-warning)) .o_pay_sum:contains('4,000.00')",
        },
        {
            content: "Register the payment",
            trigger: ".modal button[name=action_create_payments]:contains(Create Payment)",
            run: "click",
        },
        {
            content: "The payment is the head office's",
            trigger: ".o_form_view .o_field_widget[name=partner_id]:contains(Acme HQ), .o_form_view .o_field_widget[name=partner_id] input:value(Acme HQ)",
        },
    ],
});

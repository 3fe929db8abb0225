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
            content: "The oldest due are paid first",
            trigger: ".modal .o_field_widget[name=invoice_amount_ids] tr:contains(Acme S) td[name=amount]:contains(1,000.00)",
            run: "click",
        },
        {
            content: "South shall get all of its 2,500",
            trigger: ".modal tr:contains(Acme S) .o_field_widget[name=amount] input",
            run: "edit 2500",
        },
        {
            content: "Go to the other invoice",
            trigger: ".modal .o_field_widget[name=invoice_amount_ids] tr:contains(Acme N) td[name=amount]",
            run: "click",
        },
        {
            content: "North gets the rest",
            trigger: ".modal tr:contains(Acme N) .o_field_widget[name=amount] input",
            run: "edit 1500",
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

import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** Create a group, put a customer into it, and see its terms on a new quotation. */
registry.category("web_tour.tours").add("customer_org_sale_group", {
    steps: () => [
        {
            content: "Create a group",
            trigger: ".o_kanban_button_new, .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Wholesale",
        },
        {
            content: "Choose its pricelist",
            trigger: ".o_field_widget[name=pricelist_id] input",
            run: "edit Resellers -20 %",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Resellers -20 %)",
            run: "click",
        },
        {
            content: "Choose its payment terms",
            trigger: ".o_field_widget[name=payment_term_id] input",
            run: "edit 45 days",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(45 days)",
            run: "click",
        },
        {
            content: "Set its discount",
            trigger: ".o_field_widget[name=discount] input",
            run: "edit 5",
        },
        ...stepUtils.saveForm(),
        {
            content: "Open its members",
            trigger: "button[name=action_open_members]",
            run: "click",
        },
        {
            content: "Add a customer",
            trigger: ".o_control_panel button:contains(New)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] input, .o_form_view .o_field_widget[name=name] textarea",
            run: "edit Tour Customer",
        },
        ...stepUtils.saveForm(),
    ],
});

registry.category("web_tour.tours").add("customer_org_sale_quotation", {
    steps: () => [
        {
            content: "Choose the customer of a new quotation",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Tour Customer",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour Customer)",
            run: "click",
        },
        {
            content: "Its terms are the group's",
            trigger: ".o_field_widget[name=payment_term_id] input:value(45 days)",
        },
        {
            trigger: "a:contains(Add a product)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=product_id] input, .o_field_widget[name=product_template_id] input",
            run: "edit Pump",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Pump)",
            run: "click",
        },
        {
            content: "Its price is the group's: 100 less 20 % less 5 %",
            trigger: ".o_field_widget[name=amount_total]:contains(76.00), .oe_subtotal_footer:contains(76.00)",
        },
        ...stepUtils.saveForm(),
    ],
});

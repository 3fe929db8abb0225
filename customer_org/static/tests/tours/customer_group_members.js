import { registry } from "@web/core/registry";
import { expectClicks, startCounting } from "./click_counter";

const CUSTOMERS = Array.from({ length: 12 }, (_, number) => `Tour Shop ${number + 10}`);

/** Create a group and put twelve existing customers into it: twenty clicks. */
registry.category("web_tour.tours").add("customer_org_group_members", {
    steps: () => [
        startCounting,
        {
            content: "Create a group",
            trigger: ".o_kanban_button_new, .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Click its name, and type it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour Resellers",
        },
        {
            content: "Add members: the group is saved",
            trigger: "button[name=action_add_members]",
            run: "click",
        },
        {
            content: "Choose customers",
            trigger: ".modal .o_field_widget[name=partner_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Click into the search, and type",
            trigger: ".modal .o_list_view .o_searchview_input",
            run: "edit Tour Shop",
        },
        {
            trigger: ".modal .o_list_view .o_searchview_input",
            run: "press Enter",
        },
        {
            content: "The search is done",
            trigger: ".modal .o_facet_value:contains(Tour Shop)",
        },
        {
            content: "The list shows what was found, and nothing else",
            trigger:
                ".modal:has(.o_select_button) .o_list_view:not(:has(.o_data_row:not(:contains(Tour Shop))))",
        },
        ...CUSTOMERS.map((name) => ({
            content: `Tick ${name}`,
            trigger: `.modal .o_data_row:contains(${name}) .o_list_record_selector input`,
            run: "click",
        })),
        {
            content: "Take them",
            trigger: ".modal .o_select_button",
            run: "click",
        },
        {
            content: "The preview counts them",
            trigger: ".modal .o_field_widget[name=preview] tr:contains(Changed):contains(12)",
        },
        {
            content: "Apply",
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "The record of the update can be undone",
            trigger: ".o_form_view button[name=action_undo]",
        },
        expectClicks(20),
    ],
});

/** Undo it, from the record of the update. */
registry.category("web_tour.tours").add("customer_org_group_members_undo", {
    steps: () => [
        {
            content: "Undo",
            trigger: "button[name=action_undo]",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains(Undone)",
        },
    ],
});

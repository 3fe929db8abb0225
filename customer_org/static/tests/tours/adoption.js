import { registry } from "@web/core/registry";

const back = (content, arrived) => [
    { content, trigger: ".o_back_button", run: "click" },
    { content: `${content}: arrived`, trigger: arrived },
];

registry.category("web_tour.tours").add("customer_org_adoption", {
    steps: () => [
        {
            content: "The first steps are above the families",
            trigger: ".o_first_steps [data-step-action=action_open_step_first_family]",
        },
        {
            content: "Close them",
            trigger: ".o_first_steps .o_onboarding_btn_close",
            run: "click",
        },
        {
            content: "Look for customers that belong together",
            trigger: "body:not(:has(.o_first_steps)) .o_control_panel button[name=action_search]",
            run: "click",
        },
        {
            content: "Accept what is certain of a family",
            trigger:
                ".o_kanban_record:contains(Tour Globex):contains(1 certain) button[name=action_accept]",
            run: "click",
        },
        {
            content: "The record says what was changed",
            trigger:
                ".o_form_view .o_field_widget[name=line_ids] .o_data_row:contains(Tour Globex Lyon)",
        },
        {
            content: "Look at the head office",
            trigger: ".o_field_widget[name=parent_id] a:contains(Tour Globex)",
            run: "click",
        },
        {
            content: "Open its hierarchy",
            trigger: "button[name=action_open_billing_hierarchy]:contains(1)",
            run: "click",
        },
        {
            content: "The branch is below it",
            trigger:
                ".o_hierarchy_row[data-row-id='1'] .o_hierarchy_node:contains(Tour Globex Lyon)",
        },
        ...back("Back to the head office", "button[name=action_open_billing_hierarchy]"),
        ...back("Back to the record", "button[name=action_undo]"),
        {
            content: "Undo",
            trigger: "button[name=action_undo]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is undone",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Undone)",
        },
        ...back(
            "Back to the families: it is suggested again",
            ".o_kanban_record:contains(Tour Globex):contains(1 certain)"
        ),
        {
            content: "Look at another family",
            trigger: ".o_kanban_record:contains(Tour Initech) button[name=action_open]",
            run: "click",
        },
        {
            content: "Its branches say why",
            trigger: ".o_list_view .o_data_row:contains(Tour Initech Gent):contains(same tax number)",
        },
        {
            content: "Open one",
            trigger: ".o_list_view .o_data_row:contains(Tour Initech Gent) td[name=partner_id]",
            run: "click",
        },
        {
            content: "What accepting changes is said",
            trigger: ".o_form_view .o_field_widget[name=effect]:contains(No document changes)",
        },
        {
            content: "Choose another parent",
            trigger: ".o_form_view button:contains('Another Parent')",
            run: "click",
        },
        {
            content: "By its name",
            trigger: ".modal .o_field_widget[name=parent_id] input",
            run: "edit Tour Hooli",
        },
        {
            content: "This one",
            trigger: ".modal .o-autocomplete--dropdown-item:contains(Tour Hooli)",
            run: "click",
        },
        {
            content: "The preview counts it",
            trigger: ".modal .o_field_widget[name=preview] tr:contains(Changed):contains(1)",
        },
        {
            content: "Apply",
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "It is billed under the other one",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Tour Initech Gent):contains(Tour Hooli)",
        },
        ...back("Back to the suggestion", ".o_form_view .o_field_widget[name=reason]"),
        ...back(
            "Back to the family: the other branch is left",
            ".o_list_view:not(:contains(Tour Initech Gent)) .o_data_row:contains(Tour Initech Namur)"
        ),
        {
            content: "Dismiss it",
            trigger: ".o_data_row:contains(Tour Initech Namur) button[name=action_dismiss]",
            run: "click",
        },
        {
            content: "It is gone",
            trigger: ".o_list_view:not(:contains(Tour Initech Namur))",
        },
    ],
});

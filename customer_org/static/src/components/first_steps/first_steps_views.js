import { registry } from "@web/core/registry";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { FirstSteps } from "./first_steps";

class FirstStepsListRenderer extends ListRenderer {
    static template = "customer_org.FirstStepsListRenderer";
    static components = { ...ListRenderer.components, FirstSteps };
}

class FirstStepsKanbanRenderer extends KanbanRenderer {
    static template = "customer_org.FirstStepsKanbanRenderer";
    static components = { ...KanbanRenderer.components, FirstSteps };
}

registry.category("views").add("customer_org_first_steps_list", {
    ...listView,
    Renderer: FirstStepsListRenderer,
});
registry.category("views").add("customer_org_first_steps_kanban", {
    ...kanbanView,
    Renderer: FirstStepsKanbanRenderer,
});

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/**
 * A list that begins with fewer optional columns where the screen is small, so that what matters is
 * seen without scrolling sideways. A column says so by ``options="{'phone': False}"``, or ``True``;
 * who chooses columns on the phone gets what is chosen.
 */
export class PhoneListRenderer extends ListRenderer {
    computeOptionalActiveFields() {
        const active = super.computeOptionalActiveFields();
        const chosen = browser.localStorage.getItem(this.keyOptionalFields) !== null;
        if (this.uiService.isSmall && !chosen) {
            for (const column of this.allColumns) {
                if (column.optional && "phone" in (column.options || {})) {
                    active[column.name] = column.options.phone;
                }
            }
        }
        return active;
    }
}

registry.category("views").add("customer_org_phone_list", {
    ...listView,
    Renderer: PhoneListRenderer,
});

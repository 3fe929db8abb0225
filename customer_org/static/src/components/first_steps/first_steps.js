import { Component, markup, onWillStart, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/** The panel of first steps, drawn as Odoo's own onboarding panels; gone once closed or done. */
export class FirstSteps extends Component {
    static template = "customer_org.FirstSteps";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ panel: false });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.panel = await this.orm.call("onboarding.onboarding", "get_first_steps", []);
    }

    async open(step) {
        const action = await this.orm.call("onboarding.onboarding.step", step.action, []);
        // What an empty screen says is HTML of the server's.
        return this.action.doAction({ ...action, help: action.help && markup(action.help) });
    }

    async close() {
        this.state.panel = false;
        await this.orm.call("onboarding.onboarding", "action_close_panel_first_steps", []);
    }
}

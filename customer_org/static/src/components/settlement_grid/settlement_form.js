import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormArchParser } from "@web/views/form/form_arch_parser";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * The settlement screen saves every choice at once: the server fills in the amounts, and what is
 * shown is always what is stored, so that Post books nothing else.
 */
class SettlementRecord extends RelationalModel.Record {
    /** Saving fills in the amounts: no need to ask what it would fill in. */
    async _getOnchangeValues() {
        return {};
    }
}

class SettlementModel extends RelationalModel {
    static Record = SettlementRecord;
}

class SettlementArchParser extends FormArchParser {
    /** The grid reads its lines by itself, a page at a time. */
    parse(xmlDoc, models, modelName) {
        xmlDoc.querySelector("[name=lines]")?.remove();
        return super.parse(xmlDoc, models, modelName);
    }
}

class SettlementFormController extends FormController {
    get modelParams() {
        const params = super.modelParams;
        params.hooks.onRecordChanged = (record) => this.onRecordChanged(record);
        return params;
    }

    async onRecordChanged(record) {
        if (record.data.payer_id) {
            await record._save();
        }
    }

    async onRecordSaved(record, changes) {
        await super.onRecordSaved(record, changes);
        this.model.bus.trigger("SETTLEMENT:SAVED");
    }
}

registry.category("views").add("customer_settlement", {
    ...formView,
    ArchParser: SettlementArchParser,
    Controller: SettlementFormController,
    Model: SettlementModel,
});

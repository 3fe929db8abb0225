{
    "name": "Customer Organization",
    "summary": "Customer hierarchies and groups: head offices settle and see their "
    "branches' invoices, every customer's ledger stays right",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Customer Organization contributors",
    "license": "LGPL-3",
    "depends": ["account_payment", "web_hierarchy"],
    "data": [
        "security/customer_org_security.xml",
        "security/ir.model.access.csv",
        "data/ir_sequence.xml",
        "views/account_move_views.xml",
        "views/customer_settlement_views.xml",
        "views/res_config_settings_views.xml",
        "views/res_partner_views.xml",
        "views/res_partner_group_views.xml",
        "views/customer_group_views.xml",
        "views/customer_group_update_views.xml",
        "views/account_move_group_views.xml",
        "data/customer_group_cron.xml",
    ],
    "assets": {
        "web.assets_backend": ["customer_org/static/src/components/**/*"],
    },
    "demo": [
        "demo/customer_group_demo.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "application": True,
}

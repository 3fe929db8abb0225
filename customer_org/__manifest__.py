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
        "views/account_move_line_views.xml",
        "views/account_move_views.xml",
        "views/account_payment_views.xml",
        "views/customer_settlement_views.xml",
        "views/res_config_settings_views.xml",
        "views/res_partner_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["customer_org/static/src/components/**/*"],
        "web.assets_tests": ["customer_org/static/tests/tours/**/*"],
    },
    "demo": [
        "demo/res_partner_demo.xml",
        "demo/account_move_demo.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "application": True,
}

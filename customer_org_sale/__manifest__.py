{
    "name": "Customer Organization: Sales",
    "summary": "Customer groups and hierarchies on quotations, orders and sales analysis",
    "version": "19.0.2.0.0",
    "category": "Sales/Sales",
    "author": "Customer Organization contributors",
    "license": "LGPL-3",
    "depends": ["customer_org", "sale"],
    "data": [
        "security/customer_org_sale_security.xml",
        "security/portal_rules.xml",
        "views/portal_templates.xml",
        "security/ir.model.access.csv",
        "views/customer_group_views.xml",
        "views/res_partner_views.xml",
        "views/sale_order_views.xml",
        "views/sale_report_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["customer_org_sale/static/tests/tours/**/*"],
    },
    "pre_init_hook": "pre_init_hook",
    "auto_install": True,
}

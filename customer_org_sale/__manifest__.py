{
    "name": "Customer Organization: Sales",
    "summary": "Customer groups and hierarchies on quotations, orders and sales analysis",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Customer Organization contributors",
    "license": "LGPL-3",
    "depends": ["customer_org", "sale"],
    "data": [
        "security/portal_rules.xml",
        "views/portal_templates.xml",
    ],
    "auto_install": True,
}

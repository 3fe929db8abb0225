{
    "name": "Customer Org Dashboard",
    "summary": "Hierarchies by due, customer groups by revenue, and who pays for others",
    "version": "19.0.2.0.0",
    "category": "Productivity/Dashboard",
    "author": "Customer Organization contributors",
    "website": "https://customer-org.example.com",
    "support": "support@customer-org.example.com",
    "maintainers": ["customer-org"],
    "license": "LGPL-3",
    "depends": ["customer_org", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "assets": {
        "web.assets_tests": ["customer_org_dashboard/static/tests/tours/**/*"],
    },
    "auto_install": True,
}

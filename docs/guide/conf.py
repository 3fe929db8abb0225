"""The guide: ``./dev guide`` builds it with Sphinx."""

project = "Customer Organization"
author = "Customer Organization contributors"
copyright = author  # noqa: A001 (the name is Sphinx's)
release = version = "19.0"
html_theme = "alabaster"
html_static_path = ["_static"]
html_css_files = ["phone.css"]
html_theme_options = {
    "description": "Customer hierarchies and groups for Odoo 19",
    "fixed_sidebar": True,
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
    "page_width": "1040px",
    "sidebar_width": "250px",
}
html_show_sourcelink = False
html_show_copyright = False

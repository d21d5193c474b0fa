"""Sphinx settings of the docs; `build_site.py` stages the pages and builds each language."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from ctnb.version import __version__

project = "ctnb"
author = "ctnb"
copyright = "ctnb"  # noqa: A001  Sphinx's own name
version = release = __version__
language = "en"

extensions = [
    "myst_nb",
    "site_directives",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
# A docstring's name in backticks is a link in one place and a word in another; a test compares the names themselves.
suppress_warnings = ["i18n.inconsistent_references", "myst.header", "myst-nb.unknown_mime_type"]

# Languages: a catalogue for each folder of pages. Texts of the code have their own catalogue, ctnb's.
locale_dirs = ["locale"]
gettext_compact = True
gettext_uuid = False
gettext_location = False
gettext_last_translator = ""
gettext_language_team = ""

# Notebooks are shown as they were saved; nothing is fetched when a page is read.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

# Docstrings are numpydoc. A name in single backticks is a link where it can be one.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "mixed"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
add_module_names = False
python_display_short_literal_types = True

html_theme = "pydata_sphinx_theme"
html_title = "ctnb"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_copy_source = False
# A page of no section has no panel of one.
html_sidebars = {"gallery": []}
html_show_sourcelink = False
html_show_sphinx = False
templates_path = ["_templates"]
html_theme_options = {
    "navbar_end": ["languages", "theme-switcher"],
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "show_prev_next": False,
}

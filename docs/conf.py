"""Sphinx configuration."""

from __future__ import annotations

import fpsolve

project = "fpsolve"
author = "The fpsolve developers"
copyright = "2026, The fpsolve developers"  # noqa: A001 - Sphinx's name
release = fpsolve.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"fpsolve {release}"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
nitpicky = False

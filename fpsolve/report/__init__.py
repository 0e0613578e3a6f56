"""Result -> one HTML page."""

from __future__ import annotations

from fpsolve.report.folder import write_folder
from fpsolve.report.html import html_page, write_report

__all__ = ["html_page", "write_folder", "write_report"]

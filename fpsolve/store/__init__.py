"""The result file: layout, writing, reading; names a run may write; level files of users."""

from __future__ import annotations

from fpsolve.store.level_files import read_levels
from fpsolve.store.manual import layout_table
from fpsolve.store.outputs import OutputPlan, check_output
from fpsolve.store.read import Header, read_header, read_result
from fpsolve.store.sweep_index import open_file, read_sweep, write_sweep
from fpsolve.store.write import write_result

__all__ = [
    "Header",
    "OutputPlan",
    "check_output",
    "layout_table",
    "open_file",
    "read_header",
    "read_levels",
    "read_result",
    "read_sweep",
    "write_result",
    "write_sweep",
]

"""The layout of a result file as the manual prints it."""

from __future__ import annotations

from fpsolve.store.layout import HISTOGRAM, PAIRS, RECORDS, ROOT_ATTRIBUTES, TABLES

__all__ = ["layout_table"]


def layout_table() -> str:
    """Describe every attribute, group and variable of a result file as MyST Markdown, one table per group."""
    lines = ["### Attributes of the file", "", "| attribute | meaning |", "|---|---|"]
    lines += [f"| `{attribute.name}` | {attribute.meaning} |" for attribute in ROOT_ATTRIBUTES]
    groups = [TABLES["case"], TABLES["provenance"], *(group for _, _, group in RECORDS)]
    for group in (*groups, *PAIRS.values(), TABLES["validation"], HISTOGRAM, TABLES["sweep"]):
        lines += ["", f"### `/{group.name}`", "", group.meaning, ""]
        if group.attributes:
            listed = "; ".join(f"`{attribute.name}` ({attribute.meaning})" for attribute in group.attributes)
            lines += [f"Attributes: {listed}.", ""]
        lines += ["| variable | type | units | long_name |", "|---|---|---|---|"]
        for variable in group.variables:
            shape = f"`{variable.name}({', '.join(variable.dims)})`"
            scale = " (scale)" if variable.dims == (variable.name,) else ""
            absent = " *(may be absent)*" if variable.optional else ""
            lines.append(f"| {shape}{scale} | {variable.kind} | `{variable.units}` | {variable.long_name}{absent} |")
    return "\n".join(lines) + "\n"

"""The cases that come with fpsolve: where they are and what they are about."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from fpsolve.errors import CaseError, Problem

__all__ = ["library_folder", "shipped_case", "shipped_names", "shipped_titles"]


def library_folder() -> Path:
    """Folder of the shipped cases: inside the installed package, or ``cases/`` beside it in a source tree."""
    installed = Path(__file__).parent / "library"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "cases"


def shipped_names() -> tuple[str, ...]:
    """Names of all shipped cases, without ``.toml``, sorted."""
    return tuple(sorted(path.stem for path in library_folder().glob("*.toml")))


def shipped_case(name: str) -> Path:
    """File of one shipped case; the name may end in ``.toml``.

    Raises
    ------
    CaseError
        No such case; near names are suggested.
    """
    stem = name.removesuffix(".toml")
    names = shipped_names()
    if stem not in names:
        near = difflib.get_close_matches(stem, names, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(names)}"
        raise CaseError([Problem("", f'no case "{stem}" comes with fpsolve; {hint}')])
    return library_folder() / f"{stem}.toml"


def shipped_titles() -> dict[str, str]:
    """Names of all shipped cases and their titles."""
    titles = {}
    for name in shipped_names():
        with shipped_case(name).open("rb") as file:
            titles[name] = str(tomllib.load(file).get("title", ""))
    return titles

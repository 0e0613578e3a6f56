"""The house rules that a machine can check: data flows one way, kernels stay plain, public lists are true."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import fpsolve

ROOT = Path(fpsolve.__file__).parent
MODULES = sorted(
    module.name for module in pkgutil.walk_packages([str(ROOT)], "fpsolve.") if not module.name.endswith("__main__")
)
KERNEL_IMPORTS = {"__future__", "numpy", "numba", "math", "ctypes", "scipy.linalg.cython_lapack", "fpsolve.kernels"}
# Annotations, and tables that are made once and cached.
PLAIN = {"typing", "collections.abc", "functools", "dataclasses"}


def test_import_contracts():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "kernels").glob("*.py")), ids=lambda path: path.stem)
def test_kernels_import_nothing_but_numbers(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    allowed = KERNEL_IMPORTS | PLAIN
    strange = {name for name in found if not any(name == ok or name.startswith(f"{ok}.") for ok in allowed)}
    assert strange == set()


@pytest.mark.parametrize("name", MODULES)
def test_public_list_is_true(name):
    module = importlib.import_module(name)
    if name.startswith("fpsolve.cases.library"):
        return
    source = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    if len(source.body) <= 1:  # a package that only carries its docstring
        return
    listed = module.__all__
    assert list(listed) == sorted(set(listed), key=lambda item: listed.index(item))
    assert [item for item in listed if not hasattr(module, item)] == []


def test_public_names_load():
    for name in fpsolve.__all__:
        assert getattr(fpsolve, name) is not None
    with pytest.raises(AttributeError):
        _ = fpsolve.no_such_name

"""The example results as a module, found by path because the test folders are no packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def examples():
    spec = importlib.util.spec_from_file_location(
        "example_results", Path(__file__).parents[1] / "store" / "example_results.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

"""The example results as modules, found by path because the test folders are no packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def module_of(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def examples():
    return module_of("example_results", Path(__file__).parents[1] / "store" / "example_results.py")


@pytest.fixture(scope="session")
def several():
    return module_of("level_results", Path(__file__).parent / "level_results.py")


@pytest.fixture(scope="session")
def sweeps():
    return module_of("sweep_results", Path(__file__).parent / "sweep_results.py")

"""Every public name of the package is where it is said to be."""

import importlib
import pkgutil

import pytest

import fpsolve.exact
import fpsolve.models


def test_exact_names_load():
    for name in fpsolve.exact.__all__:
        value = getattr(fpsolve.exact, name)
        home = importlib.import_module(value.__module__)
        assert name in home.__all__
    assert dir(fpsolve.exact) == sorted(fpsolve.exact.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = fpsolve.exact.nothing


@pytest.mark.parametrize("package", [fpsolve.exact, fpsolve.models], ids=lambda p: p.__name__)
def test_every_module_lists_what_it_has(package):
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        assert module.__doc__
        for name in module.__all__:
            assert hasattr(module, name), f"{info.name}.{name}"

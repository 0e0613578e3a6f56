"""The memory that a calculation may take."""

import os

import pytest

from fpsolve.exact import memory
from fpsolve.exact.memory import usable_memory

PAGES = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}


@pytest.mark.parametrize(("limit", "expected"), [(None, 3_276_800), ("max\n", 3_276_800), ("1000000\n", 800_000)])
def test_eighty_per_cent_of_the_machine_or_of_its_control_group(tmp_path, monkeypatch, limit, expected):
    monkeypatch.setattr(os, "sysconf", PAGES.__getitem__)
    monkeypatch.setattr(memory, "_CONFINED", tmp_path / "memory.max")
    if limit is not None:
        (tmp_path / "memory.max").write_text(limit)
    assert usable_memory() == expected


def test_a_machine_that_does_not_tell_counts_as_one_of_four_gib(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    monkeypatch.setattr(memory, "_CONFINED", tmp_path / "none")
    assert usable_memory() == int(0.8 * 4 * 1024**3)

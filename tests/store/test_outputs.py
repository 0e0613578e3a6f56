from __future__ import annotations

import os

import pytest

from fpsolve.errors import OutputError
from fpsolve.store import check_output, read_header


def names(folder):
    return sorted(item.name for item in folder.rglob("*"))


def test_a_free_name(tmp_path):
    plan = check_output(tmp_path / "a.h5")
    assert plan.path == tmp_path / "a.h5"
    assert plan.folder == tmp_path / "a"
    assert names(tmp_path) == []


def test_a_bare_name_goes_to_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check_output("a.h5").path.resolve() == tmp_path / "a.h5"


def test_existing_file_and_folder(tmp_path):
    (tmp_path / "a.h5").touch()
    with pytest.raises(OutputError, match=r"a\.h5: exists already; .*--overwrite"):
        check_output(tmp_path / "a.h5")
    check_output(tmp_path / "a.h5", overwrite=True)
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError, match=r"b/: the folder of figures exists already"):
        check_output(tmp_path / "b.h5")
    check_output(tmp_path / "b.h5", overwrite=True)
    check_output(tmp_path / "b.h5", folder=False)
    assert names(tmp_path) == ["a.h5", "b"]


def test_a_dangling_link_counts_as_existing(tmp_path):
    (tmp_path / "a.h5").symlink_to(tmp_path / "nowhere.h5")
    with pytest.raises(OutputError, match="exists already"):
        check_output(tmp_path / "a.h5")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (None, "results", r"must end in \.h5"),
        (None, ".h5", r"must end in \.h5"),
        (None, "", r"must end in \.h5"),
        (None, "gone/a.h5", r"folder .*gone does not exist"),
        ("file:plain", "plain/a.h5", "is a file, not a folder"),
        ("folder:a.h5", "a.h5", "is a folder"),
        ("file:a", "a.h5", "is a file, but the figures need a folder"),
        (None, "x" * 300 + ".h5", "file name too long"),
        (None, "a\0b.h5", "null"),
    ],
)
def test_names_that_never_work(tmp_path, make, name, words, overwrite):
    if make:
        kind, _, leaf = make.partition(":")
        (tmp_path / leaf).mkdir() if kind == "folder" else (tmp_path / leaf).touch()
    before = names(tmp_path)
    with pytest.raises(OutputError, match=words) as caught:
        check_output(f"{tmp_path}/{name}" if name else "", overwrite=overwrite)
    assert caught.value.exit_code == 2
    assert names(tmp_path) == before


def test_what_may_not_be_written(tmp_path, monkeypatch):
    """The superuser may write everywhere, so the system's answer is replaced, not the permissions."""
    (tmp_path / "a.h5").touch()
    (tmp_path / "a").mkdir()
    for blocked, words in [(tmp_path, "not writable"), (tmp_path / "a.h5", "write-protected"), (tmp_path / "a", "fig")]:
        monkeypatch.setattr(os, "access", lambda path, _, blocked=blocked: str(path) != str(blocked))
        with pytest.raises(OutputError, match=words):
            check_output(tmp_path / "a.h5", overwrite=True)


def test_a_plan_saves_again_over_its_own_file(examples, tmp_path):
    plan = check_output(tmp_path / "a.h5")
    plan.save(examples.bare_result(), status="running")
    assert read_header(plan.path).status == "running"
    plan.save(examples.bare_result())
    assert read_header(plan.path).status == "complete"


def test_a_plan_does_not_replace_a_file_that_appeared_meanwhile(examples, tmp_path):
    plan = check_output(tmp_path / "a.h5")
    plan.path.write_bytes(b"another run")
    with pytest.raises(OutputError, match="exists already"):
        plan.save(examples.bare_result())
    assert plan.path.read_bytes() == b"another run"

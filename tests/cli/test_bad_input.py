"""Whatever is wrong with the input: one clear message, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from fpsolve.cli import main

MALFORMED = runpy.run_path(str(Path(__file__).parents[1] / "cases" / "malformed.py"))["MALFORMED"]
GOOD = """\
schema = 1
[model]
kind = "dyson"
stiffness = 1.0
noise = { kind = "constant", g2 = 0.01 }
[spectrum]
states = 2
"""


def refused(capsys, *args: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(list(args))
    captured = capsys.readouterr()
    assert stop.value.code == 2, captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert "internal error" not in captured.err
    return captured.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.toml").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize("entry", MALFORMED, ids=lambda entry: entry.name)
def test_malformed_case(entry, folder, capsys):
    (folder / "case.toml").write_bytes(entry.text)
    before = sorted(folder.rglob("*"))
    err = refused(capsys, "run", "case.toml")
    assert "case.toml" in err
    assert entry.fragment in err
    if entry.line is not None:
        assert f"case.toml:{entry.line}:" in err
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("verb", ["run", "solve", "spectrum", "stationary", "sgd", "validate", "check"])
@pytest.mark.parametrize("what", ["missing.toml", "folder", "junk.toml", "locked"])
def test_unreadable_case(verb, what, folder, capsys):
    (folder / "folder").mkdir()
    (folder / "junk.toml").write_bytes(bytes(range(256)))
    err = refused(capsys, verb, what)
    assert what in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("nowhere/out.h5", "does not exist"),
        ("good.toml", ".h5"),
        ("folder.h5", "is a folder"),
        ("file/out.h5", "is a file"),
        ("taken.h5", "--overwrite"),
    ],
)
def test_unwritable_output(output, said, folder, capsys):
    (folder / "folder.h5").mkdir()
    (folder / "file").write_text("not a folder")
    (folder / "taken.h5").write_text("precious")
    before = sorted(folder.rglob("*"))
    assert said in refused(capsys, "spectrum", "good.toml", "-o", output)
    assert sorted(folder.rglob("*")) == before
    assert (folder / "taken.h5").read_text() == "precious"


def test_taken_folder_of_figures(folder, capsys):
    (folder / "good").mkdir()
    assert "--overwrite" in refused(capsys, "run", "good.toml")
    assert not (folder / "good.h5").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(folder, capsys):
    folder.chmod(0o555)
    assert "not writable" in refused(capsys, "spectrum", "good.toml")
    folder.chmod(0o755)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--set", "spectrum.states"), "="),
        (("--set", "spectrum.sttes=3"), "states"),
        (("--set", "spectrum.states=-1"), "states"),
        (("--set", "spectrum.states=many"), "states"),
        (("--set", "model.noise.g2=-1"), "g2"),
        (("--set", "spectrum.method='legendere'"), "legendre"),
        (("--set", "spectrum.method='chamber'"), "legendre"),
        (("--seed", "-1"), "seed"),
        (("--workers", "0"), "workers"),
        (("--nonsense",), "nonsense"),
    ],
)
def test_bad_option(args, said, folder, capsys):
    assert said in refused(capsys, "run", "good.toml", *args)
    assert not (folder / "good.h5").exists()


@pytest.mark.parametrize("verb", ["show", "plot"])
def test_files_that_are_no_results(verb, folder, capsys):
    (folder / "junk.h5").write_bytes(bytes(range(256)))
    for name in ("junk.h5", "missing.h5"):
        with pytest.raises(SystemExit) as stop:
            main([verb, name])
        captured = capsys.readouterr()
        assert stop.value.code in {1, 2}
        assert name in captured.err
        assert "Traceback" not in captured.err
    assert not (folder / "junk").exists()


def test_several_faults_come_together(folder, capsys):
    text = GOOD.replace("stiffness = 1.0", "stifness = 1.0").replace("states = 2", "states = 0")
    (folder / "two.toml").write_text(text)
    err = refused(capsys, "run", "two.toml")
    assert "two.toml:4: [model] stifness" in err
    assert "stiffness" in err
    assert "two.toml:7: [spectrum] states" in err


def test_fresh_process_shows_no_traceback(folder):
    (folder / "bad.toml").write_text(GOOD.replace("dyson", "dysson"))
    done = subprocess.run(
        [sys.executable, "-m", "fpsolve", "run", "bad.toml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert 'did you mean "dyson"' in done.stderr

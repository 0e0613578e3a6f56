"""Ctrl-C: what was finished is saved, the exit code says so, nothing is half-written."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from itertools import takewhile
from pathlib import Path

from fpsolve.store.read import read_header, read_result

CASE = """\
schema = 1
seed = 3
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "pcd" }
[stationary]
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 30000
replicas = 2000
"""


def test_interrupt_keeps_what_was_finished(tmp_path: Path):
    (tmp_path / "long.toml").write_text(CASE)
    run = subprocess.Popen(
        [sys.executable, "-m", "fpsolve", "run", "long.toml", "--workers", "2"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Where no line of progress comes, the end of the pipe does.
    watchdog = threading.Timer(120.0, run.kill)
    watchdog.start()
    told = list(takewhile(lambda line: not re.match(r"sgd: +\d+ %", line), run.stderr))
    assert run.poll() is None, told
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=20.0)
    watchdog.cancel()
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert "what was finished is in long.h5; go on with: fpsolve resume long.h5" in err
    assert read_header(tmp_path / "long.h5").status == "failed"
    result = read_result(tmp_path / "long.h5")
    assert result.stationary is not None
    assert result.sample is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.h5", "long.h5.part", "long.toml"]

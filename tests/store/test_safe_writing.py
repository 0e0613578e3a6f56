from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap

import pytest

from fpsolve.errors import OutputError, StorageError
from fpsolve.store import read_result, write_result
from fpsolve.store.atomic import write_atomically


@pytest.fixture
def small_files():
    """No file may grow beyond 2 kB: what a full disk or a quota does in the middle of a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_existing_file_is_refused(examples, tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"a\.h5: exists already"):
        write_result(examples.bare_result(), path)
    assert path.read_bytes() == b"precious"
    write_result(examples.bare_result(), path, overwrite=True)
    assert read_result(path).title == "nothing"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_taken_while_running_is_not_replaced(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(b"somebody else's")
    with pytest.raises(StorageError, match="exists already and was left"):
        write_atomically(path, b"mine")
    assert path.read_bytes() == b"somebody else's"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_without_hard_links_still_never_replaces(tmp_path, monkeypatch):
    def no_links(source, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "a.h5", b"first")
    with pytest.raises(StorageError, match="exists already"):
        write_atomically(tmp_path / "a.h5", b"second")
    assert (tmp_path / "a.h5").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_write_that_is_cut_off_leaves_the_earlier_file(examples, tmp_path, small_files):
    path = tmp_path / "a.h5"
    path.write_bytes(b"precious")
    with pytest.raises(StorageError, match=r"a\.h5: could not be written: file too large"):
        write_result(examples.bare_result(), path, overwrite=True)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_at_the_last_moment(examples, tmp_path, monkeypatch, code):
    def fail(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=os.strerror(code).lower()):
        write_result(examples.bare_result(), tmp_path / "a.h5")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.h5", b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_lost_folder(examples, tmp_path):
    with pytest.raises(StorageError, match="no such file or directory"):
        write_result(examples.bare_result(), tmp_path / "gone" / "a.h5")


def test_a_killed_run_leaves_the_earlier_file_readable(examples, tmp_path):
    path = tmp_path / "a.h5"
    write_result(examples.bare_result(), path)
    before = path.read_bytes()
    program = f"""
        import os, signal
        from fpsolve.store.atomic import write_atomically
        os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
        write_atomically({str(path)!r}, b"half" * 1000, overwrite=True)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    assert read_result(path).title == "nothing"
    assert [item.name for item in tmp_path.glob("*.h5")] == ["a.h5"]


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.h5", b"data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.h5").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_permissions_and_its_link(tmp_path):
    real = tmp_path / "elsewhere.h5"
    real.write_bytes(b"old")
    real.chmod(0o604)
    (tmp_path / "link.h5").symlink_to(real)
    write_atomically(tmp_path / "link.h5", b"new", overwrite=True)
    assert (tmp_path / "link.h5").is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o604

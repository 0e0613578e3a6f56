"""Who makes a result, with what."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from datetime import UTC, datetime

from fpsolve import __version__
from fpsolve.results import Provenance

__all__ = ["provenance", "versions"]

PACKAGES = ("numpy", "scipy", "numba", "findiff", "h5py", "matplotlib")


def versions() -> dict[str, str]:
    """Versions of fpsolve, Python and the packages that make the numbers."""
    found = {"fpsolve": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        found[name] = importlib.metadata.version(name)
    return found


def provenance(*, seed: int | None, command: str) -> Provenance:
    """Facts that belong to a result made now."""
    return Provenance(
        created_at=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        command=command,
        versions=versions(),
        platform=platform.platform(),
        git=_git_commit(),
        seed=seed,
    )


def _git_commit() -> str:
    """Commit of the working folder; "" outside a repository or without git."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - git is looked for on the user's own path
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

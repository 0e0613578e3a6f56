"""A sweep as a plain JSON object."""

from __future__ import annotations

from fpsolve.results import Sweep

__all__ = ["sweep_json"]


def sweep_json(sweep: Sweep, output: str | None) -> dict[str, object]:
    """Keys title, output, mode, axes, counts (points by status) and points, a list in the order of the index."""
    return {
        "title": sweep.title,
        "output": output,
        "mode": sweep.mode,
        "axes": sweep.axes,
        "counts": {status: sweep.count(status) for status in ("complete", "rejected", "failed", "pending")},
        "points": [
            {
                "values": point.values,
                "status": point.status,
                "seconds": point.seconds,
                "attempts": point.attempts,
                "seed": point.seed,
                "message": point.message,
                "file": point.file,
                "scalars": point.scalars,
            }
            for point in sweep.points
        ],
    }

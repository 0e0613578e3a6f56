"""Small sweeps: of an exact law (milliseconds a point), and of trainings of which some diverge."""

from __future__ import annotations

from dataclasses import replace

import pytest

LAW = """\
schema = 1
title = "One level"
seed = 5
[model]
kind = "dyson"
levels = 1
stiffness = 2.0
centre = 0.3
noise = { kind = "constant", g2 = 0.02 }
[stationary]
[sweep]
axes = { "model.stiffness" = [1.0, 2.0], "model.noise.g2" = [0.01, 0.02, 0.04] }
"""

TRAINED = """\
schema = 1
title = "One RBM level"
seed = 11
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "pcd" }
[stationary]
[sgd]
kind = "rbm"
learning_rate = 0.02
batch_size = 16
steps = 60
replicas = 40
[validate]
statistics = ["wasserstein"]
[sweep]
axes = { "sgd.learning_rate" = [0.01, 0.02], "sgd.batch_size" = [8, 16] }
"""


def without_times(sweep):
    """What must not depend on when and how fast a sweep was computed."""
    points = tuple(
        replace(
            point,
            seconds=0.0,
            attempts=0,
            scalars={name: value for name, value in point.scalars.items() if not name.endswith("seconds")},
        )
        for point in sweep.points
    )
    provenance = replace(sweep.provenance, created_at="", command="", git="")
    return replace(sweep, points=points, provenance=provenance)


@pytest.fixture
def law(tmp_path):
    path = tmp_path / "law.toml"
    path.write_text(LAW)
    return path


@pytest.fixture
def trained(tmp_path):
    path = tmp_path / "trained.toml"
    path.write_text(TRAINED)
    return path


@pytest.fixture
def timeless():
    return without_times

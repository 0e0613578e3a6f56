"""Tasks over local processes or a Dask cluster, and random streams that do not depend on how the tasks are spread."""

from fpsolve.parallel.engine import Engine, choose_engine, local_engine
from fpsolve.parallel.pool import Progress, map_tasks
from fpsolve.parallel.seeds import Seed, replica_keys, seed_sequence
from fpsolve.parallel.stream import Finished, stream_tasks

__all__ = [
    "Engine",
    "Finished",
    "Progress",
    "Seed",
    "choose_engine",
    "local_engine",
    "map_tasks",
    "replica_keys",
    "seed_sequence",
    "stream_tasks",
]

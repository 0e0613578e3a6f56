"""Tasks over local processes or a Dask cluster, and random streams that do not depend on how the tasks are spread."""

from fpsolve.parallel.blocks import Progress, spread_blocks
from fpsolve.parallel.engine import Engine, choose_engine, local_engine
from fpsolve.parallel.hands import Hands, Ledger, Part, Workers, number_of
from fpsolve.parallel.seeds import Seed, replica_keys, seed_sequence
from fpsolve.parallel.stream import Finished, stream_tasks

__all__ = [
    "Engine",
    "Finished",
    "Hands",
    "Ledger",
    "Part",
    "Progress",
    "Seed",
    "Workers",
    "choose_engine",
    "local_engine",
    "number_of",
    "replica_keys",
    "seed_sequence",
    "spread_blocks",
    "stream_tasks",
]

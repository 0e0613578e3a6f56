"""Tasks over local processes, and random streams that do not depend on how the tasks are spread."""

from fpsolve.parallel.pool import Progress, map_tasks
from fpsolve.parallel.seeds import Seed, replica_keys, seed_sequence

__all__ = ["Progress", "Seed", "map_tasks", "replica_keys", "seed_sequence"]

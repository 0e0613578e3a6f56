"""Options that several verbs share."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from fpsolve.cli.limits import duration

__all__ = [
    "case_argument",
    "engine_options",
    "json_option",
    "limit_options",
    "output_options",
    "run_options",
    "set_option",
    "setup_logging",
    "volume_options",
    "wall_option",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

case_argument = click.argument("case_path", metavar="CASE", type=click.Path(path_type=Path))

set_option = click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    help="Replace one value of the case, e.g. --set model.noise.g2=0.001 (value in TOML). May be repeated.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")


def volume_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """-q and -v."""
    function = click.option("-q", "--quiet", is_flag=True, help="No progress and no tables; errors only.")(function)
    return click.option("-v", "--verbose", count=True, help="More messages; -vv adds tracebacks.")(function)


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """-o and --overwrite."""
    function = click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        help="Result file; default: the case's [output] path, then CASE.h5.",
    )(function)
    return click.option("--overwrite", is_flag=True, help="Replace an existing result file and its folder.")(function)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Everything a verb that computes takes."""
    function = click.option("--seed", type=click.IntRange(min=0), help="Seed of the training; replaces the case's.")(
        function
    )
    for decorate in (
        limit_options,
        engine_options,
        volume_options,
        json_option,
        output_options,
        set_option,
        case_argument,
    ):
        function = decorate(function)
    return function


def engine_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--workers, --engine and --scheduler."""
    function = click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Of dask: address (tcp://…) or file of the scheduler; default: as Dask does.",
    )(function)
    function = click.option(
        "--engine",
        type=click.Choice(["local", "dask"]),
        default="local",
        help="Processes here (default), or a Dask cluster.",
    )(function)
    return click.option("--workers", type=click.IntRange(min=1), default=None, help="Processes; default: all cores.")(
        function
    )


def limit_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--wall-limit, and --checkpoint-every of what has a checkpoint."""
    function = click.option(
        "--checkpoint-every",
        metavar="TIME",
        type=duration,
        default="10s",
        help="Save finished replicas and trajectories that often; default: 10s.",
    )(function)
    return wall_option(function)


def wall_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--wall-limit."""
    return click.option(
        "--wall-limit",
        metavar="TIME",
        type=duration,
        help="Stop after this time (90s, 10m, 3h50m) with exit code 4, ready for fpsolve resume.",
    )(function)


def setup_logging(*, quiet: bool, verbose: int) -> None:
    """Send the log of fpsolve to stderr: warnings by default, errors with -q, more with -v and -vv."""
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(levelname)s: %(message)s" if verbose < 2 else "%(asctime)s %(name)s: %(message)s")
    )
    logger = logging.getLogger("fpsolve")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False

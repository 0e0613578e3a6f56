"""The command line: one file a verb. Errors become messages and exit codes here, and only here."""

from __future__ import annotations

import importlib
import logging
import os
import sys

import click

from fpsolve import __version__
from fpsolve.errors import FpsolveError, StoppedEarly

__all__ = ["main"]

VERBS = (
    "run", "solve", "spectrum", "stationary", "sgd", "validate", "sweep", "resume",
    "check", "plot", "show", "cases", "schema", "about",
)  # fmt: skip

EXIT_INTERRUPTED = 130


class VerbGroup(click.Group):
    """Loads the file of a verb only when it is needed, and lists verbs in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of one verb, or None."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"fpsolve.cli.{cmd_name}_verb")
        command = module.command
        if not isinstance(command, click.Command):
            msg = f"{module.__name__} defines no command"
            raise TypeError(msg)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, with a suggestion where it is unknown."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" Commands: {', '.join(VERBS)}."
            ctx.fail(f"no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=VerbGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done · 1 the run failed · 2 bad usage, case or output (nothing was written) · "
    "3 prediction rejected · 4 stopped early by --wall-limit or SIGTERM, 130 by Ctrl-C (what was finished is saved: "
    "fpsolve resume).",
)
@click.version_option(__version__, "-V", "--version", prog_name="fpsolve")
def cli() -> None:
    """Fokker–Planck solvers for the eigenvalue dynamics of stochastic gradient descent.

    A case file (TOML) says what to compute; results go to an HDF5 file, figures and a report beside it.
    Start with: fpsolve cases rbm_one_level, then fpsolve run rbm_one_level.toml
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; users' errors never show a traceback."""
    try:
        code = cli.main(args=args, prog_name="fpsolve", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show(file=sys.stderr)
        sys.exit(error.exit_code)
    except FpsolveError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as stop:
        # click wraps every interrupt.
        cause = stop.__cause__ if isinstance(stop, click.Abort) else stop
        if isinstance(cause, StoppedEarly):
            click.echo(f"stopped early: {cause}", err=True)
            sys.exit(cause.exit_code)
        click.echo("interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (fpsolve … | head); the interpreter must not try to flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if logging.getLogger("fpsolve").isEnabledFor(logging.DEBUG):
            raise
        click.echo(f"internal error: {type(error).__name__}: {error}", err=True)
        click.echo("this is a bug in fpsolve; run again with -vv for the traceback and report it", err=True)
        sys.exit(1)

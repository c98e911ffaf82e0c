"""How the program ends: an exit code that means something, and a message that says what to do.

0    done
1    refused: the input was, or what was asked about is not as it should be
2    the command line cannot be understood
3    the database cannot be worked with
4    nothing is sealed, so what was asked to be verified could not be
70   a fault of ours
130  Ctrl-C
141  whoever read the output went away
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

import click

from web.cli.printing import ReaderGone

log = logging.getLogger(__name__)

UNSUCCESSFUL = 1
DATABASE_UNAVAILABLE = 3
NOTHING_SEALED = 4
FAULT = 70
INTERRUPTED = 130
READER_GONE = 141


def ended(run: Callable[[], object]) -> int:
    """Run the program and say how it ended."""
    try:
        code = run()
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):
        # Nobody reads any more. What is left in the buffer must not be complained about at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except (KeyboardInterrupt, click.Abort):
        return _told(
            INTERRUPTED, "Interrupted. What was recorded is complete; repeating goes on from there."
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        told = _known(error)
        if told is not None:
            return _told(*told)
        log.exception("unexpected error; this is a fault of the program")
        return FAULT
    return code if isinstance(code, int) else 0


def _known(error: Exception) -> tuple[int, str] | None:
    """The exit code and the message of an error whose cause is outside the program; else None.

    What can be meant is loaded here: a command that goes well does without.
    """
    import psycopg
    from eventsourcing import persistence as es
    from psycopg_pool import PoolTimeout

    from facilities.access.issuer import IssuerRefused
    from facilities.database import DatabaseUnavailable
    from facilities.privacy.keeping import RetentionRefused
    from facilities.privacy.masters import MasterKeyRefused
    from facilities.seals.keys import SealingRefused
    from facilities.solving import SolverMissing
    from migrations import MigrationRefused

    match error:
        case (
            SealingRefused()
            | MasterKeyRefused()
            | RetentionRefused()
            | IssuerRefused()
            | SolverMissing()
        ):
            return UNSUCCESSFUL, f"{error}."
        case DatabaseUnavailable() | MigrationRefused() | TimeoutError():
            return DATABASE_UNAVAILABLE, str(error)
        case psycopg.OperationalError() | es.OperationalError() | PoolTimeout():
            kind = type(error).__name__
            return (
                DATABASE_UNAVAILABLE,
                f"The database cannot be reached any more ({kind}): {error}",
            )
        case _:
            return None


def _told(code: int, message: str) -> int:
    click.echo(f"Error: {message.strip()}", err=True)
    return code

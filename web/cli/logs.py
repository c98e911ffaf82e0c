"""What the program tells while it runs: one line per event, on stderr.

Neither people nor secrets appear in it. A token is never logged; of an unexpected exception a
server says the kind and the place, not the message, which may quote a row and the row a patient.
With the level `debug`, and where it is the operator's own command that failed, the whole traceback
is told.
"""

from __future__ import annotations

import copy
import logging
import time
import traceback
from typing import Any

LEVELS = ("debug", "info", "warning", "error")

GRANIAN: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "filters": {"advice": {"()": "web.cli.logs.NoAdvice"}},
    "loggers": {
        "_granian": {"handlers": [], "propagate": True, "filters": ["advice"]},
        "granian.access": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
"""The web server's own logging set-up: as everything else, not to stdout."""


ACCESS = '%(addr)s "%(method)s %(path)s" %(status)d %(dt_ms).1f ms'
"""A request in the log: its path, which names ids, and not its query, which may name more."""


class NoAdvice(logging.Filter):
    """Leaves out the web server's advice on how many threads to have: that many is on purpose,
    because ours wait for the database most of the time.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Configuration allows spawning")


class OneLine(logging.Formatter):
    """``2026-03-14T15:00:00Z WARNING web.cli.companion: what happened``."""

    def __init__(self, whole: bool) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s[%(process)d]: %(message)s", "%Y-%m-%dT%H:%M:%SZ"
        )
        self.converter = time.gmtime
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        # Other handlers leave their text of the exception on the record.
        record = copy.copy(record)
        record.exc_text = None
        text = super().format(record)
        return text if self._whole else " | ".join(text.splitlines())

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        if self._whole:
            return super().formatException(ei)
        _, error, _ = ei
        told = []
        while error is not None:
            told.append(_told(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "; after ".join(told)


def configure(level: str, *, whole: bool = False) -> None:
    """Send what the program logs to stderr, from this level on; `whole` tracebacks, or lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(whole or number <= logging.DEBUG))
    root = logging.getLogger()
    for each in [*root.handlers]:
        if isinstance(each.formatter, OneLine):
            root.removeHandler(each)
    root.addHandler(handler)
    root.setLevel(number)
    # The calendar's clock tells of every minute, and the calendar of what came of it.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _told(error: BaseException) -> str:
    places = traceback.extract_tb(error.__traceback__)[-4:]
    told = " < ".join(
        f"{each.name} ({each.filename.rpartition('/')[2]}:{each.lineno})"
        for each in reversed(places)
    )
    return f"{type(error).__name__} in {told}" if told else type(error).__name__

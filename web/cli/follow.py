"""The process that folds the read models and keeps the calendar, as `serve` starts it:
`python -m web.cli.follow`.
"""

from __future__ import annotations

import signal
import sys
import threading

from web.bootstrap import Almoner
from web.cli import exits, logs
from web.cli.companion import end_with


def follow(parent: int) -> None:
    """Run the read models and the calendar until SIGTERM comes or the parent is gone."""
    end_with(parent)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with Almoner.from_environment(migrate=False) as almoner, almoner.calendar():
        almoner.runner().run_forever(stop)


if __name__ == "__main__":
    logs.configure(sys.argv[2])
    sys.exit(exits.ended(lambda: follow(int(sys.argv[1]))))

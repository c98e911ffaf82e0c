"""The program that folds the read models, keeps the calendar and gives the processes' commands, as
`serve` starts it: `python -m web.cli.follow`.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading

from facilities.bulk import unhurried_collector
from web.bootstrap import Almoner
from web.cli import exits, logs
from web.cli.companion import end_with


def follow(parent: int) -> None:
    """Run all three until SIGTERM comes or the parent is gone.

    Each has a thread of its own. A handler runs in the middle of whatever the main thread
    does: were that a wait for `stop`, it would hold the lock that setting `stop` takes.
    """
    end_with(parent)
    told, tell = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(tell, b"."))
    stop = threading.Event()
    with (
        unhurried_collector(),
        Almoner.from_environment(migrate=False) as almoner,
        almoner.calendar(),
    ):
        working = [
            threading.Thread(target=each, args=[stop], name=name, daemon=True)
            for name, each in (
                ("runner", almoner.runner().run_forever),
                ("dispatcher", almoner.dispatcher().run_forever),
            )
        ]
        for each in working:
            each.start()
        while all(each.is_alive() for each in working):
            if select.select([told], [], [], 1.0)[0]:
                break
        stop.set()
        for each in working:
            each.join()


if __name__ == "__main__":
    logs.configure(sys.argv[2])
    sys.exit(exits.ended(lambda: follow(int(sys.argv[1]))))

"""The process that folds the read models and keeps the calendar, as `serve` starts it:
`python -m web.cli.follow`.
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
    """Run the read models and the calendar until SIGTERM comes or the parent is gone.

    The runner has a thread of its own. A handler runs in the middle of whatever the main thread
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
        runner = threading.Thread(
            target=almoner.runner().run_forever, args=[stop], name="runner", daemon=True
        )
        runner.start()
        while runner.is_alive() and not select.select([told], [], [], 1.0)[0]:
            pass
        stop.set()
        runner.join()


if __name__ == "__main__":
    logs.configure(sys.argv[2])
    sys.exit(exits.ended(lambda: follow(int(sys.argv[1]))))

"""Facts are met for the first time by many threads at once, whenever a process begins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from dataclasses import make_dataclass
from threading import Barrier, Thread
from uuid import UUID

import msgspec

from domain.kernel import Fact, fact
from facilities.codec import decode

sys.setswitchinterval(1e-6)
CROWD, FIELDS = 6, [(f"field_{number}", int) for number in range(20)]
read = []


def begin(ready, name, state):
    ready.wait()
    read.append(decode(name, 1, state))


for number in range(200):
    part = make_dataclass("Part", FIELDS, frozen=True, slots=True)
    hints = {"part": part, "others": tuple[part, ...]}
    thing = type(f"Thing{number}", (Fact,), {"__annotations__": hints, "__module__": __name__})
    kind = fact(f"thing_{number}.happened")(thing)
    one = part(*range(20))
    state, ready = msgspec.json.encode(kind(part=one, others=(one, one))), Barrier(CROWD)
    crowd = [Thread(target=begin, args=(ready, kind.name, state)) for _ in range(CROWD)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
print(len(read))
"""


def test_a_crowd_of_threads_meets_a_fact_for_the_first_time() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout.split()) == (0, ["1200"]), ended.stderr

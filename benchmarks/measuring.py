"""How things are measured here: contenders take turns, and what counts are ratios within a round.

A machine's speed drifts, so a figure alone says little. Those that are compared run one after the
other, round after round; each ratio is taken within its round, and of the ratios the median, with
the smallest and the largest beside it.

    benchmark = Benchmark("append", rounds=5)
    turns = interleaved({"ours": ours, "stock": stock, "raw": raw}, rounds=5)
    benchmark.case(
        "one event, 16 writers",
        turns,
        Target("ours / raw", at_least=0.60),
        Target("ours / stock", at_most=1 / 8, of="p99_ms"),
    )
    benchmark.finish()

A contender is a function that does its work once and returns its figures by name:
`{"per_second": 9054.0, "p99_ms": 3.7}`. Where it is measured: `benchmarks.servers`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"

ROUNDS = 5

Figures = Mapping[str, float]
Contender = Callable[[], Figures]


# --- taking turns ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """What several rounds gave: the median, and the least and most around it."""

    median: float
    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Turns:
    """What each contender reached, round by round."""

    figures: Mapping[str, Sequence[Figures]]

    def spread(self, contender: str, of: str = "per_second") -> Spread:
        """One figure of one contender over the rounds."""
        return Spread.over([each[of] for each in self.figures[contender]])

    def ratio(self, one: str, other: str, of: str = "per_second") -> Spread:
        """One contender's figure in terms of the other's, taken within each round."""
        pairs = zip(self.figures[one], self.figures[other], strict=True)
        return Spread.over([mine[of] / theirs[of] for mine, theirs in pairs])


def interleaved(contenders: Mapping[str, Contender], rounds: int = ROUNDS) -> Turns:
    """Let contenders take turns, so that all of them see the same machine. Each round begins with
    another one, so that none always has the same predecessor's dirt to clean up."""
    names = list(contenders)
    figures: dict[str, list[Figures]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            figures[name].append(contenders[name]())
    return Turns(figures)


# --- what is aimed at, and what was reached ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """What a case is to reach: `what` is a contender (``ours``) or a ratio (``ours / raw``) of the
    figure `of`. Without a bound it is told only.

    `if_missed` says what was tried and where the time goes.
    """

    what: str
    _: KW_ONLY
    of: str = "per_second"
    at_least: float | None = None
    at_most: float | None = None
    if_missed: str = ""

    def reached(self, turns: Turns) -> Spread:
        one, _, other = self.what.partition(" / ")
        return turns.ratio(one, other, self.of) if other else turns.spread(one, self.of)

    def held(self, reached: Spread) -> bool | None:
        """Whether the median is within the bounds; None where there are none."""
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or reached.median >= self.at_least) and (
            self.at_most is None or reached.median <= self.at_most
        )


@dataclass(slots=True)
class Benchmark:
    """One benchmark's cases: printed as a table, kept as JSON in benchmarks/results.

    `asked` is what it was run with (seconds, clients, sizes), for whoever reads the figures.
    """

    name: str
    rounds: int = ROUNDS
    postgresql: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)

    def case(self, name: str, turns: Turns, *targets: Target) -> None:
        """Note what one case reached."""
        self.cases.append(
            {
                "case": name,
                "figures": {
                    contender: {
                        each: _told(turns.spread(contender, each)) for each in sorted(rounds[0])
                    }
                    for contender, rounds in turns.figures.items()
                },
                "targets": [_target_told(each, turns) for each in targets],
            }
        )

    def finish(self) -> None:
        """Print the table, and write the JSON."""
        print(table([self.told()]))
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps(self.told(), indent=2) + "\n")

    def told(self) -> dict[str, Any]:
        return {
            "benchmark": self.name,
            "on": {
                "postgresql": self.postgresql,
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "rounds": self.rounds,
            },
            "asked": dict(self.asked),
            "cases": self.cases,
        }


def _told(spread: Spread) -> dict[str, float]:
    return {
        "median": float(f"{spread.median:.4g}"),
        "low": float(f"{spread.low:.4g}"),
        "high": float(f"{spread.high:.4g}"),
    }


def _target_told(target: Target, turns: Turns) -> dict[str, Any]:
    reached = target.reached(turns)
    return {
        "what": target.what,
        "of": target.of,
        "at_least": target.at_least,
        "at_most": target.at_most,
        "reached": _told(reached),
        "held": target.held(reached),
        "if_missed": target.if_missed,
    }


def table(benchmarks: Sequence[Mapping[str, Any]]) -> str:
    """The targets of several benchmarks' JSON as one table, in Markdown."""
    lines = [
        "| case | ratio or figure | ours | peer | reached | spread | target | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for benchmark in benchmarks:
        for case in benchmark["cases"]:
            lines += [_line(benchmark["benchmark"], case, each) for each in case["targets"]]
    return "\n".join(lines)


def _line(benchmark: str, case: Mapping[str, Any], target: Mapping[str, Any]) -> str:
    one, _, other = target["what"].partition(" / ")
    figures, of = case["figures"], target["of"]
    reached, bounds = target["reached"], []
    if target["at_least"] is not None:
        bounds.append(f"≥ {target['at_least']:.4g}")
    if target["at_most"] is not None:
        bounds.append(f"≤ {target['at_most']:.4g}")
    return "| {} | {} | {} | {} | {} | {} | {} | {} |".format(
        f"{benchmark}: {case['case']}",
        f"{target['what']} ({of.replace('_', ' ')})",
        _number(figures[one][of]["median"]),
        _number(figures[other][of]["median"]) if other else "",
        _number(reached["median"]),
        f"{_number(reached['low'])} to {_number(reached['high'])}",
        " and ".join(bounds),
        {True: "reached", False: "**missed**", None: ""}[target["held"]],
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


# --- things that are measured often ------------------------------------------------------------


def by_writers(work: Callable[[], object], writers: int, seconds: float) -> dict[str, float]:
    """Let so many threads do the same again and again: how often a second, and how long one took.

    Each does it once before the clock starts, so that connections and caches are there.
    """
    taken: list[list[float]] = [[] for _ in range(writers)]
    failed: list[BaseException] = []
    ready = threading.Barrier(writers + 1)

    def write(mine: list[float]) -> None:
        try:
            work()
            ready.wait()
            until = time.perf_counter() + seconds
            while (began := time.perf_counter()) < until:
                work()
                mine.append(time.perf_counter() - began)
        except BaseException as error:  # noqa: BLE001 - told by the thread that measures
            failed.append(error)
            ready.abort()

    threads = [threading.Thread(target=write, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    elapsed = time.perf_counter() - began
    together = [one for mine in taken for one in mine]
    return {"per_second": len(together) / elapsed, **latencies(together)}


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    """Percentiles of durations, in milliseconds."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {
        f"p{percent}_ms": ordered[min(last, int(len(ordered) * percent / 100))] * 1000
        for percent in (50, 95, 99)
    }


def timed(work: Callable[[], object], times: int) -> dict[str, float]:
    """Do something so many times, one after the other."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return {"per_second": times / sum(taken), **latencies(taken)}


def arguments(description: str | None, seconds: float = 3.0) -> argparse.ArgumentParser:
    """What every benchmark can be asked: `--rounds`, `--seconds` of one turn, `--full`."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each contender")
    parser.add_argument("--seconds", type=float, default=seconds, help="seconds of one turn")
    parser.add_argument("--full", action="store_true", help="the long form of make bench-full")
    return parser

"""All targets in one table: what was aimed at, what was reached, and why where it was missed.

    python -m benchmarks.report

reads what the benchmarks left in benchmarks/results.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measuring import RESULTS, table


def results() -> list[dict[str, Any]]:
    """What the benchmarks told, by name; what was left in another form is passed by."""
    found = [json.loads(each.read_text()) for each in sorted(RESULTS.glob("*.json"))]
    return [each for each in found if isinstance(each, dict) and "benchmark" in each]


def misses(benchmarks: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each target that was missed, with the reason its benchmark gives."""
    return [
        f"- {benchmark['benchmark']}: {case['case']}, {target['what']} "
        f"({target['of'].replace('_', ' ')}): {target['if_missed'] or 'no reason is known.'}"
        for benchmark in benchmarks
        for case in benchmark["cases"]
        for target in case["targets"]
        if target["held"] is False
    ]


def main() -> None:
    found = results()
    for each in found:
        on = each["on"]
        print(
            f"{each['benchmark']}: PostgreSQL {on['postgresql']}, Python {on['python']}, "
            f"{on['cores']} cores, medians of {on['rounds']} rounds"
        )
    print("\n" + table(found))
    if lines := misses(found):
        print("\nMissed, and why:\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()

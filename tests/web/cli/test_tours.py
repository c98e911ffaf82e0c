"""The tours in docs/ are walked: every command, as it is printed, on a demo that serves."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.web.cli.grammar import ROOT, CommandLine
from tests.web.cli.test_simulate import invited

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="a server of its own"),
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash"
    ),
]

MAY_BE_EMPTY = {
    "tour-ordering.md": ("soon ",),
    "tour-supply.md": ("stock-in-quarantine", "stock-outs?out=true", "stock-lots?expires_on_to="),
    "tour-workforce.md": (
        "expiring-credentials?",
        "positions?status=vacant",
        "evaluations-due?",
        "soon ",
    ),
}
"""Lists that a tour looks at where there may be nothing to see on the day it is walked, or not yet:
what is asked for until it is there ends with a complaint where it never is."""

WALKED = sorted((ROOT / "docs").glob("tour-*.md"))

PRELUDE = """
set -u
T={token}
A={address}/api/v1
ANSWERS=/dev/null
curl() {{ command curl -w '\\n' "$@" | tee -a "$ANSWERS"; }}
settles() {{
    last=$(grep -o '"position":[0-9]*' "$ANSWERS" | tail -1)
    command curl -s -o /dev/null -H "Authorization: Bearer $T" \\
        "$A/system/facilities?limit=1&after=${{last#*:}}"
}}
"""
"""What is known beforehand. Whatever is answered is kept, also where a variable is made of it; and
a reader types slower than the lists follow, so that they are waited for before each step."""


@dataclass
class Step:
    """A command of a tour, and what the tour prints of its answer."""

    number: int
    said: str
    printed: str = ""


def steps_of(tour: Path) -> list[Step]:
    """The commands of a tour: they begin with a dollar, and go on in lines that are indented."""
    steps: list[Step] = []
    for block in re.findall(r"```console\n(.*?)```", tour.read_text("utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append(Step(len(steps), line[2:]))
            elif line.startswith("    ") and not steps[-1].printed:
                steps[-1].said += f"\n{line}"
            else:
                steps[-1].printed += line
    return [each for each in steps if not each.said.startswith(("T=", "A="))]


def objections(
    step: Step, answer: str, complaints: str, may_be_empty: tuple[str, ...]
) -> list[str]:
    """What is not as the tour says."""
    found = [f"the shell said {complaints.strip()}"] if complaints.strip() else []
    problems = set(re.findall(r"urn:almoner:problem:([\w.]+)", answer))
    announced = set(re.findall(r"urn:almoner:problem:([\w.]+)", step.printed))
    if problems != announced:
        found.append(f"it was answered {answer.strip()}")
    missing = {*re.findall(r'"(\w+)":', step.printed)} - {*re.findall(r'"(\w+)":', answer)}
    if missing:
        found.append(f"the answer has no {', '.join(sorted(missing))}")
    if '"items":[]' in answer and not any(each in step.said for each in may_be_empty):
        found.append("the list is empty")
    return [f"{step.said}\n    {each}" for each in found]


def walked(tour: Path, address: str, token: str, folder: Path) -> list[str]:
    """Walk a tour from its beginning to its end, in one shell; what was not as it says. Without
    almoner[solver] nothing is proposed."""
    there = find_spec("ortools") is not None
    steps = [each for each in steps_of(tour) if there or "/proposals" not in each.said]
    lines = [PRELUDE.format(token=token, address=address)]
    for each in steps:
        lines += ["settles", f"ANSWERS={folder}/{each.number}.answer", ': >"$ANSWERS"']
        lines += ["{", each.said, f"}} >/dev/null 2>{folder}/{each.number}.complaints"]
    script = folder / "tour.sh"
    script.write_text("\n".join(lines), "utf-8")
    ended = subprocess.run(["bash", script], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    return [
        objection
        for each in steps
        for objection in objections(
            each,
            (folder / f"{each.number}.answer").read_text("utf-8"),
            (folder / f"{each.number}.complaints").read_text("utf-8"),
            MAY_BE_EMPTY.get(tour.name, ()),
        )
    ]


def test_every_command_of_every_tour_works_as_it_is_printed(
    shell: CommandLine, tmp_path: Path
) -> None:
    """All of them on one demo, which is what takes longest."""
    assert len(WALKED) >= 4
    process, lines = invited(shell)
    try:
        said = "\n".join(lines)
        (address,) = re.findall(r"^Almoner is at +(\S+)$", said, re.MULTILINE)
        (token,) = re.findall(r"^Your token +(\S+)$", said, re.MULTILINE)
        found: list[str] = []
        for tour in WALKED:
            folder = tmp_path / tour.stem
            folder.mkdir()
            found += [f"{tour.name}: {each}" for each in walked(tour, address, token, folder)]
        process.send_signal(signal.SIGINT)
        process.wait(30)
    finally:
        process.kill()
        process.communicate()
    assert not found, "\n".join(found)

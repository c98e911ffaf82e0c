"""The reference in docs/ says what the code says, and the code does what the reference says."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from docs import generate
from docs.answers import decided
from domain.kernel import (
    AGGREGATES,
    DECISIONS,
    Circumstances,
    Command,
    Decision,
    Entail,
    Fact,
    Refused,
    Reserve,
)
from domain.revenue.drafting import ChargeClaim
from domain.rules import refusal, text
from tests.projections.health_system import HealthSystem
from tests.projections.made_up import NOW

ROOT = Path(__file__).parents[1]
RINGS = "domain|facilities|projections|web|migrations"


def test_the_reference_is_what_the_code_says_now() -> None:
    assert not generate.out_of_date(), "write it anew: python docs/generate.py"


# --- what other pages say about the code ---------------------------------------------------------

WRITTEN = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md")]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_what_a_page_names_of_the_code_is_there(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    wrong = [
        f"{name} in {place}"
        for name, place in re.findall(r"\[`([\w.]+)`\]\(([\w./-]+\.py)\)", prose)
        if name.rpartition(".")[2] not in defined_in(page.parent / place)
    ]
    for place, name in re.findall(rf"`((?:{RINGS}|tests|docs)/[\w./-]+?)(?:::(\w+))?`", prose):
        if "NNNN" in place:
            continue  # any of the numbered files
        if not (ROOT / place).exists() or (name and name not in defined_in(ROOT / place)):
            wrong.append(f"{place} {name}")
    assert not wrong


def defined_in(path: Path) -> set[str]:
    """The names a module gives to functions, classes and values."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return names


# --- what decisions may come to ------------------------------------------------------------------


class Watched(HealthSystem):
    """A made-up health system that remembers what each kind of command came to."""

    def __init__(self, seed: int) -> None:
        self.facts: dict[type[Command], set[str]] = defaultdict(set)
        self.codes: dict[type[Command], set[str]] = defaultdict(set)
        super().__init__(seed)

    def does(self, command: Command) -> bool:
        aggregate, decide = DECISIONS[type(command)]
        _, state = self.states.get(getattr(command, command.stream), (None, aggregate.initial))
        try:
            for each in decide(state, command, Circumstances(NOW, self._standings)):
                if isinstance(each, Fact):
                    self.facts[type(command)].add(each.name)
                elif isinstance(each, Reserve):
                    self.codes[type(command)].add(each.code)
        except Refused as refused:
            self.codes[type(command)].add(refused.code)
        return super().does(command)


def test_whatever_happens_the_reference_has_said_so() -> None:
    for seed in range(40):
        system = Watched(seed)
        system.lives(300)
        for kind, facts in system.facts.items():
            assert facts <= decided(DECISIONS[kind][1]).facts, kind
        for kind, codes in system.codes.items():
            assert codes <= decided(DECISIONS[kind][1]).codes, kind


def test_every_rule_that_is_tested_is_in_the_reference() -> None:
    told = generate.page("problems.md")
    tested = {
        code
        for name in AGGREGATES
        for path in (ROOT / "tests" / "domain").glob(f"test_{name}.py")
        for code in refused_in(path)
    }
    assert len(tested) > 60
    assert not {code for code in tested if f"| `{code}` |" not in told}


def refused_in(path: Path) -> set[str]:
    """The codes a test module expects: the texts in ``.refused("...")``."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "refused"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


# --- how a decision is read ----------------------------------------------------------------------


def by_either_name(state: object, command: object, at: Circumstances) -> Decision:
    named = "bed" if state else "ward"
    raise Refused(f"room.{named}", "No.")


def by_a_name_told_in_two_places(state: object, command: object, at: Circumstances) -> Decision:
    for named in ("floor", "wing"):
        raise refusal(f"room.{named}", named, None, "must be known")
    raise _refusal("door")


def _refusal(whom: str) -> Refused:
    return Refused(f"room.{whom}_locked", "No.")


def by_rules_of_the_house(state: object, command: object, at: Circumstances) -> Decision:
    at.open("room", getattr(command, "room_id"))  # noqa: B009 - a command without a type
    text("room", "name", "")
    yield Reserve("room", "1", "room.taken")


def by_what_follows(state: object, command: object, at: Circumstances) -> Decision:
    yield Entail(ChargeClaim())  # type: ignore[call-arg]


def test_what_a_decision_entails_is_read_from_the_source() -> None:
    assert decided(by_what_follows).entailed == {"ChargeClaim"}


def by_nobody_knows_what(state: object, command: object, at: Circumstances) -> Decision:
    raise Refused(f"room.{state}", "No.")


@pytest.mark.parametrize(
    ("decide", "codes"),
    [
        (by_either_name, {"room.bed", "room.ward"}),
        (by_a_name_told_in_two_places, {"room.floor", "room.wing", "room.door_locked"}),
        (by_rules_of_the_house, {"room.unknown", "room.not_open", "room.text", "room.taken"}),
        (by_nobody_knows_what, {"room.{state}"}),
    ],
)
def test_codes_are_read_from_the_source(decide: Callable[..., Decision], codes: set[str]) -> None:
    assert decided(decide).codes == codes

"""The page about roles says what the code says."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from domain.access.roles import EVERYTHING, TRUST, Role, Trust

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def listed(names: Collection[str]) -> list[str]:
    return sorted("everything" if each == EVERYTHING else each for each in names)


def row(role: Role, trust: Trust) -> str:
    does = ", ".join(listed(trust.does))
    if trust.never:
        does = f"{does} but {', '.join(sorted(trust.never))}"
    where = [
        word for word, at_home in (("system", trust.system), ("facilities", trust.facilities))
        if at_home
    ]  # fmt: skip
    reads = ", ".join(listed(trust.reads))
    return f"| `{role}` | {trust.told} | {does} | {reads} | {' or '.join(where)} |"


def test_the_table_of_roles_is_that_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in page if line.startswith("| `") and line.count("|") == 6]
    assert table == [row(role, TRUST[role]) for role in Role]

"""What is documented is there, and what is there is documented; names are the field's own words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import click
import pytest

from web.app import create_app
from web.cli import almoner
from web.doors import Doors

ROOT = Path(__file__).parents[1]
RINGS = ("domain", "facilities", "projections", "web", "migrations")

BANNED = {"manager", "helper", "helpers", "util", "utils", "data", "info", "misc"}
BANNED_BEGINNINGS = ("handle_", "process_")
ALLOWED = {
    # What PostgreSQL itself calls the folder it keeps a cluster in.
    ("facilities/embedded.py", "data"),
    ("facilities/embedded_traces.py", "_works_in_our_data"),
    # Methods that eventsourcing and flask-smorest call.
    ("facilities/ledger.py", "process_recorder"),
    ("web/app.py", "handle_http_exception"),
}


@cache
def documents() -> dict[Path, str]:
    """Every page for people."""
    pages = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
    return {each: each.read_text(encoding="utf-8") for each in pages}


# --- links ---------------------------------------------------------------------------------------


def links(text: str) -> Iterator[str]:
    """Where a page points to, but for what is code."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", prose)


@cache
def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be pointed to."""
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page, text in documents().items():
        for link in links(text):
            if re.match(r"[a-z]+:", link):
                continue
            place, _, anchor = link.partition("#")
            target = (page.parent / place).resolve() if place else page
            if not target.exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                broken.append(f"{page.relative_to(ROOT)}: {link} has no such heading")
    assert not broken


# --- the command line ----------------------------------------------------------------------------


def commands(
    command: click.Command = almoner, name: str = "almoner"
) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if isinstance(command, click.Group):
        asked = click.Context(command)
        for each in command.list_commands(asked):
            inner = command.get_command(asked, each)
            assert inner is not None
            assert inner.name == each
            yield from commands(inner, f"{name} {each}")
    else:
        yield name, command


def section(name: str) -> str:
    """What the page of the command line says about a command."""
    text = documents()[ROOT / "docs" / "command-line.md"]
    _, found, rest = text.partition(f"\n## `{name}`\n")
    assert found, f"docs/command-line.md has no heading ## `{name}`"
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_a_command_is_documented_with_all_its_options(name: str) -> None:
    command = dict(commands())[name]
    text = section(name)
    missing = [
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if f"`{option}`" not in text and f"`{option} " not in text
    ]
    assert not missing


def test_no_command_or_option_is_documented_that_is_not_there() -> None:
    text = documents()[ROOT / "docs" / "command-line.md"]
    known = dict(commands())
    headed = re.findall(r"^## `(almoner [^`]+)`$", text, re.MULTILINE)
    assert set(headed) == set(known)
    for name in headed:
        options = {option for parameter in known[name].params for option in parameter.opts}
        told = set(re.findall(r"`(--[a-z-]+)", section(name))) - {"--help"}
        assert told <= options, name


def test_every_command_and_option_explains_itself() -> None:
    for name, command in commands():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts[0]}"


# --- settings ------------------------------------------------------------------------------------


def test_every_setting_is_documented() -> None:
    named = {
        setting
        for ring in RINGS
        for path in (ROOT / ring).rglob("*.py")
        for setting in re.findall(r"\bALMONER_[A-Z_]+", path.read_text(encoding="utf-8"))
    }
    assert "ALMONER_DATABASE_URL" in named
    told = "\n".join(documents().values())
    assert not {each for each in named if f"`{each}`" not in told}


# --- routes --------------------------------------------------------------------------------------


def test_every_route_is_documented() -> None:
    app = create_app(cast(Doors, None))
    routes = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert "/api/v1/system/scorecard" in routes
    told = "\n".join(documents().values())
    assert not {each for each in routes if f"`{each}`" not in told}


# --- names ---------------------------------------------------------------------------------------


def names(path: Path) -> Iterator[str]:
    """The names a module gives to itself, its classes and its functions."""
    yield path.parent.name if path.stem == "__init__" else path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name


def is_banned(name: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    return bool(BANNED & {*words.split("_")}) or words.startswith(BANNED_BEGINNINGS)


def test_names_are_words_of_the_field() -> None:
    banned = {
        (str(path.relative_to(ROOT)), name)
        for ring in RINGS
        for path in (ROOT / ring).rglob("*.py")
        for name in names(path)
        if is_banned(name)
    }
    assert banned == ALLOWED


@pytest.mark.parametrize(
    ("name", "banned"),
    [
        ("PoolManager", True),
        ("claim_util", True),
        ("_handle_refusal", True),
        ("process_batch", True),
        ("data", True),
        ("Process", False),
        ("management", False),
        ("database", False),
    ],
)
def test_a_banned_name_is_recognised(name: str, banned: bool) -> None:
    assert is_banned(name) is banned

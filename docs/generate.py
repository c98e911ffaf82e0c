"""Writes docs/reference from the code: facts, commands, read models, problems, routes, words.

    python docs/generate.py            write the pages anew
    python docs/generate.py --check    say which of them are out of date; exit code 1 where one is

Everything is taken from the declarations and their docstrings. Change the code, not the pages.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # this checkout is described, whatever is installed

from docs.answers import Decided, decided  # noqa: E402
from docs.told import as_json, hints_of, links, marks_of, table, type_of, words_in  # noqa: E402
from docs.web_answers import web_problems  # noqa: E402
from domain.kernel import DECISIONS, FACTS, PERSONAL, Aggregate, Command, Fact  # noqa: E402
from projections import READ_MODELS  # noqa: E402
from projections.filters import filter_names  # noqa: E402
from projections.kernel import ReadModel, Summary  # noqa: E402
from web.api import Does, Foresees, Row  # noqa: E402
from web.app import CONTEXTS, PREFIX, create_app  # noqa: E402
from web.bootstrap import Almoner  # noqa: E402, F401 - whatever the program knows is declared
from web.components import said as doc  # noqa: E402
from web.doors import Doors  # noqa: E402

NOTE = "<!-- Written by docs/generate.py. Change the code and run it again. -->"

UNDESCRIBED = {
    f"{PREFIX}/openapi.json": "The API in OpenAPI 3.1",
    f"{PREFIX}/docs/": "The same for people, to try out; needs no network",
    f"{PREFIX}/docs/{{path}}": "The parts of that page",
}
"""Addresses of others' views."""

Lines = Iterator[str]
T = TypeVar("T")


# --- pages -------------------------------------------------------------------------------------


def facts() -> Lines:
    yield "# Facts"
    yield (
        "What the ledger keeps, forever. Each is stored as JSON, its fields in this order; ids, "
        "days, instants and decimals are texts. What is personal identifies a person."
    )
    for context, declared in _by_context(_facts()):
        yield f"## {context}"
        yield doc(inspect.getmodule(declared[0]))
        for fact in declared:
            yield f"### {fact.name}"
            yield doc(fact)
            yield "\n".join(f"- {each}" for each in _about_fact(fact))
            yield table(("field", "type", ""), _fields_of_fact(fact))


def _about_fact(fact: type[Fact]) -> Iterator[str]:
    yield f"version {fact.schema_version}"
    yield f"happens on `{fact.effective}`" if fact.effective else "happens when it is recorded"
    if fact.person is not None:
        yield f"personal fields are those of `{fact.person}`"
    by = [kind for kind in _commands() if fact.name in _decided(kind).facts]
    if by:
        yield f"recorded by {links('commands.md', (each.__name__ for each in by))}"
    shown = sorted(model.name for model in READ_MODELS if fact in model.handlers)
    if shown:
        yield f"shown in {links('read-models.md', shown)}"


def _fields_of_fact(fact: type[Fact]) -> Iterator[tuple[str, ...]]:
    for name, hint in hints_of(fact).items():
        yield f"`{name}`", type_of(hint), "personal" if PERSONAL in marks_of(hint) else ""


def commands() -> Lines:
    yield "# Commands"
    yield (
        "What may be asked to happen, and what may come of it. A command is a `POST` of one JSON "
        "object; [the headers](../architecture.md#a-command-in-six-hops) are the same for all. A "
        "command may also record nothing: then it is so already. An id that is made for it is "
        "answered as `stream_id`. Beside by the rules named here, a request may be refused for "
        "[problems](problems.md) of its own."
    )
    routes = {row.command: f"POST {_path(row.path)}" for row in _rows() if isinstance(row, Does)}
    foreseen = {row.command: _path(row.path) for row in _rows() if isinstance(row, Foresees)}
    for aggregate, kinds in _by_aggregate():
        yield f"## {aggregate.name.replace('_', ' ').capitalize()}"
        yield doc(inspect.getmodule(DECISIONS[kinds[0]][1]))
        for kind in kinds:
            route = routes.get(kind)
            yield f"### {kind.__name__}"
            yield doc(kind)
            if route is not None:
                yield f"`{route}`"
            if kind in foreseen:
                yield f"What would come of it: `POST {foreseen[kind]}`"
            yield table(("field", "type", "given", "default"), _fields_of_command(kind, route))
            found = _decided(kind)
            codes = ", ".join(f"`{code}`" for code in sorted(found.codes))
            yield f"Records {links('facts.md', sorted(found.facts))}."
            if found.entailed:
                yield (
                    f"Entails {links('', sorted(found.entailed))}, and is refused where that is."
                )
            yield f"Refuses with {codes}." if codes else "Refuses nothing."


def _fields_of_command(kind: type[Command], route: str | None) -> Iterator[tuple[str, ...]]:
    hints = hints_of(kind)
    for each in fields(cast(Any, kind)):
        if each.name not in hints:
            continue
        if route is not None and f"{{{each.name}}}" in route:
            given = "in the path"
        elif each.name == kind.stream and kind.creates:
            given = "made for it"
        else:
            given = "in the body"
        default = "" if each.default is MISSING else f"`{as_json(each.default)}`"
        yield f"`{each.name}`", type_of(hints[each.name]), given, default


def read_models() -> Lines:
    yield "# Read models"
    yield (
        "What people look at. Every route takes `as_of` (a position or a past instant) and `after` "
        "(wait for this position). A list also takes the filters below, `limit` and `cursor`; ids "
        "in the path filter too. Where a filter has (from, to), `<filter>_from` and `<filter>_to` "
        "are filters as well, both ends included. A summary's sums are over the facilities in "
        "scope; they are told apart, and filtered, by what is named there. Money is decimal text "
        "in the row's `currency`, and an amount is filtered together with it."
    )
    for model in sorted(READ_MODELS, key=lambda each: each.name):
        yield f"## {model.name}"
        yield f"For {model.desk}."
        yield doc(model.row)
        yield "\n".join(f"- {each}" for each in _about_model(model))
        yield table(("column", "type", "filters"), _columns(model))


def _about_model(model: ReadModel[Any]) -> Iterator[str]:
    key = ", ".join(f"`{each}`" for each in model.key)
    order = ", ".join(f"`{each}`" for each in model.sort)
    if isinstance(model, Summary):
        groups = ", ".join(f"`{each}`" for each in model.groups)
        yield f"a summary: one row for each {key}; the system's figures are told apart by {groups}"
    else:
        yield f"a list: one row for each {key}, in the order of {order}" + (
            ", the last first" if model.newest_first else ""
        )
    for row in _rows():
        if not isinstance(row, Does | Foresees) and row.model is model:
            yield f"`GET {_path(row.path)}` ({type(row).__name__.lower()})"
    yield f"folds {links('facts.md', sorted(each.name for each in model.handlers))}"


def _columns(model: ReadModel[Any]) -> Iterator[tuple[str, ...]]:
    hints = hints_of(model.row)
    known = filter_names(model)
    for column in model.columns:
        asked = [name for name, (of, _) in known.items() if of is column]
        told = f"`{column.name}`" if asked else "personal" if column.personal else ""
        told += " (from, to)" if len(asked) > 1 else ""
        yield f"`{column.name}`", type_of(hints[column.name]), told


def problems() -> Lines:
    yield "# Problems"
    yield (
        "Errors are `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `code` "
        "and `detail`. Codes never change; texts may. `details` holds what a rule looked at: the "
        "`field`, its `value`, the `rule`, and more. `errors` holds what is wrong with which "
        "field, and `given` what was given there. What is in braces is filled in."
    )
    yield "## Requests"
    made = sorted({each for path in _web_modules() for each in web_problems(path)})
    yield table(("status", "code", "what"), ((s, f"`{code}`", what) for s, code, what in made))
    yield (
        "What the web framework refuses by itself has a code named for its status: "
        "`http.not_found` (404), `http.method_not_allowed` (405), `http.request_too_large` (413)."
    )
    yield "## Rules"
    yield "All of them are answered with status 409."
    by_code: dict[str, tuple[set[str], list[str]]] = {}
    for kind in _commands():
        for code, said in _decided(kind).rules.items():
            rules, kinds = by_code.setdefault(code, (set(), []))
            rules |= said
            kinds.append(kind.__name__)
    yield table(
        ("code", "what", "refuses"),
        (
            (f"`{code}`", "; ".join(sorted(rules)), links("commands.md", kinds))
            for code, (rules, kinds) in sorted(by_code.items())
        ),
    )


def routes() -> Lines:
    yield "# Routes"
    yield "Every address there is. What is not here is answered with 404 `http.not_found`."
    app = create_app(cast(Doors, None))
    described = json.loads(app.test_client().get(f"{PREFIX}/openapi.json").get_data())["paths"]
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation = described.get(path, {}).get(method.lower(), {})
            told = operation.get("summary") or UNDESCRIBED.get(path)
            found.append((path, method, told or doc(app.view_functions[rule.endpoint])))
    yield table(
        ("address", "method", "what"),
        ((f"`{path}`", method, told.rstrip(".")) for path, method, told in sorted(found)),
    )


def words() -> Lines:
    yield "# Words"
    yield "What fields of facts, commands and read models may hold beside plain values."
    wanted: dict[str, type[Any]] = {}
    for declared in (*_facts(), *_commands(), *(model.row for model in READ_MODELS)):
        for hint in hints_of(declared).values():
            for word in words_in(hint):
                if wanted.setdefault(word.__name__, word) is not word:
                    raise TypeError(f"two words are called {word.__name__}")
    for name, word in sorted(wanted.items()):
        yield f"### {name}"
        yield doc(word)
        if issubclass(word, StrEnum):
            yield "One of " + ", ".join(f"`{each.value}`" for each in word) + "."
        else:
            yield table(
                ("field", "type"), ((f"`{at}`", type_of(of)) for at, of in hints_of(word).items())
            )


def contents() -> Lines:
    yield "# Reference"
    yield "Written from the code, and compared with it by a test."
    yield table(
        ("page", "what it tells"),
        (
            ("[Facts](facts.md)", "what the ledger keeps: every fact, its fields, who records it"),
            ("[Commands](commands.md)", "what may be asked to happen, and by which rule not"),
            ("[Read models](read-models.md)", "what people look at: columns, filters, order"),
            ("[Problems](problems.md)", "every code an error is told by"),
            ("[Routes](routes.md)", "every address"),
            ("[Words](words.md)", "what fields may hold beside plain values"),
        ),
    )


PAGES: dict[str, Callable[[], Lines]] = {
    "README.md": contents,
    "facts.md": facts,
    "commands.md": commands,
    "read-models.md": read_models,
    "problems.md": problems,
    "routes.md": routes,
    "words.md": words,
}


# --- what is declared --------------------------------------------------------------------------


def _web_modules() -> list[str]:
    return [f"web.{each.stem}" for each in sorted((HERE.parent / "web").glob("[a-z]*.py"))]


def _facts() -> list[type[Fact]]:
    return _ours(FACTS.values())


def _commands() -> list[type[Command]]:
    return _ours(DECISIONS)


def _ours(declared: Iterable[type[T]]) -> list[type[T]]:
    """What the domain declares, in an order that does not depend on who imported it first."""
    ours = [each for each in declared if each.__module__.startswith("domain.")]
    return sorted(ours, key=lambda each: each.__module__)


def _decided(kind: type[Command]) -> Decided:
    return decided(DECISIONS[kind][1])


def _path(route: str) -> str:
    return PREFIX + re.sub(r"<uuid:(\w+)>", r"{\1}", route)


def _rows() -> list[Row]:
    return [row for rows in CONTEXTS.values() for row in rows]


def _by_context(declared: Iterable[type[Fact]]) -> list[tuple[str, list[type[Fact]]]]:
    found: dict[str, list[type[Fact]]] = {}
    for each in declared:
        found.setdefault(each.__module__.split(".")[1].replace("_", " ").capitalize(), []).append(
            each
        )
    return sorted(found.items())


def _by_aggregate() -> list[tuple[Aggregate[Any], list[type[Command]]]]:
    found: dict[str, list[type[Command]]] = {}
    for kind in _commands():
        found.setdefault(DECISIONS[kind][0].name, []).append(kind)
    return [(DECISIONS[kinds[0]][0], kinds) for _name, kinds in sorted(found.items())]


# --- writing -----------------------------------------------------------------------------------


def page(name: str) -> str:
    """A page as it ought to be."""
    return "\n\n".join([NOTE, *filter(None, PAGES[name]())]) + "\n"


def out_of_date() -> list[str]:
    """The pages that are not as they ought to be, or ought not to be there."""
    there = {each.name for each in (HERE / "reference").glob("*")}
    return sorted(
        name
        for name in there | PAGES.keys()
        if name not in PAGES
        or name not in there
        or (HERE / "reference" / name).read_text(encoding="utf-8") != page(name)
    )


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    wrong = out_of_date()
    for name in wrong:
        sys.stdout.write(f"docs/reference/{name}\n")
        if not arguments:
            file = HERE / "reference" / name
            if name in PAGES:
                file.parent.mkdir(exist_ok=True)
                file.write_text(page(name), encoding="utf-8")
            else:
                file.unlink()
    return 1 if arguments and wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

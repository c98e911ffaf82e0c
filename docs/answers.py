"""What may be answered, read from the source: by decisions, and by the web.

A decision is followed through every function it calls of its own module and of the domain. Where a
code is put together (``f"{noun}.amount"``), the texts it may be made of are followed too; what
stays unknown is shown as ``{noun}``. tests/test_reference.py holds the result against what happens.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, cast, get_type_hints

from domain.kernel import Circumstances, Command, Fact, Refused, Reserve
from domain.workforce.events.working_time import ShiftFinding

Texts = frozenset[str]
Known = Mapping[str, Texts]
"""What is known of the names in a function: the texts each may stand for."""


@dataclass(slots=True)
class Decided:
    """The names of the facts a decision may record and of the commands it may entail, and the codes
    it may refuse with."""

    facts: set[str] = field(default_factory=set)
    entailed: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)


@cache
def decided(decide: Callable[..., Any]) -> Decided:
    """What a decision may come to."""
    found = Decided()
    function = cast(FunctionType, decide)
    while (wrapped := getattr(function, "__wrapped__", None)) is not None:
        # What is around a decision may record facts of its own.
        around = function.__code__.co_qualname.partition(".")[0]
        _follow(function.__globals__[around], {}, found, set())
        function = wrapped
    _follow(function, {}, found, set())
    return found


def _follow(
    function: FunctionType, given: Known, found: Decided, seen: set[tuple[object, ...]]
) -> None:
    call = (function, *sorted(given.items()))
    if call in seen:
        return
    seen.add(call)
    node = _source(function)
    known = {**given, **_assigned(node, given, function)}
    hints = get_type_hints(function)
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            for rule in _rules(function.__globals__.get(each.id)):
                _follow(rule, {}, found, seen)
        if not isinstance(each, ast.Call):
            continue
        called = _called(each.func, function, hints)
        if called is Refused or called is ShiftFinding:
            found.codes |= _argument(each, 0, "code", known, function)
        elif called is Reserve:
            found.codes |= _argument(each, 2, "code", known, function)
        elif isinstance(called, type) and issubclass(called, Fact):
            found.facts.add(called.name)
        elif isinstance(called, type) and issubclass(called, Command):
            found.entailed.add(called.name)
        elif isinstance(called, FunctionType) and _is_followed(called, function):
            _follow(called, _bound(called, each, known, function), found, seen)


def _rules(named: object) -> Iterator[FunctionType]:
    """The functions of a list of rules, all of which are asked."""
    if isinstance(named, tuple):
        yield from (each for each in named if isinstance(each, FunctionType))


def _is_followed(called: FunctionType, function: FunctionType) -> bool:
    return called.__module__ == function.__module__ or called.__module__.startswith("domain.")


def _called(func: ast.expr, within: FunctionType, hints: Mapping[str, Any]) -> object:
    """What a call calls, where that can be told: a global name, a module's, or `at.open`."""
    match func:
        case ast.Name(id=name):
            return within.__globals__.get(name)
        case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
            return getattr(Circumstances, attribute, None)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            owner = within.__globals__.get(name, hints.get(name))
            if isinstance(owner, ModuleType) or owner is Circumstances:
                return getattr(owner, attribute, None)
        case _:
            pass
    return None


def _bound(called: FunctionType, call: ast.Call, known: Known, within: FunctionType) -> Known:
    """The texts a call hands over, by parameter."""
    parameters = list(inspect.signature(called).parameters.values())
    method = bool(parameters) and parameters[0].name == "self"
    names = [each.name for each in parameters][method:]
    given = {
        each.name: frozenset({each.default}) for each in parameters if isinstance(each.default, str)
    }
    for name, value in zip(names, call.args, strict=False):
        given[name] = _texts(value, known, within)
    for keyword in call.keywords:
        if keyword.arg is not None:
            given[keyword.arg] = _texts(keyword.value, known, within)
    return {name: texts for name, texts in given.items() if texts}


def _argument(call: ast.Call, place: int, name: str, known: Known, within: FunctionType) -> Texts:
    value = next((each.value for each in call.keywords if each.arg == name), None)
    if value is None:
        value = call.args[place]
    if isinstance(value, ast.Attribute) and value.attr == "code":
        return frozenset()  # of a finding, or of another refusal: it is told where that is made
    return _texts(value, known, within) or frozenset({f"{{{ast.unparse(value)}}}"})


def _texts(value: ast.expr, known: Known, within: FunctionType) -> Texts:
    """The texts an expression may come to; none where that cannot be told."""
    match value:
        case ast.Constant(value=str(text)):
            return frozenset({text})
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name):
            constant = within.__globals__.get(name)
            return frozenset({constant}) if isinstance(constant, str) else frozenset()
        case ast.BoolOp(values=parts):
            return frozenset().union(*(_texts(each, known, within) for each in parts))
        case ast.IfExp(body=first, orelse=second):
            return _texts(first, known, within) | _texts(second, known, within)
        case ast.JoinedStr(values=parts):
            told = [
                _texts(each.value, known, within) or {f"{{{ast.unparse(each.value)}}}"}
                if isinstance(each, ast.FormattedValue)
                else {str(cast(ast.Constant, each).value)}
                for each in parts
            ]
            return frozenset("".join(each) for each in itertools.product(*told))
        case _:
            return frozenset()


def _assigned(node: ast.FunctionDef, given: Known, within: FunctionType) -> Known:
    """The texts a function gives names to; one that is assigned twice may stand for either."""
    found: dict[str, Texts] = {}
    for target, value in _assignments(node):
        found[target] = found.get(target, frozenset()) | _texts(value, given, within)
    return {name: texts for name, texts in found.items() if texts}


def _assignments(node: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    for each in ast.walk(node):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for one, value in zip(names, values, strict=True):
                    if isinstance(one, ast.Name):
                        yield one.id, value
            case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=values)):
                for value in values:
                    yield name, value
            case _:
                pass


def _source(function: FunctionType) -> ast.FunctionDef:
    """A function's definition, found in its module by its first line."""
    first = function.__code__.co_firstlineno
    for node in ast.walk(_tree(inspect.getsourcefile(function) or "")):
        if isinstance(node, ast.FunctionDef) and first in (
            node.lineno,
            *(each.lineno for each in node.decorator_list),
        ):
            return node
    raise LookupError(f"no source of {function.__qualname__}")


@cache
def _tree(path: str) -> ast.Module:
    with open(path, encoding="utf-8") as source:
        return ast.parse(source.read())


# --- the web -----------------------------------------------------------------------------------


def web_problems(module: str) -> Iterator[tuple[str, str, str]]:
    """Each problem a module of the web makes: status, code, and what it tells.

    Where that is an exception's own message, what the exception is for. Not those whose status or
    code is another's: a rule's, or the web framework's.
    """
    importlib.import_module(module)
    tree = _tree(inspect.getsourcefile(sys.modules[module]) or "")
    causes = dict(_causes(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="Problem"),
                args=[
                    ast.Constant(value=int(status)),
                    ast.Constant() | ast.JoinedStr() as code,
                    detail,
                    *_,
                ],
            ):
                if ast.unparse(detail) == "str(error)":
                    cause: Any = sys.modules[module]
                    for name in causes[node].split("."):
                        cause = getattr(cause, name)
                    told = " ".join((inspect.getdoc(cause) or "").split())
                else:
                    told = _shown(detail)
                yield str(status), _shown(code), told
            case _:
                pass


def _causes(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """The exception that each call stands under, in a `case X():` or an `except X:`."""
    for node in ast.walk(tree):
        match node:
            case ast.match_case(pattern=ast.MatchClass(cls=cause), body=body):
                pass
            case ast.ExceptHandler(type=ast.expr() as cause, body=body):
                pass
            case _:
                continue
        for statement in body:
            for each in ast.walk(statement):
                yield each, ast.unparse(cause)


def _shown(node: ast.expr) -> str:
    """A text as it stands in the source; what is filled in later stands in braces."""
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=parts):
            return "".join(map(_shown, parts))
        case ast.FormattedValue(value=ast.Call(func=ast.Attribute(value=value))):
            return f"{{{ast.unparse(value)}}}"
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value).rpartition('.')[2]}}}"
        case _:
            return f"{{{ast.unparse(node)}}}"

"""What decisions may come to, read from the source: facts, commands, and refusals.

A decision is followed through every function it calls of its own module and of the domain. Where a
code or a rule is put together (``f"{noun}.amount"``), the texts it may be made of are followed
too; what stays unknown is shown as ``{noun}``. tests/test_reference.py holds the result against
what happens.
"""

from __future__ import annotations

import ast
import inspect
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
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
    """The names of the facts a decision may record and of the commands it may entail, and the rules
    it may refuse by: what each of them says, by code."""

    facts: set[str] = field(default_factory=set)
    entailed: set[str] = field(default_factory=set)
    rules: dict[str, set[str]] = field(default_factory=dict)

    @property
    def codes(self) -> set[str]:
        """What it may refuse with."""
        return set(self.rules)

    def refuses(self, codes: Iterable[str], said: Iterable[str]) -> None:
        """It may refuse with these codes, and then says one of these things."""
        for code in codes:
            self.rules.setdefault(code, set()).update(each.rstrip(".") for each in said)


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
    anywhere = {**given, **_assigned(node, given, function)}
    nearest = _nearest(node, given, function)
    hints = get_type_hints(function)
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            for rule in _rules(function.__globals__.get(each.id)):
                _follow(rule, {}, found, seen)
        if not isinstance(each, ast.Call):
            continue
        called = _called(each.func, function, hints)
        known = {**anywhere, **nearest[each]}
        if called is Refused:
            found.refuses(_code(each, 0, known, function), _rule(each, known, function))
        elif called is ShiftFinding:
            said = _argument(each, None, "said", known, function)
            found.refuses(_code(each, 0, known, function), said)
        elif called is Reserve:
            found.refuses(_code(each, 2, known, function), ("must not be in use",))
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
    given = {each.name: _constant(each.default) for each in parameters}
    told = [text for value in call.args for text in _spread(value, known, within)]
    given |= dict(zip(names, told, strict=False))
    for keyword in call.keywords:
        if keyword.arg is not None:
            given[keyword.arg] = _texts(keyword.value, known, within)
    return {name: texts for name, texts in given.items() if texts}


def _spread(value: ast.expr, known: Known, within: FunctionType) -> Iterator[Texts]:
    """The texts of an argument, or of each of those that one with a star stands for."""
    match value:
        case ast.Starred(value=ast.Name(id=name)):
            yield from map(_constant, within.__globals__.get(name, ()))
        case _:
            yield _texts(value, known, within)


def _code(call: ast.Call, place: int, known: Known, within: FunctionType) -> Texts:
    """The codes a call may give; none of a finding's or of another refusal's, which are told where
    that is made."""
    value = _given(call, place, "code")
    if isinstance(value, ast.Attribute) and value.attr == "code":
        return frozenset()
    return _argument(call, place, "code", known, within)


def _rule(call: ast.Call, known: Known, within: FunctionType) -> Texts:
    """What a refusal may say: its rule, where it gives one, or else its message."""
    if _given(call, None, "rule") is not None:
        return _argument(call, None, "rule", known, within)
    return _argument(call, 1, "message", known, within)


def _argument(
    call: ast.Call, place: int | None, name: str, known: Known, within: FunctionType
) -> Texts:
    value = _given(call, place, name)
    if value is None:
        return frozenset()
    return _texts(value, known, within) or frozenset({blank(value)})


def _given(call: ast.Call, place: int | None, name: str) -> ast.expr | None:
    """What a call gives by name, or in this place."""
    named = next((each.value for each in call.keywords if each.arg == name), None)
    if named is None and place is not None and place < len(call.args):
        return call.args[place]
    return named


def _texts(value: ast.expr, known: Known, within: FunctionType) -> Texts:
    """The texts an expression may come to; none where that cannot be told."""
    match value:
        case ast.Constant(value=constant):
            return _constant(constant)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name):
            return _constant(within.__globals__.get(name))
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            owner = within.__globals__.get(name)
            named = getattr(owner, attribute, None) if isinstance(owner, ModuleType) else None
            return _constant(named)
        case ast.BoolOp(values=parts):
            return frozenset().union(*(_texts(each, known, within) for each in parts)) - {""}
        case ast.IfExp(body=first, orelse=second):
            return _texts(first, known, within) | _texts(second, known, within)
        case ast.JoinedStr(values=parts):
            told = [
                _texts(each.value, known, within) or {blank(each.value)}
                if isinstance(each, ast.FormattedValue)
                else {str(cast(ast.Constant, each).value)}
                for each in parts
            ]
            return frozenset("".join(each) for each in itertools.product(*told))
        case ast.Call(func=ast.Name(id="_spoken"), args=[name]):
            return frozenset(each.replace("_", " ") for each in _texts(name, known, within))
        case ast.BinOp(left=first, op=ast.Add(), right=second):
            both = _texts(first, known, within), _texts(second, known, within)
            return frozenset("".join(each) for each in itertools.product(*both))
        case _:
            return frozenset()


def _constant(value: object) -> Texts:
    """A constant as a text; none where it is no text, number or day."""
    told = isinstance(value, str | int | Decimal | date) and not isinstance(value, bool)
    return frozenset({str(value)}) if told else frozenset()


def blank(value: ast.expr) -> str:
    """What stands for something that is not known, in braces: its name in the source."""
    return f"{{{_named(value) or '…'}}}"


def _named(value: ast.expr | ast.comprehension) -> str:
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[inner]):
            return _named(inner)
        case ast.Call(func=ast.Name(id="str" | "map"), args=[*_, inner]):
            return _named(inner)
        case ast.Subscript(value=ast.Name(id=table), slice=key) if table.isupper():
            return _named(key)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=table)), args=[key, *_]) if (
            table.isupper()
        ):
            return _named(key)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Call(func=ast.Attribute(value=inner)):
            return _named(inner)
        case ast.Call(args=[inner, *_]) | ast.Subscript(value=inner):
            return _named(inner)
        case ast.GeneratorExp(generators=[ast.comprehension(iter=inner), *_]):
            return _named(inner)
        case _:
            return ""


def _assigned(node: ast.FunctionDef, given: Known, within: FunctionType) -> Known:
    """The texts a function gives names to; one that is assigned twice may stand for either."""
    found: dict[str, Texts] = {}
    for target, value in _assignments(node):
        found[target] = found.get(target, frozenset()) | _texts(value, given, within)
    return {name: texts for name, texts in found.items() if texts}


def _nearest(
    node: ast.FunctionDef, given: Known, within: FunctionType
) -> defaultdict[ast.Call, dict[str, Texts]]:
    """For each call the names that were given their texts right before it, in its own block or in
    one around it."""
    found: defaultdict[ast.Call, dict[str, Texts]] = defaultdict(dict)
    for outer in ast.walk(node):
        for block in (getattr(outer, name, None) for name in ("body", "orelse", "finalbody")):
            before: dict[str, Texts] = {}
            for statement in block if isinstance(block, list) else ():
                for each in ast.walk(statement):
                    if isinstance(each, ast.Call):
                        found[each] |= before
                for name, value in _assignments(statement):
                    # What is assigned further in is so only in some cases.
                    before.pop(name, None)
                    if isinstance(statement, ast.Assign) and (
                        texts := _texts(value, given, within)
                    ):
                        before[name] = texts
    return found


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for each in ast.walk(node):
        match each:
            case ast.Assign(value=ast.Constant(value=int())):
                pass  # what is counted with
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for one, value in zip(names, values, strict=True):
                    counted = isinstance(value, ast.Constant) and isinstance(value.value, int)
                    if isinstance(one, ast.Name) and not counted:
                        yield one.id, value
            case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=values)):
                for value in values:
                    yield name, value
            case _:
                pass


@cache
def _source(function: FunctionType) -> ast.FunctionDef:
    """A function's definition, found in its module by its first line."""
    defined = _definitions(inspect.getsourcefile(function) or "")
    try:
        return defined[function.__code__.co_firstlineno]
    except KeyError:
        raise LookupError(f"no source of {function.__qualname__}") from None


@cache
def _definitions(path: str) -> dict[int, ast.FunctionDef]:
    """The functions of a module, by the lines they may be said to begin on."""
    return {
        line: node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        for line in (node.lineno, *(each.lineno for each in node.decorator_list))
    }


@cache
def tree_of(path: str) -> ast.Module:
    """A file's syntax tree, read once."""
    with open(path, encoding="utf-8") as source:
        return ast.parse(source.read())

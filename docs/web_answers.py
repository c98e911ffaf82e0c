"""What the web answers beside the rules of the domain, read from the source."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from docs.answers import blank, tree_of

Said = Mapping[str, frozenset[str]]
"""What the parameters of a function may be, where all who call it say so."""


def web_problems(module: str) -> Iterator[tuple[str, str, str]]:
    """Each problem a module of the web makes: status, code, and what it tells.

    Where that is an exception's own message, what the exception is for. Not those whose status or
    code is another's: a rule's, or the web framework's.
    """
    importlib.import_module(module)
    tree = tree_of(inspect.getsourcefile(sys.modules[module]) or "")
    causes = dict(_causes(tree))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        said = _said(tree, function)
        for node in ast.walk(function):
            match node:
                case ast.Call(
                    func=ast.Name(id="Problem"),
                    args=[ast.Constant(value=int(status)), code, detail, *_],
                ):
                    if ast.unparse(detail) == "str(error)":
                        cause: Any = sys.modules[module]
                        for name in causes[node].split("."):
                            cause = getattr(cause, name)
                        told = frozenset({" ".join((inspect.getdoc(cause) or "").split())})
                    else:
                        told = _shown(detail, said)
                    for each, what in itertools.product(_codes(code, said), told):
                        yield str(status), each, what
                case _:
                    pass


def _codes(code: ast.expr, said: Said) -> frozenset[str]:
    """The codes a problem may have; none where it is that of another error."""
    match code:
        case ast.IfExp(body=first, orelse=second):
            return _shown(first, said) | _shown(second, said)
        case ast.Constant() | ast.JoinedStr():
            return _shown(code, said)
        case _:
            return frozenset()


def _said(tree: ast.Module, function: ast.FunctionDef) -> Said:
    """The texts that a module's calls of one of its functions give its parameters."""
    names = [each.arg for each in function.args.args]
    given: dict[str, set[str]] = {name: set() for name in names}
    unknown = set[str]()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == function.name:
            for name, value in zip(names, call.args, strict=False):
                if isinstance(value, ast.Constant | ast.JoinedStr):
                    given[name] |= _shown(value, {})
                else:
                    unknown.add(name)
    return {
        name: frozenset(texts) for name, texts in given.items() if texts and name not in unknown
    }


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


def _shown(node: ast.expr, said: Said) -> frozenset[str]:
    """A text as it stands in the source; what is filled in later stands in braces."""
    match node:
        case ast.Constant(value=value):
            return frozenset({str(value)})
        case ast.JoinedStr(values=parts):
            told = [_shown(each, said) for each in parts]
            return frozenset("".join(each) for each in itertools.product(*told))
        case ast.FormattedValue(value=value):
            return _shown(value, said)
        case ast.Name(id=name) if name in said:
            return said[name]
        case _:
            return frozenset({blank(node)})

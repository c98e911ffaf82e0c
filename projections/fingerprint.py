"""A read model's fingerprint: it changes exactly when its rows could come out differently.

It covers the tables, the facts folded with their versions, and the source of the folds with
whatever they use of their own package: functions, classes and constants, followed from name to
name; also functions of the domain's shared kernel, such as those of money. The source is compared
as a syntax tree without docstrings, so that comments, wording and formatting do not cause a
rebuild.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from projections.kernel import Column, ReadModel, Summary
from projections.reach import BLOCK, reaching
from projections.rows import replace

_MACHINERY: tuple[object, ...] = (ReadModel, Summary, Column, replace)
"""How models are declared and rows made says nothing about what they fold."""

_LENGTH = 16


def fingerprint_of(model: ReadModel[Any]) -> str:
    """Sixteen hexadecimal digits of the SHA-256 over all that a model's rows depend on."""
    sources = _Sources()
    for handlers in model.handlers.values():
        for handler in handlers:
            sources.follow(handler.fold)
    facts = sorted(f"{each.name} v{each.schema_version}" for each in model.handlers)
    parts = (
        *(f"{each.name} {each.sql_type} {each.nullable} {each.minor}" for each in model.columns),
        f"key {model.key}",
        f"order {model.order}",
        f"indexes {model.indexes}",
        *([f"grain {model.grain}"] if model.grain != 1 else []),
        *([f"reach {BLOCK}"] if reaching(model) else []),
        *(["closed"] if isinstance(model, Summary) and model.wide else []),
        *facts,
        *sorted(sources.seen.values()),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:_LENGTH]


class _Sources:
    """The normalised source of some functions and of everything they name in their package."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], str] = {}

    def follow(self, function: Callable[..., Any]) -> None:
        """A function wherever it is defined, also inside another one."""
        if not isinstance(function, FunctionType):
            self.seen["", repr(type(function))] = repr(type(function))
            return
        where = (function.__module__, function.__qualname__)
        if where in self.seen:
            return
        module = sys.modules.get(function.__module__)
        node = None if module is None else _function_node(module, function)
        if module is None or node is None:
            code = function.__code__  # no source (typed at a prompt): its instructions then
            self.seen[where] = f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"
            return
        self.seen[where] = _normal(node)
        self._follow_names(module, node)
        captured = inspect.getclosurevars(function).nonlocals
        for name, value in sorted(captured.items()):
            if isinstance(value, FunctionType):
                self.follow(value)
            elif isinstance(value, (str, int, frozenset, tuple, type(None))):
                self.seen[function.__qualname__, name] = repr(value)

    def _follow_names(self, module: ModuleType, node: ast.AST) -> None:
        for name, attribute in _names(node):
            value = getattr(module, name, None)
            if isinstance(value, ModuleType):
                if attribute is not None:
                    self._follow_definition(value, attribute, seen_from=module)
            else:
                self._follow_definition(module, name, seen_from=module)

    def _follow_definition(self, module: ModuleType, name: str, *, seen_from: ModuleType) -> None:
        """What a module says of one of its names; on to the next module where it is imported."""
        value = getattr(module, name, None)
        if _package(module.__name__) != _package(seen_from.__name__) and not (
            # Of the shared kernel what is computed with; the facts themselves have versions.
            _package(module.__name__) == "domain" and isinstance(value, FunctionType)
        ):
            return
        if isinstance(value, ReadModel) or any(value is each for each in _MACHINERY):
            return
        if (module.__name__, name) in self.seen:
            return
        definition = _definitions(module).get(name)
        if isinstance(definition, str):
            origin = sys.modules.get(definition)
            if origin is not None and origin is not module:
                self._follow_definition(origin, name, seen_from=module)
        elif definition is not None:
            self.seen[module.__name__, name] = _normal(definition)
            self._follow_names(module, definition)


def _package(module_name: str) -> str:
    return module_name.partition(".")[0]


@cache
def _tree(module: ModuleType) -> ast.Module:
    try:
        return ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return ast.Module(body=[], type_ignores=[])


@cache
def _definitions(module: ModuleType) -> dict[str, ast.stmt | str]:
    """What a module's top level binds: the statement, or the module a name is imported from."""
    found: dict[str, ast.stmt | str] = {}
    for statement in _tree(module).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = statement
            case ast.Assign(targets=targets):
                for target in targets:
                    for each in ast.walk(target):
                        if isinstance(each, ast.Name):
                            found[each.id] = statement
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = statement
            case ast.ImportFrom(module=str(origin), names=names, level=0):
                for each_name in names:
                    if each_name.asname in (None, each_name.name):
                        found[each_name.name] = origin
            case _:
                pass
    return found


def _function_node(module: ModuleType, function: FunctionType) -> ast.AST | None:
    """The definition of a function in its module's tree, found by name and first line."""
    first = function.__code__.co_firstlineno
    for node in ast.walk(_tree(module)):
        match node:
            case ast.FunctionDef(name=function.__name__):
                if first in {node.lineno, *(each.lineno for each in node.decorator_list)}:
                    return node
            case ast.Lambda(lineno=lineno) if function.__name__ == "<lambda>" and lineno == first:
                return node
            case _:
                pass
    return None


def _names(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """The names a piece of source reads, each with the attribute asked of it, where one is."""
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                yield name, attribute
            case ast.Name(id=name, ctx=ast.Load()):
                yield name, None
            case _:
                pass


def _normal(node: ast.AST) -> str:
    """The source of a definition without docstrings, in one spelling."""
    copy = ast.parse(ast.unparse(node))
    for each in ast.walk(copy):
        match each:
            case (
                ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
            ):
                each.body = rest or [ast.Pass()]
            case _:
                pass
    return ast.unparse(copy)

"""How operations are described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.kernel import Command
from projections.kernel import ReadModel, Summary
from web import components
from web.components import HEADERS, RATIO, said

__all__ = ["RATIO"]

OUTCOME_OF_ONE = components.OUTCOME
"""What a command answers, for those that answer more."""

ANSWERED_TO_ALL = ("401", "404", "409", "422", "429", "503")
ANSWERED_TO_COMMANDS = ("400", "403", "412", "413", "415")


def problems(*statuses: str) -> dict[str, Any]:
    """The problem documents an operation may answer with."""
    return {each: components.answer(each) for each in sorted({*ANSWERED_TO_ALL, *statuses})}


def of_command(command: type[Command]) -> dict[str, Any]:
    """A command's summary, headers and answers."""
    told = {"application/json": {"schema": components.schema("Outcome")}}
    return {
        "summary": _sentence(command),
        "description": said(command),
        "parameters": [*HEADERS],
        "responses": {
            "201": {"description": "It was recorded.", "content": told},
            "200": {"description": "It was so already, or a dry run.", "content": told},
            **problems(*ANSWERED_TO_COMMANDS),
        },
    }


def of_making(
    view: Callable[..., object], told: dict[str, Any], *statuses: str, headers: bool = False
) -> dict[str, Any]:
    """An operation of a view of its own, which records something: its docstring, what it takes of
    the `headers` of commands (that of a version aside), and its answers."""
    answer = {"application/json": {"schema": told}}
    return {
        "summary": _sentence(view),
        "description": said(view),
        "parameters": [*HEADERS] if headers else [],
        "responses": {
            "201": {"description": "It was recorded.", "content": answer},
            "200": {"description": "It was so already, or a dry run.", "content": answer},
            **problems(*ANSWERED_TO_COMMANDS, *statuses),
        },
    }


def of_foresight(command: type[Command], told: dict[str, Any]) -> dict[str, Any]:
    """What a command would do: its summary and answers."""
    content = {"application/json": {"schema": told}}
    answer = {"description": "What would come of it.", "content": content}
    return {
        "summary": f"What would come of it: {_sentence(command)}",
        "description": f"Nothing is recorded. {said(command)}",
        "responses": {"200": answer, **problems(*ANSWERED_TO_COMMANDS)},
    }


def of_list(model: ReadModel[Any]) -> dict[str, Any]:
    """A list's summary and answers."""
    order = ", ".join(f"`{each}`" for each in model.sort)
    page = {
        "type": "object",
        "required": ["items", "next", "position"],
        "properties": {
            "items": {"type": "array", "items": components.row(model)},
            "next": {
                "type": ["string", "null"],
                "description": "The address of the next page, also in the Link header.",
            },
            "position": {"type": "integer", "description": "How far the ledger is told here."},
        },
    }
    told = f"In the order of {order}{', the last first' if model.newest_first else ''}."
    return _query(
        f"{_title(model)}: {model.desk}", f"{said(model.row)}\n\n{told}", "A page.", page, "400"
    )


def of_row(model: ReadModel[Any]) -> dict[str, Any]:
    """One row's summary and answers."""
    summary = f"One of: {_title(model)}"
    return _query(summary, said(model.row), "The row.", components.row(model))


def of_summary(model: Summary[Any], through: str | None = None) -> dict[str, Any]:
    """A summary's summary and answers."""
    properties = components.columns(model, leave_out="facility_id")
    properties.pop(through or "", None)
    groups = ", ".join(f"`{each}`" for each in model.groups if each != through)
    shown = {"type": "object", "properties": properties}
    figures = {
        "type": "object",
        "required": ["items", "position"],
        "properties": {
            "items": {"type": "array", "items": shown},
            "position": {"type": "integer", "description": "How far the ledger is told here."},
        },
    }
    told = f"Sums, told apart by {groups}." if groups else "Sums."
    summary = f"{_title(model)}: {model.desk}"
    return _query(summary, f"{said(model.row)}\n\n{told}", "The sums.", figures)


def of_view(view: Callable[..., Any], schema: dict[str, Any], *statuses: str) -> dict[str, Any]:
    """What a view of its own answers to a query: its docstring, a schema, and with which statuses
    it answers besides."""
    return _query(_sentence(view), said(view), "The figures.", schema, *statuses)


def _query(
    summary: str, description: str, told: str, schema: dict[str, Any], *statuses: str
) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": description,
        "responses": {
            "200": {"description": told, "content": {"application/json": {"schema": schema}}},
            **problems("403", *statuses),
        },
    }


def _title(model: ReadModel[Any]) -> str:
    return model.name.replace("_", " ").capitalize()


def _sentence(of: Any) -> str:
    """The first sentence of a docstring."""
    told = (said(of) or of.__name__).split("\n\n", maxsplit=1)[0]
    return " ".join(told.split()).partition(". ")[0].rstrip(".")

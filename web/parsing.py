"""Reading requests: a JSON object or a query string, and nothing that only looks like one."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from web.problems import Problem, invalid


class Parser(FlaskParser):
    """Parses bodies strictly, and refuses query parameters that nobody asked for."""

    # webargs would let unknown query parameters pass; the schemas say what to do with them.
    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None}  # noqa: RUF012

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:
        if req.mimetype != "application/json":
            rule = "must be application/json"
            raise Problem(
                415,
                "body.not_json",
                "Send the body as application/json.",
                details={"field": "Content-Type", "value": req.mimetype, "rule": rule},
            )
        if (largest := getattr(schema, "largest_body", None)) is not None:
            req.max_content_length = largest
        try:
            text = req.get_data(cache=False).decode("utf-8")
            if not text.strip():
                raise Problem(400, "body.malformed", "The body is empty; send a JSON object.")
            content = json.loads(text, parse_constant=_refuse)
        except UnicodeDecodeError as error:
            raise Problem(
                400, "body.not_utf8", f"The body is not UTF-8 from byte {error.start} on."
            ) from error
        except json.JSONDecodeError as error:
            raise Problem(
                400,
                "body.malformed",
                f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            ) from error
        except (ValueError, RecursionError) as error:
            raise Problem(
                400, "body.malformed", "The body has numbers too long, or is nested too deeply."
            ) from error
        if not isinstance(content, dict):
            raise invalid({"body": ["Must be a JSON object."]})
        return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


class Desk(Blueprint):  # type: ignore[misc]
    """A blueprint that parses requests with `Parser`."""

    ARGUMENTS_PARSER = Parser()

"""What is told of input that does not parse: which field, what was given there, and the rule."""

from __future__ import annotations

from web.problems import invalid


def test_each_field_is_told_with_its_rule_and_what_was_given_there() -> None:
    problem = invalid(
        {"amount": ["Must be a decimal number."], "address": {"city": ["Must be a text."]}},
        {"amount": 12.5, "address": {"city": 1}, "kind": "hospital"},
    )
    assert problem.detail == (
        "Not accepted: amount: Must be a decimal number; address.city: Must be a text."
    )
    assert problem.extra["given"] == {"amount": 12.5, "address.city": 1}


def test_a_field_of_one_of_many_is_told_by_its_place() -> None:
    asked = {"shifts": [{"on": "2026-01-05"}, {"on": "monday"}]}
    problem = invalid({"shifts": {1: {"on": ["Must be a day."]}}}, asked)
    assert problem.extra["given"] == {"shifts.1.on": "monday"}


def test_of_what_is_missing_nothing_was_given() -> None:
    problem = invalid({"zone": ["Missing data for required field."]}, {"kind": "clinic"})
    assert problem.extra["given"] == {}


def test_what_is_long_is_shortened_and_what_is_made_of_parts_is_named() -> None:
    asked = {"text": "x" * 900, "number": 10**30, "parts": [1, 2], "whole": {"a": 1}}
    problem = invalid({name: ["No."] for name in asked}, asked)
    assert problem.extra["given"] == {
        "text": "x" * 40,
        "number": str(10**30),
        "parts": "a list of 2",
        "whole": "an object",
    }
    assert problem.detail.endswith("; and 1 more.")


def test_what_cannot_be_written_down_is_told_in_other_characters() -> None:
    asked = {"\ud800": "\udfff"}
    problem = invalid({"\ud800": ["Unknown field."]}, asked)
    assert (problem.extra["errors"], problem.extra["given"]) == ({"?": ["Unknown field."]}, {})
    assert invalid({"a": ["No."]}, {"a": "\udfff"}).extra["given"] == {"a": "?"}


def test_of_what_holds_a_secret_nothing_is_said_again() -> None:
    problem = invalid({"login": ["Must be a text."]}, {"login": 7, "passwort": "x"}, secret=True)
    assert problem.extra["given"] == {}

"""A term: the period for which an identifier or a licence stands for a facility.

A number may be granted again for a later period (a licence renewed), so that one key can have
several terms, which never overlap. Whoever has a term that was not ended holds its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from domain import rules
from domain.kernel import Circumstances, Refused

Key = tuple[str, str]
"""Who issued it (or of which kind it is), and the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A period, both days included. `ended` tells that someone ended it, before its last day."""

    key: Key
    kind: str
    valid_from: date
    valid_to: date | None
    ended: bool = False

    def overlaps(self, other: Term) -> bool:
        return (self.valid_to is None or other.valid_from <= self.valid_to) and (
            other.valid_to is None or self.valid_from <= other.valid_to
        )


Terms = tuple[Term, ...]


def held(terms: Iterable[Term], key: Key) -> Term | None:
    """The latest term of a key that nobody ended."""
    of_key = [each for each in terms if each.key == key and not each.ended]
    return max(of_key, key=lambda each: each.valid_from, default=None)


def ended(terms: Terms, key: Key, ended_on: date) -> Terms:
    """The terms after the held one of this key is ended."""
    ending = held(terms, key)
    return tuple(
        replace(each, valid_to=ended_on, ended=True) if each is ending else each for each in terms
    )


def already_so(terms: Iterable[Term], wanted: Term, code: str, at: Circumstances) -> bool:
    """Whether exactly this term is known.

    Refuses an impossible period, and with `code` one that overlaps another of the same key. A term
    may begin before its facility opened: numbers and licences are issued before a house opens.
    """
    rules.happened("facility", "valid_from", wanted.valid_from, at)
    rules.plausible("facility", "valid_to", wanted.valid_to)
    rules.in_order("facility", "valid_from", wanted.valid_from, "valid_to", wanted.valid_to)
    same = [each for each in terms if each.key == wanted.key]
    if any(replace(each, ended=False) == wanted for each in same):
        return True
    for each in same:
        if each.overlaps(wanted):
            until = "for good" if each.valid_to is None else f"until {each.valid_to}"
            rule = f"overlaps the time for which it is known: from {each.valid_from} {until}"
            raise rules.refusal(code, "valid_from", wanted.valid_from.isoformat(), rule)
    return False


def already_ended(
    terms: Iterable[Term], key: Key, ended_on: date, code: str, at: Circumstances
) -> bool:
    """Whether someone ended every term of the key.

    Refuses with `code` a key that was never held, and a day outside of the term that would end.
    """
    rules.happened("facility", "ended_on", ended_on, at)
    ending = held(terms, key)
    if ending is not None:
        rules.in_order("facility", "valid_from", ending.valid_from, "ended_on", ended_on)
        rules.in_order("facility", "ended_on", ended_on, "valid_to", ending.valid_to)
    elif not any(each.key == key for each in terms):
        raise Refused(code, f"The facility has no {key[0]} {key[1]}.", value=key[1])
    return ending is None

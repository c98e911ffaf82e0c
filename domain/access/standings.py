"""What decisions about access may know of an account."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding(Standing):
    """Whether it is open, and under which login."""

    login: str

"""The gate: may this person do this work on these days? One rule for rosters, and for claims.

What the work requires is data (`domain.workforce.credential_requirements`), what the person holds
is in the stream of their credentials. The gate is a pure function of both; it looks at the days a
credential was issued for and not at what the calendar has announced, so that it is right at every
moment, also before midnight's work is done, and for any day of the past. Whoever decides about
work consults both streams:

```python
@shifts.decides(consulting=lambda state, command: [REQUIREMENTS, credentials_of(command.staff_id)])
def plan(state, command, at):
    work = Work.shift(job=..., department_kind=..., facility_id=..., begins=..., ends=..., zone=...)
    pass_gate(work, command.staff_id, at)  # refuses where anything is in the way
```

Days are those of the facility where the work is: a license that is good until the 14th is good for
a shift that ends at midnight between the 14th and the 15th, and not for one that ends later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import Circumstances, Refused
from domain.replacing import replace
from domain.workforce.events.credential import (
    CredentialStanding,
)
from domain.workforce.events.held import (
    CredentialKind,
    CredentialTerm,
    Finding,
    FindingCode,
    HeldCredential,
    Override,
    credentials_of,
)
from domain.workforce.events.requirement import (
    REQUIREMENTS,
    Requirement,
    RequirementsStanding,
)

DAY = timedelta(days=1)

GRAVITY = tuple(FindingCode)
"""The findings as they are declared: where several credentials could do, the first is told, which
is the one that is soonest put right. A missing one is told where there is no other."""

SAID = {
    FindingCode.MISSING: "is required and not on file",
    FindingCode.UNVERIFIED: "has not been verified at its source",
    FindingCode.NOT_YET_VALID: "is not valid yet",
    FindingCode.EXPIRED: "has expired",
    FindingCode.EXPIRES_DURING: "expires during the work",
    FindingCode.SUSPENDED: "is suspended",
    FindingCode.REVOKED: "was revoked",
    FindingCode.EXCLUDED: "is excluded from federal health care programs",
}
"""What each finding says, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A piece of work: a job, in a kind of department of a facility, on days that are included."""

    job: str
    department_kind: str | None
    facility_id: UUID
    first: date
    last: date

    @classmethod
    def shift(
        cls,
        *,
        job: str,
        department_kind: str | None,
        facility_id: UUID,
        begins: datetime,
        ends: datetime,
        zone: str,
    ) -> Work:
        """A shift between two instants, of which the second is not worked any more."""
        clock = ZoneInfo(zone)
        last_moment = max(begins, ends - timedelta(microseconds=1))
        return cls(
            job=job,
            department_kind=department_kind,
            facility_id=facility_id,
            first=begins.astimezone(clock).date(),
            last=last_moment.astimezone(clock).date(),
        )


def gate(
    requirements: RequirementsStanding | None,
    credentials: CredentialStanding | None,
    work: Work,
) -> tuple[Finding, ...]:
    """Everything that is held against somebody for a piece of work, each under a stable code.

    1. Who is excluded from federal health care programs on one of the days does no work at all
       (42 CFR 1001.1901); nobody can override that.
    2. Of each requirement that is in force on one of the days, is every such day covered by a term
       that was verified, of a credential of that kind and title that is neither suspended nor
       revoked? Terms and credentials may follow upon one another.
    3. If not, the finding about the credential that comes nearest is told.
    4. An override that waives this finding at the facility on all of these days is named in it.

    Those that `refuse` are the ones without an override. None: the gate is open.
    """
    return against(required(requirements, work), credentials, work)


def against(
    required: Iterable[Requirement], credentials: CredentialStanding | None, work: Work
) -> tuple[Finding, ...]:
    """The same, by the requirements that the work is known to come under."""
    found: list[Finding] = []
    held = () if credentials is None else credentials.credentials
    if credentials is not None:
        for span in credentials.exclusions:
            if span.touches(work.first, work.last):
                on = max(span.since, work.first)
                found.append(_finding(FindingCode.EXCLUDED, None, "", None, on))
                break
    for each in required:
        first = max(work.first, each.valid_from)
        last = work.last if each.valid_to is None else min(work.last, each.valid_to)
        finding = _against(each, [one for one in held if _answers(one, each)], first, last)
        if finding is not None:
            overrides = () if credentials is None else credentials.overrides
            found.append(_waived(finding, overrides, work))
    return tuple(dict.fromkeys(found))


def refuse(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of the findings that keep somebody out."""
    return tuple(each for each in findings if each.override_id is None)


def pass_gate(work: Work, staff_id: UUID, at: Circumstances) -> tuple[Finding, ...]:
    """Let somebody through to a piece of work; what was overridden for it is given back.

    Both streams must have been consulted. Refuses with ``credential.gate_closed`` where anything is
    in the way, and tells all of it in the details, each under the code of its finding.
    """
    findings = findings_at(work, staff_id, at)
    if refusing := refuse(findings):
        raise refusal(refusing, work)
    return findings


def findings_at(work: Work, staff_id: UUID, at: Circumstances) -> tuple[Finding, ...]:
    """What the gate finds by the standings of both streams, which were consulted."""
    return gate(requirements_at(at), held_by(staff_id, at), work)


def held_by(staff_id: UUID, at: Circumstances) -> CredentialStanding | None:
    """What somebody holds, where that was consulted and there is anything."""
    credentials = at.standings.get(credentials_of(staff_id))
    return credentials if isinstance(credentials, CredentialStanding) else None


def requirements_at(at: Circumstances) -> RequirementsStanding | None:
    """What the work requires, where that was consulted and there is anything."""
    requirements = at.standings.get(REQUIREMENTS)
    return requirements if isinstance(requirements, RequirementsStanding) else None


def refusal(refusing: Sequence[Finding], work: Work) -> Refused:
    """The refusal of a piece of work, in words for people and with all that is in the way."""
    first = refusing[0]
    return Refused(
        "credential.gate_closed",
        f"{_spoken(first)} {SAID[first.code]}.",
        field="staff_id",
        work_from=work.first,
        work_to=work.last,
        findings=[
            {
                "code": each.code,
                "kind": each.kind,
                "title": each.title,
                "credential_id": each.credential_id,
                "on": each.on,
                "rule": f"{_spoken(each)} {SAID[each.code]}",
            }
            for each in refusing
        ],
    )


def required(requirements: RequirementsStanding | None, work: Work) -> Iterator[Requirement]:
    """The requirements a piece of work comes under, on one of its days at least."""
    for each in () if requirements is None else requirements.requirements:
        if (
            (each.job is None or _same(each.job, work.job))
            and each.department_kind in (None, work.department_kind)
            and each.valid_from <= work.last
            and (each.valid_to is None or work.first <= each.valid_to)
        ):
            yield each


# --- one requirement -----------------------------------------------------------------------------


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _answers(credential: HeldCredential, requirement: Requirement) -> bool:
    return credential.kind is requirement.kind and (
        not requirement.title or _same(credential.title, requirement.title)
    )


def _against(
    requirement: Requirement, candidates: Sequence[HeldCredential], first: date, last: date
) -> Finding | None:
    usable = [each for each in candidates if _taken_away(each, first, last) is None]
    if _uncovered(_terms(usable, verified=True), first, last) is None:
        return None
    kind, title = requirement.kind, requirement.title
    if not candidates:
        return _finding(FindingCode.MISSING, kind, title, None, first)
    told = [(each, *_what_is_wrong(each, first, last)) for each in candidates]
    credential, code, on = min(told, key=lambda each: GRAVITY.index(each[1]))
    return _finding(code, kind, title, credential.credential_id, on)


def _what_is_wrong(credential: HeldCredential, first: date, last: date) -> tuple[FindingCode, date]:
    if (taken := _taken_away(credential, first, last)) is not None:
        return taken
    day = _uncovered(credential.terms, first, last)
    if day is None:
        gap = _uncovered(_terms([credential], verified=True), first, last)
        return FindingCode.UNVERIFIED, gap or first
    if day > first:
        return FindingCode.EXPIRES_DURING, day
    if any(each.valid_to is not None and each.valid_to < first for each in credential.terms):
        return FindingCode.EXPIRED, day
    return FindingCode.NOT_YET_VALID, day


def _taken_away(
    credential: HeldCredential, first: date, last: date
) -> tuple[FindingCode, date] | None:
    """Whether it was revoked or suspended on one of the days, and on which first."""
    if credential.revoked_on is not None and credential.revoked_on <= last:
        return FindingCode.REVOKED, max(first, credential.revoked_on)
    for span in credential.suspensions:
        if span.touches(first, last):
            return FindingCode.SUSPENDED, max(first, span.since)
    return None


def _terms(credentials: Iterable[HeldCredential], *, verified: bool) -> list[CredentialTerm]:
    return [term for each in credentials for term in each.terms if term.verified or not verified]


def _uncovered(terms: Iterable[CredentialTerm], first: date, last: date) -> date | None:
    """The first of the days that no term covers."""
    day = first
    for term in sorted(terms, key=lambda each: each.valid_from):
        if term.valid_from > day:
            break
        if term.valid_to is None:
            return None
        day = max(day, term.valid_to + DAY)
    return day if day <= last else None


# --- findings ------------------------------------------------------------------------------------


def _finding(
    code: FindingCode, kind: CredentialKind | None, title: str, credential_id: UUID | None, on: date
) -> Finding:
    return Finding(code=code, kind=kind, title=title, credential_id=credential_id, on=on)


def _waived(finding: Finding, overrides: Iterable[Override], work: Work) -> Finding:
    for each in overrides:
        if (
            each.finding is finding.code
            and each.kind is finding.kind
            and (not each.title or _same(each.title, finding.title))
            and each.work_facility_id == work.facility_id
            and each.valid_from <= work.first
            and work.last <= each.valid_to
        ):
            return replace(finding, override_id=each.override_id)
    return finding


def _spoken(finding: Finding) -> str:
    if finding.kind is None:
        return "The person"
    kind = finding.kind.replace("_", " ")
    return f"The {kind}" if not finding.title else f"The {kind} {finding.title}"

"""The gate: who may do which work on which days, told in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.kernel import Circumstances, Refused
from domain.workforce.events.credential import CredentialStanding
from domain.workforce.events.held import (
    CredentialKind,
    CredentialTerm,
    Finding,
    FindingCode,
    HeldCredential,
    Override,
    Span,
    credentials_of,
)
from domain.workforce.events.requirement import (
    REQUIREMENTS,
    Requirement,
    RequirementsStanding,
)
from domain.workforce.gate import Work, gate, pass_gate, refuse
from tests.domain.places import HILLTOP, NURSE_BLOM, RIVERSIDE

NURSE = "registered nurse"
MARCH = date(2026, 3, 1)
THE_14TH = date(2026, 3, 14)
THE_15TH = date(2026, 3, 15)
DAY = timedelta(days=1)


def a_license(
    *terms: tuple[date, date | None], verified: bool = True, **known: object
) -> HeldCredential:
    held = HeldCredential(
        credential_id=UUID(int=1),
        kind=CredentialKind.LICENSE,
        title="RN",
        number="7A",
        issuer="Board",
        state="NY",
        terms=tuple(
            CredentialTerm(valid_from=first, valid_to=last, verified_on=first if verified else None)
            for first, last in terms
        ),
    )
    return replace(held, **known)  # type: ignore[arg-type]


GOOD_UNTIL_THE_14TH = a_license((date(2024, 1, 1), THE_14TH))
GOOD_FOR_LONG = a_license((date(2024, 1, 1), date(2027, 1, 1)))


def holding(*held: HeldCredential, **known: object) -> CredentialStanding:
    standing = CredentialStanding(
        kind="credential",
        id=credentials_of(NURSE_BLOM),
        open=True,
        status="open",
        credentials=held,
    )
    return replace(standing, **known)  # type: ignore[arg-type]


def requiring(
    *kinds: CredentialKind,
    job: str | None = NURSE,
    department_kind: str | None = None,
    title: str = "",
    since: date = date(2020, 1, 1),
    until: date | None = None,
) -> RequirementsStanding:
    return RequirementsStanding(
        kind="credential_requirements",
        id=REQUIREMENTS,
        open=True,
        status="open",
        requirements=tuple(
            Requirement(
                requirement_id=UUID(int=number),
                kind=kind,
                title=title,
                job=job,
                department_kind=department_kind,
                valid_from=since,
                valid_to=until,
            )
            for number, kind in enumerate(kinds)
        ),
    )


A_LICENSE = requiring(CredentialKind.LICENSE)


def a_shift(begins: datetime, hours: float = 12, zone: str = "America/New_York") -> Work:
    return Work.shift(
        job=NURSE,
        department_kind="emergency",
        facility_id=RIVERSIDE,
        begins=begins,
        ends=begins + timedelta(hours=hours),
        zone=zone,
    )


def on(day: date, last: date | None = None) -> Work:
    return Work(
        job=NURSE,
        department_kind="emergency",
        facility_id=RIVERSIDE,
        first=day,
        last=last or day,
    )


NIGHT_OF_THE_14TH = a_shift(datetime(2026, 3, 14, 23, 0, tzinfo=UTC))
"""From seven in the evening to seven in the morning, in New York."""


def codes(*findings: Finding) -> list[FindingCode]:
    return [each.code for each in findings]


# --- the days of the work ------------------------------------------------------------------------


def test_a_license_that_expires_in_the_middle_of_a_night_shift_refuses_it_from_midnight_on() -> (
    None
):
    (finding,) = gate(A_LICENSE, holding(GOOD_UNTIL_THE_14TH), NIGHT_OF_THE_14TH)
    assert (finding.code, finding.on) == (FindingCode.EXPIRES_DURING, THE_15TH)
    assert finding.credential_id == GOOD_UNTIL_THE_14TH.credential_id


def test_a_shift_that_ends_at_midnight_is_over_before_the_license_is() -> None:
    until_midnight = a_shift(datetime(2026, 3, 14, 20, 0, tzinfo=UTC), hours=8)
    assert (until_midnight.first, until_midnight.last) == (THE_14TH, THE_14TH)
    assert gate(A_LICENSE, holding(GOOD_UNTIL_THE_14TH), until_midnight) == ()


def test_midnight_is_that_of_the_facility_and_not_of_greenwich() -> None:
    """At two in the morning UTC on the 15th it is the evening of the 14th in New York."""
    work = a_shift(datetime(2026, 3, 15, 0, 0, tzinfo=UTC), hours=2)
    assert gate(A_LICENSE, holding(GOOD_UNTIL_THE_14TH), work) == ()
    in_utc = replace(work, first=THE_15TH, last=THE_15TH)
    assert codes(*gate(A_LICENSE, holding(GOOD_UNTIL_THE_14TH), in_utc)) == [FindingCode.EXPIRED]


def test_a_shift_that_takes_no_time_is_on_the_day_it_begins() -> None:
    assert a_shift(datetime(2026, 3, 15, 4, 0, tzinfo=UTC), hours=0).last == THE_15TH


def test_the_night_the_clocks_are_put_back_is_still_two_days() -> None:
    """13 hours by the clock on the wall; the license that ends with the first day ends in it."""
    work = a_shift(datetime(2026, 10, 31, 23, 0, tzinfo=UTC), hours=13)
    assert (work.first, work.last) == (date(2026, 10, 31), date(2026, 11, 1))


# --- what is required ----------------------------------------------------------------------------


def test_where_nothing_is_required_everybody_passes() -> None:
    assert gate(None, None, on(THE_14TH)) == ()
    assert gate(requiring(CredentialKind.LICENSE, job="pharmacist"), None, on(THE_14TH)) == ()
    elsewhere = requiring(CredentialKind.LICENSE, department_kind="surgery")
    assert gate(elsewhere, None, on(THE_14TH)) == ()


def test_a_job_is_the_same_however_it_is_written() -> None:
    shouted = requiring(CredentialKind.LICENSE, job=" Registered NURSE ")
    assert codes(*gate(shouted, None, on(THE_14TH))) == [FindingCode.MISSING]


def test_every_job_in_a_kind_of_department_may_need_something() -> None:
    everybody = requiring(CredentialKind.LIFE_SUPPORT, job=None, department_kind="emergency")
    assert codes(*gate(everybody, holding(GOOD_FOR_LONG), on(THE_14TH))) == [FindingCode.MISSING]


def test_a_requirement_holds_from_its_first_day_to_its_last() -> None:
    from_the_15th = requiring(CredentialKind.DEA, since=THE_15TH)
    assert gate(from_the_15th, None, on(THE_14TH)) == ()
    (finding,) = gate(from_the_15th, None, NIGHT_OF_THE_14TH)
    assert finding.on == THE_15TH
    until_the_14th = requiring(CredentialKind.DEA, until=THE_14TH)
    assert gate(until_the_14th, None, on(THE_15TH)) == ()
    assert codes(*gate(until_the_14th, None, NIGHT_OF_THE_14TH)) == [FindingCode.MISSING]


def test_a_requirement_may_ask_for_a_title() -> None:
    registered = requiring(CredentialKind.LICENSE, title="rn")
    assert gate(registered, holding(GOOD_FOR_LONG), on(THE_14TH)) == ()
    practical = replace(GOOD_FOR_LONG, title="LPN")
    (finding,) = gate(registered, holding(practical), on(THE_14TH))
    assert (finding.code, finding.title) == (FindingCode.MISSING, "rn")


def test_each_thing_that_is_required_is_looked_for() -> None:
    both = requiring(CredentialKind.DEA, CredentialKind.LICENSE)
    (finding,) = gate(both, holding(GOOD_FOR_LONG), on(THE_14TH))
    assert (finding.code, finding.kind) == (FindingCode.MISSING, CredentialKind.DEA)


# --- what is held --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "code", "since"),
    [
        (a_license((MARCH, None), verified=False), FindingCode.UNVERIFIED, THE_14TH),
        (a_license((THE_15TH, None)), FindingCode.NOT_YET_VALID, THE_14TH),
        (a_license((MARCH, THE_14TH - DAY)), FindingCode.EXPIRED, THE_14TH),
        (a_license((MARCH, THE_14TH)), FindingCode.EXPIRES_DURING, THE_15TH),
        (
            a_license((MARCH, None), suspensions=(Span(since=THE_15TH),)),
            FindingCode.SUSPENDED,
            THE_15TH,
        ),
        (a_license((MARCH, None), revoked_on=MARCH), FindingCode.REVOKED, THE_14TH),
    ],
    ids=lambda each: each.name.lower() if isinstance(each, FindingCode) else "",
)
def test_the_gate_says_what_is_wrong_with_a_license_and_from_when_on(
    held: HeldCredential, code: FindingCode, since: date
) -> None:
    (finding,) = gate(A_LICENSE, holding(held), NIGHT_OF_THE_14TH)
    assert (finding.code, finding.on) == (code, since)


def test_what_was_verified_and_then_renewed_covers_a_shift_over_both_terms_once_both_are() -> None:
    both = a_license((MARCH, THE_14TH), (THE_15TH, date(2028, 3, 14)))
    assert gate(A_LICENSE, holding(both), NIGHT_OF_THE_14TH) == ()
    first, second = both.terms
    not_yet = replace(both, terms=(first, replace(second, verified_on=None)))
    (finding,) = gate(A_LICENSE, holding(not_yet), NIGHT_OF_THE_14TH)
    assert (finding.code, finding.on) == (FindingCode.UNVERIFIED, THE_15TH)


def test_a_gap_between_two_terms_keeps_somebody_out_on_its_days_only() -> None:
    renewed_late = a_license((MARCH, THE_14TH), (THE_15TH + DAY, None))
    assert gate(A_LICENSE, holding(renewed_late), on(THE_14TH)) == ()
    assert codes(*gate(A_LICENSE, holding(renewed_late), on(THE_15TH))) == [FindingCode.EXPIRED]
    assert gate(A_LICENSE, holding(renewed_late), on(THE_15TH + DAY)) == ()


def test_a_suspension_that_is_over_keeps_nobody_out_after_it() -> None:
    span = Span(since=MARCH, until=THE_14TH - DAY)
    held = replace(GOOD_FOR_LONG, suspensions=(span,))
    assert gate(A_LICENSE, holding(held), on(THE_14TH)) == ()
    assert codes(*gate(A_LICENSE, holding(held), on(MARCH))) == [FindingCode.SUSPENDED]


def test_what_was_done_before_a_license_was_revoked_stands() -> None:
    held = replace(GOOD_FOR_LONG, revoked_on=THE_15TH)
    assert gate(A_LICENSE, holding(held), on(THE_14TH)) == ()
    assert codes(*gate(A_LICENSE, holding(held), NIGHT_OF_THE_14TH)) == [FindingCode.REVOKED]


def test_of_two_licenses_one_that_is_good_is_enough() -> None:
    suspended = replace(GOOD_FOR_LONG, suspensions=(Span(since=MARCH),))
    other = replace(GOOD_FOR_LONG, credential_id=UUID(int=2), state="NJ")
    assert gate(A_LICENSE, holding(suspended, other), on(THE_14TH)) == ()


def test_of_two_that_are_not_the_one_that_is_sooner_put_right_is_told() -> None:
    revoked = replace(GOOD_FOR_LONG, revoked_on=MARCH)
    unverified = a_license((MARCH, None), verified=False, credential_id=UUID(int=2))
    (finding,) = gate(A_LICENSE, holding(revoked, unverified), on(THE_14TH))
    assert (finding.code, finding.credential_id) == (FindingCode.UNVERIFIED, UUID(int=2))


def test_who_is_excluded_from_federal_programs_does_no_work_whatever_it_requires() -> None:
    excluded = holding(GOOD_FOR_LONG, exclusions=(Span(since=THE_15TH),))
    assert gate(A_LICENSE, excluded, on(THE_14TH)) == ()
    (finding,) = gate(None, excluded, NIGHT_OF_THE_14TH)
    assert (finding.code, finding.on, finding.kind) == (FindingCode.EXCLUDED, THE_15TH, None)


# --- overrides -----------------------------------------------------------------------------------

WAIVED = Override(
    override_id=UUID(int=9),
    work_facility_id=RIVERSIDE,
    finding=FindingCode.EXPIRES_DURING,
    kind=CredentialKind.LICENSE,
    title="",
    valid_from=THE_14TH,
    valid_to=THE_15TH,
)


def test_an_override_lets_somebody_through_and_is_named_in_the_finding() -> None:
    (finding,) = gate(
        A_LICENSE, holding(GOOD_UNTIL_THE_14TH, overrides=(WAIVED,)), NIGHT_OF_THE_14TH
    )
    assert finding.override_id == WAIVED.override_id
    assert refuse([finding]) == ()


@pytest.mark.parametrize(
    "otherwise",
    [
        {"finding": FindingCode.EXPIRED},
        {"kind": CredentialKind.DEA},
        {"title": "LPN"},
        {"work_facility_id": HILLTOP},
        {"valid_from": THE_15TH},
        {"valid_to": THE_14TH},
    ],
    ids=str,
)
def test_an_override_is_for_one_finding_at_one_place_and_for_all_of_the_work(
    otherwise: dict[str, object],
) -> None:
    other = replace(WAIVED, **otherwise)  # type: ignore[arg-type]
    findings = gate(A_LICENSE, holding(GOOD_UNTIL_THE_14TH, overrides=(other,)), NIGHT_OF_THE_14TH)
    assert codes(*refuse(findings)) == [FindingCode.EXPIRES_DURING]


def test_nobody_lets_through_who_is_excluded() -> None:
    waived = replace(WAIVED, finding=FindingCode.EXCLUDED)
    excluded = holding(exclusions=(Span(since=MARCH),), overrides=(waived,))
    assert codes(*refuse(gate(None, excluded, NIGHT_OF_THE_14TH))) == [FindingCode.EXCLUDED]


# --- at the gate ---------------------------------------------------------------------------------


def at_the_gate(*standings: CredentialStanding | RequirementsStanding) -> Circumstances:
    return Circumstances(datetime(2026, 3, 1, tzinfo=UTC), {each.id: each for each in standings})


def test_who_passes_the_gate_is_told_by_which_override() -> None:
    held = holding(GOOD_UNTIL_THE_14TH, overrides=(WAIVED,))
    (finding,) = pass_gate(NIGHT_OF_THE_14TH, NURSE_BLOM, at_the_gate(held, A_LICENSE))
    assert finding.override_id == WAIVED.override_id
    assert pass_gate(NIGHT_OF_THE_14TH, NURSE_BLOM, at_the_gate()) == ()


def test_who_is_kept_out_learns_all_that_is_in_the_way() -> None:
    both = requiring(CredentialKind.LICENSE, CredentialKind.LIFE_SUPPORT)
    with pytest.raises(Refused) as refused:
        pass_gate(NIGHT_OF_THE_14TH, NURSE_BLOM, at_the_gate(holding(GOOD_UNTIL_THE_14TH), both))
    assert refused.value.code == "credential.gate_closed"
    assert str(refused.value) == "The license expires during the work."
    told = refused.value.details["findings"]
    assert [(each["code"], each["rule"]) for each in told] == [  # type: ignore[attr-defined]
        ("credential.expires_during", "The license expires during the work"),
        ("credential.missing", "The life support is required and not on file"),
    ]


def test_who_is_excluded_is_told_so() -> None:
    excluded = holding(exclusions=(Span(since=MARCH),))
    titled = requiring(CredentialKind.BOARD, title="Cardiology")
    with pytest.raises(Refused) as refused:
        pass_gate(NIGHT_OF_THE_14TH, NURSE_BLOM, at_the_gate(excluded, titled))
    rules = [each["rule"] for each in refused.value.details["findings"]]  # type: ignore[attr-defined]
    assert rules == [
        "The person is excluded from federal health care programs",
        "The board Cardiology is required and not on file",
    ]


# --- whatever somebody holds ---------------------------------------------------------------------

days = strategies.integers(0, 40).map(lambda number: MARCH + timedelta(days=number))


@strategies.composite
def terms(draw: strategies.DrawFn) -> tuple[CredentialTerm, ...]:
    firsts = sorted(draw(strategies.sets(days, min_size=1, max_size=3)))
    return tuple(
        CredentialTerm(
            valid_from=first,
            valid_to=first + timedelta(days=draw(strategies.integers(0, 20))),
            verified_on=first if draw(strategies.booleans()) else None,
        )
        for first in firsts
    )


@hypothesis.given(terms(), days, strategies.integers(0, 5))
def test_the_gate_is_open_just_when_every_day_of_the_work_is_covered_by_a_verified_term(
    of: tuple[CredentialTerm, ...], first: date, more: int
) -> None:
    work = on(first, first + timedelta(days=more))
    findings = gate(A_LICENSE, holding(replace(GOOD_FOR_LONG, terms=of)), work)
    each_day = [first + timedelta(days=number) for number in range(more + 1)]
    uncovered = [
        day
        for day in each_day
        if not any(
            term.verified and term.valid_from <= day and day <= (term.valid_to or day)
            for term in of
        )
    ]
    assert bool(findings) == bool(uncovered)
    for finding in findings:
        assert finding.on in each_day


@hypothesis.given(terms(), days)
def test_work_over_two_days_is_open_just_when_each_of_them_is(
    of: tuple[CredentialTerm, ...], first: date
) -> None:
    held = holding(replace(GOOD_FOR_LONG, terms=of))
    apart = gate(A_LICENSE, held, on(first)) or gate(A_LICENSE, held, on(first + DAY))
    assert bool(gate(A_LICENSE, held, on(first, first + DAY))) == bool(apart)

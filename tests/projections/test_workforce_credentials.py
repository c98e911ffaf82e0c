"""What the medical staff office looks at agrees with itself, whatever happens to people's files."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.workforce.events.held import CredentialStatus
from projections.refold import refold
from projections.workforce import credential_figures, credential_list, expiring_credentials
from projections.workforce.credential_figures import COUNTED
from projections.workforce.expiring import next_on
from tests.domain.files import LAST_DAY, LICENSE, recorded, verified
from tests.projections.grammar import given
from tests.projections.health_system import HealthSystem


@pytest.mark.parametrize(
    ("announced", "days"), [(None, -90), (90, -60), (60, -30), (30, 1)], ids=str
)
def test_the_calendar_has_something_to_do_on_the_day_of_the_next_reminder(
    announced: int | None, days: int
) -> None:
    assert next_on(LAST_DAY, announced) == LAST_DAY + timedelta(days=days)


def test_a_verified_license_is_active_and_waits_for_its_first_reminder() -> None:
    facts = recorded(), verified()
    given(credential_list, *facts).shows(LICENSE, status=CredentialStatus.ACTIVE, ends_on=LAST_DAY)
    given(expiring_credentials, *facts).shows(LICENSE, next_on=date(2025, 12, 14), announced=None)
    given(expiring_credentials, recorded(valid_to=None)).has_only()


@hypothesis.settings(max_examples=10, deadline=None, derandomize=True, database=None)
@hypothesis.given(strategies.integers(0, 2**32))
def test_the_figures_are_those_of_the_list(seed: int) -> None:
    events = HealthSystem(seed, "workforce").lives(400).events
    rows = [each for each in refold(credential_list, events).values() if each.closed_on is None]
    expected: Counter[tuple[UUID, str, str]] = Counter()
    for row in rows:
        for figure in ("held", *COUNTED[row.status]):
            expected[row.facility_id, row.kind, figure] += 1
    told = Counter(
        {
            (row.facility_id, row.kind, each.name): getattr(row, each.name)
            for row in refold(credential_figures, events).values()
            for each in credential_figures.measures
        }
    )
    assert +told == expected
    told_of = {each.credential_id for each in refold(expiring_credentials, events).values()}
    running = {each.credential_id for each in rows if each.ends_on is not None}
    assert told_of <= running
    assert not told_of & {
        each.credential_id
        for each in rows
        if each.status in (CredentialStatus.EXPIRED, CredentialStatus.REVOKED)
    }

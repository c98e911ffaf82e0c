"""A roster that is older than the calendars of rosters has its days all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.kernel import Refused
from domain.workforce.events.roster import RosterDrafted
from domain.workforce.events.roster_calendar import RosterPeriodTaken
from domain.workforce.roster_calendar import TakePeriod
from domain.workforce.roster_publication import DraftRoster
from facilities.processes.roster_days import roster_days
from tests.domain.places import CARDIOLOGY, RIVERSIDE
from tests.domain.rostering import HILLTOPS_ROSTER, MONDAY, THE_ROSTER, Hospital
from tests.facilities.processes_grammar import sees

LAST = MONDAY + timedelta(days=27)
drafted = RosterDrafted(
    roster_id=THE_ROSTER,
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    department_kind=None,
    begins_on=MONDAY,
    ends_on=LAST,
    zone="America/New_York",
)
taking = TakePeriod(
    department_id=CARDIOLOGY,
    facility_id=RIVERSIDE,
    roster_id=THE_ROSTER,
    begins_on=MONDAY,
    ends_on=LAST,
)


def test_an_old_roster_takes_its_days_and_no_other_one_gets_them() -> None:
    sees(roster_days, drafted).sends(taking)
    hospital = Hospital()
    (taken,) = hospital.does(taking)
    assert isinstance(taken, RosterPeriodTaken)
    with pytest.raises(Refused) as refusal:
        hospital.does(
            DraftRoster(
                roster_id=HILLTOPS_ROSTER,
                facility_id=RIVERSIDE,
                department_id=CARDIOLOGY,
                begins_on=LAST,
                ends_on=LAST,
            )
        )
    assert refusal.value.code == "roster.period_taken"


def test_a_roster_that_took_its_days_when_it_was_drafted_has_them_already() -> None:
    hospital = Hospital()
    hospital.drafts(days=28)
    assert hospital.does(taking) == []

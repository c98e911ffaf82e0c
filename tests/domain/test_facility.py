"""The life of a facility."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.identifiers import IdentifierKind
from domain.kernel import Command, Release, Reserve, Standing
from domain.organization.events import (
    Address,
    FacilityClosed,
    FacilityIdentified,
    FacilityIdentifierEnded,
    FacilityKind,
    FacilityLicensed,
    FacilityLicenseEnded,
    FacilityOpened,
    FacilityRelocated,
    FacilityRenamed,
    FacilityReopened,
    FacilitySuspended,
)
from domain.organization.facility import (
    CloseFacility,
    Facility,
    OpenFacility,
    RelocateFacility,
    RenameFacility,
    ReopenFacility,
    SuspendFacility,
    facility,
)
from domain.organization.licensure import (
    EndFacilityIdentifier,
    EndFacilityLicense,
    IdentifyFacility,
    LicenseFacility,
)
from tests.domain.places import (
    AN_NPI,
    ANOTHER_NPI,
    DAY_BEFORE_NEW_YEAR,
    FAR_FUTURE,
    FEBRUARY_1,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import given

NPI, CCN, CLIA, TIN, DEA = IdentifierKind
MAIN_STREET = Address(
    lines=("1 Main Street",), city="Riverside", region="MA", postal_code="01960", country="US"
)
OLD_QUAY = replace(MAIN_STREET, lines=("7 Old Quay", "Door 2"))

opening = OpenFacility(
    facility_id=RIVERSIDE,
    legal_name="Riverside Hospital",
    kind=FacilityKind.HOSPITAL,
    address=MAIN_STREET,
    zone="America/New_York",
    opened_on=NEW_YEAR,
)
opened = FacilityOpened(
    facility_id=RIVERSIDE,
    legal_name="Riverside Hospital",
    kind=FacilityKind.HOSPITAL,
    address=MAIN_STREET,
    zone="America/New_York",
    currency="USD",
    fiscal_year_start=1,
    phone=None,
    opened_on=NEW_YEAR,
)
suspended = FacilitySuspended(facility_id=RIVERSIDE, suspended_on=FEBRUARY_1, reason="Flood")
reopened = FacilityReopened(facility_id=RIVERSIDE, reopened_on=MARCH_1, reason="Dry again")
closed = FacilityClosed(facility_id=RIVERSIDE, closed_on=FEBRUARY_1, reason="Sold")

identifying = IdentifyFacility(
    facility_id=RIVERSIDE, kind=NPI, value=AN_NPI, valid_from=date(2020, 1, 1)
)
identified = FacilityIdentified(
    facility_id=RIVERSIDE, kind=NPI, value=AN_NPI, valid_from=date(2020, 1, 1), valid_to=None
)
npi_ended = FacilityIdentifierEnded(
    facility_id=RIVERSIDE, kind=NPI, value=AN_NPI, ended_on=date(2024, 12, 31)
)
licensing = LicenseFacility(
    facility_id=RIVERSIDE,
    license_kind="Hospital",
    number="H-4711",
    issuer="MA DPH",
    valid_from=date(2024, 1, 1),
    valid_to=date(2026, 12, 31),
)
licensed = FacilityLicensed(
    facility_id=RIVERSIDE,
    license_kind="Hospital",
    number="H-4711",
    issuer="MA DPH",
    valid_from=date(2024, 1, 1),
    valid_to=date(2026, 12, 31),
)
revoking = EndFacilityLicense(
    facility_id=RIVERSIDE,
    issuer="MA DPH",
    number="H-4711",
    ended_on=date(2025, 6, 30),
    reason="Revoked",
)
revoked = FacilityLicenseEnded(
    facility_id=RIVERSIDE,
    issuer="MA DPH",
    number="H-4711",
    ended_on=date(2025, 6, 30),
    reason="Revoked",
)
npi_reserved = Reserve("npi", AN_NPI, "facility.identifier_in_use")
license_reserved = Reserve("license", "MA DPH/H-4711", "facility.license_in_use")


# --- opening -----------------------------------------------------------------------------------


def test_a_facility_opens_in_dollars_and_calendar_years_unless_told_otherwise() -> None:
    given(Facility).when(opening).records(opened)


def test_a_facility_opens_where_other_money_and_other_years_are_kept() -> None:
    abroad = replace(
        opening, currency="JPY", zone="Asia/Tokyo", fiscal_year_start=4, phone=" +81 3 1234 "
    )
    given(Facility).when(abroad).records_a(
        FacilityOpened, currency="JPY", zone="Asia/Tokyo", fiscal_year_start=4, phone="+81 3 1234"
    )


def test_a_facility_may_open_before_its_address_is_known() -> None:
    given(Facility).when(replace(opening, address=Address())).records_a(
        FacilityOpened, address=Address(lines=(), city="", region="", postal_code="", country="US")
    )


def test_a_facility_opens_once() -> None:
    given(Facility, opened).when(opening).refused("facility.already_opened")
    given(Facility, opened, closed).when(opening).refused("facility.already_opened")


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "america/new_york", "EST5EDT4", "localtime", "Factory", "../etc"]
)
def test_a_zone_nobody_knows_is_refused(zone: str) -> None:
    given(Facility).when(replace(opening, zone=zone)).refused("facility.zone", value=zone)


@pytest.mark.parametrize("currency", ["usd", "XXX", "DOLLARS", ""])
def test_a_currency_that_is_none_is_refused(currency: str) -> None:
    given(Facility).when(replace(opening, currency=currency)).refused(
        "facility.currency", field="currency", value=currency
    )


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_fiscal_year_begins_with_a_month(month: int) -> None:
    given(Facility).when(replace(opening, fiscal_year_start=month)).refused(
        "facility.fiscal_year_start", value=month
    )


@pytest.mark.parametrize(
    ("address", "code", "field"),
    [
        (replace(MAIN_STREET, lines=("a",) * 6), "facility.address_lines", "address_lines"),
        (replace(MAIN_STREET, lines=("a", "")), "facility.text", "lines"),
        (replace(MAIN_STREET, city="x" * 101), "facility.text", "city"),
        (replace(MAIN_STREET, region="\x00"), "facility.text", "region"),
        (replace(MAIN_STREET, postal_code="9" * 101), "facility.text", "postal_code"),
        (replace(MAIN_STREET, country="usa"), "facility.country", "country"),
        (replace(MAIN_STREET, country=""), "facility.country", "country"),
    ],
)
def test_an_impossible_address_is_refused(address: Address, code: str, field: str) -> None:
    given(Facility).when(replace(opening, address=address)).refused(code, field=field)


def test_a_facility_has_a_name_and_a_phone_of_some_length() -> None:
    given(Facility).when(replace(opening, legal_name=" ")).refused(
        "facility.text", field="legal_name"
    )
    given(Facility).when(replace(opening, phone="5" * 41)).refused("facility.text", field="phone")


@pytest.mark.parametrize("day", [TOMORROW_EVERYWHERE, LONG_AGO])
def test_a_facility_does_not_open_in_the_future_or_in_another_age(day: date) -> None:
    given(Facility).when(replace(opening, opened_on=day)).refused(
        "facility.date", field="opened_on"
    )


# --- name and place ----------------------------------------------------------------------------


def test_a_facility_goes_by_another_name() -> None:
    renaming = RenameFacility(
        facility_id=RIVERSIDE, legal_name=" Riverside Medical Center ", renamed_on=FEBRUARY_1
    )
    renamed = FacilityRenamed(
        facility_id=RIVERSIDE, legal_name="Riverside Medical Center", renamed_on=FEBRUARY_1
    )
    given(Facility, opened).when(renaming).records(renamed)
    given(Facility, opened, suspended).when(renaming).records(renamed)
    given(Facility, opened, renamed).when(renaming).records_nothing()


def test_a_facility_moves_and_its_zone_with_it() -> None:
    relocating = RelocateFacility(
        facility_id=RIVERSIDE, address=OLD_QUAY, zone="America/Chicago", relocated_on=FEBRUARY_1
    )
    relocated = FacilityRelocated(
        facility_id=RIVERSIDE, address=OLD_QUAY, zone="America/Chicago", relocated_on=FEBRUARY_1
    )
    given(Facility, opened).when(relocating).records(relocated)
    given(Facility, opened, relocated).when(relocating).records_nothing()
    assert given(Facility, opened, relocated).state.zone == "America/Chicago"


def test_a_facility_does_not_move_to_nowhere() -> None:
    relocating = RelocateFacility(
        facility_id=RIVERSIDE, address=OLD_QUAY, zone="Mars/Olympus", relocated_on=FEBRUARY_1
    )
    given(Facility, opened).when(relocating).refused("facility.zone")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (DAY_BEFORE_NEW_YEAR, "facility.date_order"),
        (TOMORROW_EVERYWHERE, "facility.date"),
    ],
)
def test_nothing_happens_to_a_facility_before_it_opened_or_after_today(
    day: date, code: str
) -> None:
    commands: list[Command] = [
        RenameFacility(facility_id=RIVERSIDE, legal_name="Riverside", renamed_on=day),
        RelocateFacility(facility_id=RIVERSIDE, address=OLD_QUAY, zone="UTC", relocated_on=day),
        SuspendFacility(facility_id=RIVERSIDE, suspended_on=day, reason="Flood"),
        CloseFacility(facility_id=RIVERSIDE, closed_on=day, reason="Sold"),
    ]
    for command in commands:
        given(Facility, opened).when(command).refused(code)


# --- identifiers -------------------------------------------------------------------------------


def test_an_identifier_that_is_a_facilitys_own_is_reserved_for_it() -> None:
    given(Facility, opened).when(identifying).records(npi_reserved, identified)
    for kind, value in [(CCN, "330101"), (CLIA, "05D0642827")]:
        given(Facility, opened).when(replace(identifying, kind=kind, value=value)).records(
            Reserve(kind, value, "facility.identifier_in_use"),
            replace(identified, kind=kind, value=value),
        )


@pytest.mark.parametrize(("kind", "value"), [(TIN, "123456789"), (DEA, "AB1234563")])
def test_a_corporations_number_may_stand_for_many_facilities(
    kind: IdentifierKind, value: str
) -> None:
    shared = replace(identified, kind=kind, value=value)
    ended = replace(npi_ended, kind=kind, value=value)
    given(Facility, opened).when(replace(identifying, kind=kind, value=value)).records(shared)
    given(Facility, opened, shared).when(
        EndFacilityIdentifier(
            facility_id=RIVERSIDE, kind=kind, value=value, ended_on=date(2024, 12, 31)
        )
    ).records(ended)


def test_a_facility_may_have_several_numbers_of_one_kind() -> None:
    given(Facility, opened, identified).when(replace(identifying, value=ANOTHER_NPI)).records_a(
        FacilityIdentified, value=ANOTHER_NPI
    )


def test_a_number_that_cannot_be_one_is_refused() -> None:
    given(Facility, opened).when(replace(identifying, value="1234567890")).refused(
        "facility.identifier",
        field="value",
        value="1234567890",
        rule="must be ten digits beginning with 1 or 2, with a valid check digit",
    )


def test_an_identifier_that_is_known_is_so_already() -> None:
    given(Facility, opened, identified).when(identifying).records_nothing()


until_2021 = replace(identified, valid_to=date(2021, 12, 31))


@pytest.mark.parametrize(
    ("known", "valid_from", "valid_to"),
    [
        (identified, date(2021, 1, 1), None),
        (identified, date(2019, 1, 1), date(2020, 1, 1)),
        (until_2021, date(2021, 12, 31), None),
        (until_2021, date(2019, 1, 1), None),
        (until_2021, date(2020, 6, 1), date(2020, 7, 1)),
    ],
)
def test_an_identifier_is_not_known_twice_for_one_day(
    known: FacilityIdentified, valid_from: date, valid_to: date | None
) -> None:
    again = replace(identifying, valid_from=valid_from, valid_to=valid_to)
    given(Facility, opened, known).when(again).refused("facility.identifier_known")


@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [(date(2022, 1, 1), None), (date(2018, 1, 1), date(2019, 12, 31))],
)
def test_an_identifier_that_is_held_already_may_get_another_term(
    valid_from: date, valid_to: date | None
) -> None:
    again = replace(identifying, valid_from=valid_from, valid_to=valid_to)
    given(Facility, opened, until_2021).when(again).records(
        replace(identified, valid_from=valid_from, valid_to=valid_to)
    )


def test_an_identifier_stands_for_a_possible_period() -> None:
    at = given(Facility, opened)
    at.when(replace(identifying, valid_from=TOMORROW_EVERYWHERE)).refused("facility.date")
    at.when(replace(identifying, valid_to=FAR_FUTURE)).refused("facility.date", field="valid_to")
    at.when(replace(identifying, valid_to=date(2019, 12, 31))).refused("facility.date_order")
    at.when(replace(identifying, valid_to=date(2199, 12, 31))).records_a(FacilityIdentified)


ending_npi = EndFacilityIdentifier(
    facility_id=RIVERSIDE, kind=NPI, value=AN_NPI, ended_on=date(2024, 12, 31)
)
npi_released = Release("npi", AN_NPI)


def test_an_identifier_that_ends_is_free_for_another_facility() -> None:
    given(Facility, opened, identified).when(ending_npi).records(npi_ended, npi_released)


def test_an_identifier_that_ended_may_be_held_again_later() -> None:
    again = replace(identifying, valid_from=date(2025, 1, 1))
    given(Facility, opened, identified, npi_ended).when(again).records(
        npi_reserved, replace(identified, valid_from=date(2025, 1, 1))
    )


def test_an_identifier_is_held_until_each_of_its_terms_has_ended() -> None:
    later = replace(identified, valid_from=date(2022, 1, 1))
    after_one = given(Facility, opened, until_2021, later).when(ending_npi)
    after_one.records(npi_ended)
    after_one.then().when(replace(ending_npi, ended_on=date(2021, 6, 30))).records(
        replace(npi_ended, ended_on=date(2021, 6, 30)), npi_released
    )


def test_ending_an_identifier_again_changes_nothing() -> None:
    given(Facility, opened, identified, npi_ended).when(ending_npi).records_nothing()


def test_an_identifier_that_was_never_held_cannot_end() -> None:
    given(Facility, opened).when(ending_npi).refused("facility.identifier_unknown", value=AN_NPI)


@pytest.mark.parametrize(
    ("ended_on", "code"),
    [
        (date(2019, 12, 31), "facility.date_order"),
        (date(2022, 1, 1), "facility.date_order"),
        (TOMORROW_EVERYWHERE, "facility.date"),
    ],
)
def test_an_identifier_ends_within_its_term(ended_on: date, code: str) -> None:
    given(Facility, opened, until_2021).when(replace(ending_npi, ended_on=ended_on)).refused(code)


# --- licences ----------------------------------------------------------------------------------


def test_a_licence_is_reserved_for_its_facility() -> None:
    given(Facility, opened).when(licensing).records(license_reserved, licensed)


def test_a_licence_that_is_known_is_so_already() -> None:
    given(Facility, opened, licensed).when(licensing).records_nothing()


def test_a_licence_is_renewed_under_its_number() -> None:
    valid_from, valid_to = date(2022, 1, 1), date(2023, 12, 31)
    given(Facility, opened, licensed).when(
        replace(licensing, valid_from=valid_from, valid_to=valid_to)
    ).records(replace(licensed, valid_from=valid_from, valid_to=valid_to))


def test_a_licence_is_not_known_twice_for_one_day() -> None:
    given(Facility, opened, licensed).when(replace(licensing, license_kind="Clinic")).refused(
        "facility.license_known"
    )


def test_two_authorities_may_use_the_same_number() -> None:
    given(Facility, opened, licensed).when(replace(licensing, issuer="RI DOH")).records(
        Reserve("license", "RI DOH/H-4711", "facility.license_in_use"),
        replace(licensed, issuer="RI DOH"),
    )


@pytest.mark.parametrize("field", ["license_kind", "number", "issuer"])
def test_a_licence_says_what_it_is(field: str) -> None:
    untold = replace(licensing, **{field: ""})  # type: ignore[arg-type]
    given(Facility, opened).when(untold).refused("facility.text", field=field)


def test_a_licence_that_is_revoked_is_free_again() -> None:
    given(Facility, opened, licensed).when(revoking).records(
        revoked, Release("license", "MA DPH/H-4711")
    )
    given(Facility, opened, licensed, revoked).when(revoking).records_nothing()


def test_a_licence_is_held_until_each_of_its_terms_has_ended() -> None:
    before = replace(licensed, valid_from=date(2022, 1, 1), valid_to=date(2023, 12, 31))
    given(Facility, opened, before, licensed).when(revoking).records(revoked)


def test_a_licence_nobody_has_cannot_be_revoked() -> None:
    given(Facility, opened).when(revoking).refused("facility.license_unknown", value="H-4711")


def test_a_licence_ends_for_a_reason() -> None:
    given(Facility, opened, licensed).when(replace(revoking, reason="")).refused(
        "facility.text", field="reason"
    )


# --- suspending, reopening, closing ------------------------------------------------------------

suspending = SuspendFacility(facility_id=RIVERSIDE, suspended_on=FEBRUARY_1, reason="Flood")
reopening = ReopenFacility(facility_id=RIVERSIDE, reopened_on=MARCH_1, reason="Dry again")
closing = CloseFacility(facility_id=RIVERSIDE, closed_on=FEBRUARY_1, reason="Sold")


def test_a_facility_is_suspended_and_reopens() -> None:
    given(Facility, opened).when(suspending).records(suspended)
    given(Facility, opened, suspended).when(suspending).records_nothing()
    given(Facility, opened, suspended).when(reopening).records(reopened)
    given(Facility, opened, suspended, reopened).when(reopening).records_nothing()


def test_a_facility_closes_also_while_it_is_suspended() -> None:
    given(Facility, opened).when(closing).records(closed)
    given(Facility, opened, suspended).when(closing).records(closed)
    given(Facility, opened, closed).when(closing).records_nothing()


def test_a_closed_facility_may_reopen() -> None:
    given(Facility, opened, closed).when(reopening).records(reopened)


def test_one_change_does_not_come_before_the_other() -> None:
    given(Facility, opened, suspended).when(replace(reopening, reopened_on=NEW_YEAR)).refused(
        "facility.date_order", field="reopened_on"
    )
    given(Facility, opened, suspended, reopened).when(closing).refused(
        "facility.date_order", field="closed_on"
    )


@pytest.mark.parametrize(
    ("command", "before"),
    [(suspending, [opened]), (reopening, [opened, closed]), (closing, [opened])],
)
def test_a_change_has_a_reason(
    command: SuspendFacility | ReopenFacility | CloseFacility,
    before: list[FacilityOpened | FacilityClosed],
) -> None:
    given(Facility, *before).when(replace(command, reason="")).refused(
        "facility.text", field="reason"
    )


@pytest.mark.parametrize(
    "command",
    [
        RenameFacility(facility_id=RIVERSIDE, legal_name="Riverside", renamed_on=MARCH_1),
        RelocateFacility(facility_id=RIVERSIDE, address=OLD_QUAY, zone="UTC", relocated_on=MARCH_1),
        identifying,
        licensing,
        suspending,
    ],
)
def test_nothing_about_a_closed_facility_changes(command: Command) -> None:
    given(Facility, opened, closed).when(command).refused("facility.closed")


def test_what_a_closed_facility_holds_can_still_end() -> None:
    history = (opened, identified, licensed, closed)
    given(Facility, *history).when(ending_npi).records(npi_ended, npi_released)
    given(Facility, *history).when(revoking).records_a(FacilityLicenseEnded)


# --- what others may know, and what was ---------------------------------------------------------


def standing_after(*facts: object) -> Standing:
    assert facility.standing is not None
    return facility.standing(given(Facility, *facts).state, RIVERSIDE)  # type: ignore[arg-type]


def test_a_facility_takes_new_work_only_while_it_is_open() -> None:
    assert standing_after(opened) == Standing(
        kind="facility",
        id=RIVERSIDE,
        open=True,
        status="open",
        facility_id=RIVERSIDE,
        currency="USD",
        zone="America/New_York",
    )
    assert standing_after(opened, suspended, reopened).open
    for facts, status in [((opened, suspended), "suspended"), ((opened, closed), "closed")]:
        assert (standing_after(*facts).open, standing_after(*facts).status) == (False, status)


def test_what_todays_rules_would_refuse_still_replays() -> None:
    strange = replace(opened, zone="US/Pacific-New", currency="DEM", opened_on=date(1850, 1, 1))
    overlapping = replace(identified, value="not an NPI", valid_to=date(1800, 1, 1))
    never_held = replace(npi_ended, value="never held")
    history = (strange, overlapping, identified, identified, never_held, closed, suspended)
    state = given(Facility, *history).state
    assert (state.zone, state.currency, state.status) == ("US/Pacific-New", "DEM", "suspended")
    assert state == given(Facility, *history).state

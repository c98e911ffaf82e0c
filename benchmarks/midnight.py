"""What midnight costs: a day begins at every facility, the ends of credentials are announced, and
what ran out lapses.

    make bench BENCH=midnight ARGS="--facilities 50 --credentials 30000"

A midnight like any other finds what became due since the last one; the first midnight after an
import finds all that ends within ninety days. The target is for 500 facilities and 300,000
credentials (`--full`), on a calendar that waits for the read models as it always does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid5

from benchmarks.chance import Chance
from benchmarks.measuring import Benchmark, Figures, Target, Turns, arguments
from benchmarks.servers import a_database, a_server, version_of
from domain.kernel import Fact
from domain.organization.events import Address, FacilityKind, FacilityOpened
from domain.workforce.events.credential import (
    CredentialExpiryAnnounced,
    CredentialRecorded,
    CredentialVerified,
)
from domain.workforce.events.held import (
    ANNOUNCED,
    REMINDERS,
    CredentialKind,
    CredentialStatus,
    credential_id_of,
    credentials_of,
)
from facilities.database import Database
from facilities.envelope import Attribution
from facilities.ledger import Pending
from web.bootstrap import Almoner

TODAY = date(2026, 3, 14)
MIDNIGHT = datetime(2026, 3, 14, 0, 1, tzinfo=UTC)
HELD = (CredentialKind.LICENSE, CredentialKind.LIFE_SUPPORT, CredentialKind.CERTIFICATION)
"""What each person holds."""
TERM = 730
"""Days a credential is good for: each day one of so many ends."""
NAMES = UUID("8d0e9a1e-5c55-5a32-9a5b-2f3f3f3f9d11")
BATCH = 1_000

Told = Iterator[tuple[UUID, list[Fact]]]


def beginning(facilities: int, credentials: int, announced: bool) -> Told:
    """The streams: facilities, and people's files, of which the reminders until yesterday were
    given where `announced`."""
    houses = [uuid5(NAMES, f"facility {number}") for number in range(facilities)]
    for number, each in enumerate(houses):
        yield each, [_opened(each, number)]
    for person in range(credentials // len(HELD)):
        staff_id = uuid5(NAMES, f"staff {person}")
        facts: list[Fact] = []
        for place, kind in enumerate(HELD):
            left = (person * len(HELD) + place) * 7919 % TERM
            facts += _held(staff_id, houses[person % facilities], kind, left, announced)
        yield credentials_of(staff_id), facts


def _opened(facility_id: UUID, number: int) -> FacilityOpened:
    return FacilityOpened(
        facility_id=facility_id,
        legal_name=f"Facility {number:03}",
        kind=FacilityKind.CLINIC,
        address=Address(lines=("1 Orchard Street",), city="Fenford", region="NY"),
        zone="UTC",
        currency="USD",
        fiscal_year_start=1,
        phone=None,
        opened_on=date(2020, 1, 1),
    )


def _held(
    staff_id: UUID, facility_id: UUID, kind: CredentialKind, left: int, announced: bool
) -> Iterator[Fact]:
    """A verified credential with so many days left, counted from yesterday."""
    valid_to = TODAY - timedelta(days=1) + timedelta(days=left)
    valid_from = valid_to - timedelta(days=TERM - 1)
    number = staff_id.hex[:12].upper()
    credential_id = credential_id_of(staff_id, kind, issuer="Board", number=number)
    yield CredentialRecorded(
        staff_id=staff_id,
        facility_id=facility_id,
        credential_id=credential_id,
        kind=kind,
        title="",
        number=number,
        issuer="Board",
        state=None,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    yield CredentialVerified(
        staff_id=staff_id,
        facility_id=facility_id,
        credential_id=credential_id,
        kind=kind,
        verified_on=valid_from,
        verified_by="Medical staff office",
        source="Register",
        valid_from=valid_from,
        valid_to=valid_to,
        status_before=CredentialStatus.PENDING,
        status_after=CredentialStatus.ACTIVE,
    )
    before = CredentialStatus.ACTIVE
    for days in REMINDERS if announced else ():
        if left <= days:
            yield CredentialExpiryAnnounced(
                staff_id=staff_id,
                facility_id=facility_id,
                credential_id=credential_id,
                kind=kind,
                days=days,
                valid_to=valid_to,
                announced_on=valid_to - timedelta(days=days),
                status_before=before,
                status_after=ANNOUNCED[days],
            )
            before = ANNOUNCED[days]


def fill(almoner: Almoner, told: Told) -> None:
    """Append the streams, a thousand at a time."""
    chance = Chance("midnight", 1)

    def by() -> Attribution:
        command_id = chance.id()
        return Attribution(
            actor="mailroom",
            role="service",
            command_id=command_id,
            correlation_id=command_id,
            source="import",
        )

    pending = (
        Pending(stream_id, version, fact, by())
        for stream_id, facts in told
        for version, fact in enumerate(facts, 1)
    )
    while batch := list(islice(pending, BATCH)):
        almoner.ledger.append(batch)


def midnight(database: Database) -> Figures:
    """A day begins: how long until all that is due has been told, and how many commands it took."""
    with Almoner.on(database, now=lambda: MIDNIGHT) as almoner:
        calendar = almoner.calendar()
        began = time.perf_counter()
        told = calendar.run_due()
        taken = time.perf_counter() - began
        calendar.stop()
    return {"seconds": taken, "commands": told, "per_second": told / taken}


def run(database: Database, facilities: int, credentials: int, announced: bool) -> list[Figures]:
    """A midnight, and then the same one again, which finds nothing."""
    with Almoner.on(database, now=lambda: MIDNIGHT) as almoner:
        fill(almoner, beginning(facilities, credentials, announced))
        stop, runner = threading.Event(), almoner.runner()
        follows = threading.Thread(target=runner.run_forever, args=(stop,))
        with almoner.runner() as first:
            first.run_until(almoner.ledger.head(), timeout=3600)
        follows.start()
        try:
            figures = [midnight(database), midnight(database)]
        finally:
            stop.set()
            follows.join()
            runner.close()
        assert figures[1]["commands"] == 0, "the second midnight changed something"
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--facilities", type=int, help="how many facilities there are")
    parser.add_argument("--credentials", type=int, help="how many credentials are held")
    asked = parser.parse_args()
    facilities = asked.facilities or (500 if asked.full else 50)
    credentials = asked.credentials or (300_000 if asked.full else 30_000)
    sizes = {"facilities": facilities, "credentials": credentials}
    benchmark: Benchmark | None = None
    with a_server() as server:
        for name, announced in (
            ("a midnight like any other", True),
            ("the first midnight after an import", False),
        ):
            with a_database(server, f"midnight_{announced}".lower()) as database:
                if benchmark is None:
                    on = version_of(database)
                    benchmark = Benchmark("midnight", 1, on, {**vars(asked), **sizes})
                first, again = run(database, facilities, credentials, announced)
                target = Target("midnight", of="seconds", at_most=60.0)
                turns = Turns({"midnight": [first], "the same again": [again]})
                benchmark.case(name, turns, target)
    assert benchmark is not None
    benchmark.finish()


if __name__ == "__main__":
    main()

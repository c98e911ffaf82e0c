"""A page of the denial worklist over HTTP, at a million claims: the next best hours of work.

    python -m benchmarks.denials --claims 1000000 --seconds 5

One claim in twelve is denied something and not resolved. Claims are appended as facts by the
thousand; only the models that the page needs are folded. One client asks, page after page: the
first of a facility, the first of the system, one filtered by category, and the second page.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.client import HTTPConnection
from itertools import cycle, islice
from random import Random
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from benchmarks.http import served
from benchmarks.measuring import Benchmark, Target, Turns, arguments
from benchmarks.servers import a_database, a_server, version_of
from domain.kernel import Fact
from domain.organization.events import Address, FacilityKind, FacilityOpened
from domain.revenue.events.claim import AdjustmentGroup, ClaimDrafted, ClaimType, Code
from domain.revenue.events.denial import ClaimDenied, DenialCategory
from domain.revenue.events.form import NOTHING_STATED
from facilities.database import Role as DatabaseRole
from facilities.envelope import Attribution
from facilities.ledger import Pending
from facilities.scope import Role
from facilities.service import new_id
from projections.organization import facility_directory
from projections.revenue import denial_worklist
from projections.runner import Runner
from web.bootstrap import Almoner

FACILITIES = 40
DENIED = 12
"""One claim in so many is denied."""
BATCH = 1_000
BEGAN = date(2026, 1, 1)


class Told:
    """Makes up claims and denials, always the same."""

    def __init__(self) -> None:
        self.random = Random(7)
        self.facilities = [self.id() for _ in range(FACILITIES)]
        self.payers = [self.id() for _ in range(8)]

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def opened(self) -> Iterator[tuple[UUID, int, Fact]]:
        for number, facility_id in enumerate(self.facilities):
            yield (
                facility_id,
                1,
                FacilityOpened(
                    facility_id=facility_id,
                    legal_name=f"Facility {number:02}",
                    kind=FacilityKind.HOSPITAL,
                    address=Address(lines=("1 Main Street",), city="Davfield", region="NY"),
                    phone=None,
                    zone="UTC",
                    currency="USD",
                    fiscal_year_start=1,
                    opened_on=BEGAN,
                ),
            )

    def claims(self, count: int) -> Iterator[tuple[UUID, int, Fact]]:
        for number in range(count):
            claim_id = self.id()
            facility_id = self.random.choice(self.facilities)
            payer_id = self.random.choice(self.payers)
            on = BEGAN + timedelta(days=number * 180 // count)
            yield (
                claim_id,
                1,
                ClaimDrafted(
                    claim_id=claim_id,
                    facility_id=facility_id,
                    patient_id=claim_id,
                    account_id=None,
                    payer_id=payer_id,
                    secondary_payer_id=None,
                    department_id=None,
                    rendering_staff_id=None,
                    claim_type=ClaimType.PROFESSIONAL,
                    control_number=f"D{number}",
                    diagnoses=(Code(system="ICD-10-CM", value="J45.909"),),
                    service_on=on,
                    currency="USD",
                    form=NOTHING_STATED,
                    coverage=None,
                    secondary_coverage=None,
                ),
            )
            if number % DENIED == 0:
                yield (
                    claim_id,
                    2,
                    ClaimDenied(
                        claim_id=claim_id,
                        facility_id=facility_id,
                        payer_id=payer_id,
                        currency="USD",
                        denial=1,
                        adjudication=None,
                        line=1,
                        amount=Decimal(self.random.randrange(1_000, 900_000)) / 100,
                        group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
                        reason_code="197",
                        remarks=(),
                        category=self.random.choice(list(DenialCategory)),
                        prevented_by=("authorization.missing",),
                        appeal_by=on + timedelta(days=self.random.randrange(60, 120)),
                        denied_on=on,
                    ),
                )


def fill(almoner: Almoner, told: Told, claims: int) -> None:
    """Append the facilities and so many claims, and fold what the page needs."""
    facts = iter([*told.opened()])
    by = Attribution(
        actor="bench",
        role=Role.SERVICE,
        command_id=new_id(),
        correlation_id=new_id(),
        causation_id=None,
        reason=None,
        source=None,
    )
    for source in (facts, told.claims(claims)):
        while batch := list(islice(source, BATCH)):
            almoner.ledger.append([Pending(*each, by) for each in batch])


def percentiles(url: str, token: str, paths: list[str], seconds: float) -> dict[str, float]:
    """Ask for page after page for a while; how long one takes, in milliseconds."""
    host = urlsplit(url).netloc
    connection = HTTPConnection(host)
    headers = {"Authorization": f"Bearer {token}"}
    took: list[float] = []
    until = time.monotonic() + seconds
    for path in cycle(paths):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took.append(1_000 * (time.perf_counter() - begun))
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        if time.monotonic() > until:
            break
    took.sort()
    return {
        "per_second": len(took) / seconds,
        "p50_ms": took[len(took) // 2],
        "p95_ms": took[len(took) * 95 // 100],
    }


def second_page(url: str, token: str, path: str) -> str:
    connection = HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    following = msgspec.json.decode(connection.getresponse().read())["next"]
    return str(following or path)


def run(claims: int, rounds: int, seconds: float) -> None:
    """Fill a ledger, fold the worklist, serve it, ask."""
    with a_server() as server, a_database(server) as database:
        almoner = Almoner.on(database)
        told = Told()
        fill(almoner, told, claims)
        runner = Runner(
            lambda: database.connect(DatabaseRole.PROJECTOR, application_name="almoner-runner"),
            almoner.ledger,
            (facility_directory, denial_worklist),
        )
        with runner:
            runner.run_until(almoner.ledger.head(), timeout=3600)
        _, token = almoner.tokens.create("bench", Role.SYSTEM_ADMINISTRATOR, None)
        benchmark = Benchmark(
            "denials",
            rounds=rounds,
            postgresql=version_of(database),
            asked={"claims": claims, "denied_one_in": DENIED, "seconds": seconds},
        )
        with served("ours", server.conninfo("almoner")) as url:
            system = "/api/v1/system/denials?limit=100"
            one = f"/api/v1/facilities/{told.facilities[0]}/denials?limit=100"
            paths = [system, one, f"{system}&category=authorization"]
            paths.append(second_page(url, token, system))
            percentiles(url, token, paths, 1)
            figures = [percentiles(url, token, paths, seconds) for _ in range(rounds)]
            benchmark.case(
                "a page of the denial worklist",
                Turns({"ours": figures}),
                Target("ours", of="p95_ms", at_most=20),
                Target("ours", of="p50_ms"),
            )
        almoner.close()
        benchmark.finish()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--claims", type=int, default=100_000, help="how many claims there are")
    asked = parser.parse_args()
    run(asked.claims, asked.rounds, asked.seconds)


if __name__ == "__main__":
    main()

"""The diary of a simulated system: day by day, all stories that go on that day, in mixed order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from uuid import UUID

from domain.kernel import Command
from domain.organization.events import DepartmentKind
from facilities.simulation import ordering
from facilities.simulation.absences import leaves_of_a_seat
from facilities.simulation.accounts import books_of
from facilities.simulation.claims import claims_of
from facilities.simulation.contracts import life_of_a_contract
from facilities.simulation.payers import Payers
from facilities.simulation.people import Seat, life_of_a_seat, patients_seats, seats_of
from facilities.simulation.personnel import education_of_a_seat, gate_of, grievances_at
from facilities.simulation.places import Site, life_of_a_department, life_of_a_facility
from facilities.simulation.rostering import (
    attendance_of,
    limits_of,
    loans_of,
    nursing_of,
    patients_of,
    rosters_of,
    target_of,
    terms_of,
)
from facilities.simulation.run import Run, Story
from facilities.simulation.staffing import (
    credentials_of_a_seat,
    evaluations_of_a_seat,
    position_of_a_seat,
    requirements,
)
from facilities.simulation.stock import stories_of

Errand = tuple[Command, UUID]
"""A command and its id."""


class _Teller:
    """Someone who tells a story command by command, and numbers the commands."""

    __slots__ = ("_run", "_story", "_told", "_what", "command", "day")

    def __init__(self, run: Run, story: Story, *what: object) -> None:
        self._run, self._story, self._what = run, story, what
        self._told = 0
        self.day: date | None = None
        self.goes_on()

    def goes_on(self) -> None:
        """Come to the next command; `day` is None where the story has ended."""
        self.day, self.command = next(self._story, _ENDED)

    def until(self, today: date) -> Iterator[Errand]:
        """What is told until the end of a day."""
        while self.day is not None and self.day <= today and self.command is not None:
            yield self.command, self._run.id("command", *self._what, self._told)
            self._told += 1
            self.goes_on()


_ENDED: tuple[date | None, Command | None] = (None, None)


class Diary:
    """A health system's days. What is asked of it must be asked in order: beginning, then days."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.payers = Payers.of(run)
        self.sites = [Site(run, index) for index in range(run.facilities)]
        self.seats = [seats_of(site) for site in self.sites]
        self._at_bedside = [patients_seats(seats) for seats in self.seats]
        self._due: defaultdict[date, list[_Teller]] = defaultdict(list)

    def beginning(self) -> Iterator[Errand]:
        """What has to be there first, one kind after the other."""
        lives = chain(
            ((("payer", name), story) for name, story in self.payers.stories()),
            (
                (("contract", each.name), life_of_a_contract(self.run, each, self.payers.id(each)))
                for each in self.payers.insurers
            ),
            ((("facility", site.index), life_of_a_facility(site)) for site in self.sites),
            (
                (("department", site.index, ward.code), life_of_a_department(site, ward))
                for site in self.sites
                for ward in site.wards
            ),
            (
                (("seat", seat.site.index, seat.number), life_of_a_seat(seat, self._next_to(seat)))
                for seats in self.seats
                for seat in seats
            ),
            [(("requirements",), requirements(self.run.first_day))],
            ((("books", site.index), books_of(site)) for site in self.sites),
            (
                ((what, seat.site.index, seat.number), story)
                for seats in self.seats
                for seat in seats
                for what, story in self._staffing(seat, seats)
            ),
            (
                (("shelf", site.index, code), story)
                for site in self.sites
                for code, story in stories_of(site)
            ),
            (
                ((what, site.index, *which), story)
                for site, seats in zip(self.sites, self.seats, strict=True)
                for what, which, story in self._at_work(site, seats)
            ),
            ordering.stories(self.run, self.sites, self.seats),
        )
        for what, story in lives:
            yield from self._told(_Teller(self.run, story, *what), self.run.first_day)

    def day(self, today: date) -> Iterator[Errand]:
        """What is done on a day, the facilities and their desks in mixed order."""
        tellers = self._due.pop(today, [])
        for site, seats in zip(self.sites, self._at_bedside, strict=True):
            for number, claim in enumerate(claims_of(site, seats, self.payers, today)):
                tellers.append(_Teller(self.run, claim, "claim", site.index, today, number))
        self.run.dice("order", today).shuffle(tellers)
        for teller in tellers:
            yield from self._told(teller, today)

    def _told(self, teller: _Teller, today: date) -> Iterator[Errand]:
        yield from teller.until(today)
        if teller.day is not None:
            self._due[teller.day].append(teller)

    def _staffing(self, seat: Seat, seats: Sequence[Seat]) -> Iterator[tuple[str, Story]]:
        """The stories that belong to a seat, beside of who holds it."""
        lead = next(each for each in seats if each.leads and each.ward is seat.ward)
        yield "position", position_of_a_seat(seat)
        yield "credentials", credentials_of_a_seat(seat)
        yield "evaluations", evaluations_of_a_seat(seat, lead)

    def _at_work(
        self, site: Site, seats: Sequence[Seat]
    ) -> Iterator[tuple[str, tuple[object, ...], Story]]:
        """Who is away, who works when, and what is kept about it. All of it comes last, so that
        whoever is told of is there."""
        for seat in seats:
            yield "leaves", (seat.number,), leaves_of_a_seat(seat)
            yield "education", (seat.number,), education_of_a_seat(seat)
        wards = nursing_of(site, seats)
        if wards:
            yield "limits", (), limits_of(site)
        for nursing in wards:
            code = nursing.ward.code
            for seat in nursing.seats:
                yield "terms", (seat.number,), terms_of(nursing, seat)
            yield "rosters", (code,), rosters_of(nursing)
            yield "attendance", (code,), attendance_of(nursing)
            if nursing.ward.kind is DepartmentKind.INPATIENT:
                yield "patients", (code,), patients_of(nursing)
                yield "target", (code,), target_of(nursing)
        if wards and len(self.sites) > 1:
            yield "loans", (), loans_of(wards[0], self._after(site))
        yield "grievances", (), grievances_at(site, seats)
        yield "gate", (), gate_of(site, seats)

    def _after(self, site: Site) -> Site:
        """The next facility."""
        return self.sites[(site.index + 1) % len(self.sites)]

    def _next_to(self, seat: Seat) -> Site | None:
        """Where someone may work besides: the next facility, where there is another."""
        if len(self.sites) == 1:
            return None
        return self._after(seat.site)

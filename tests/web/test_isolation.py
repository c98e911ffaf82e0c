"""One walk through every route there is, with the token of another facility.

What is walked is what the application serves: a route that is added is walked, and one whose path
names something the walk does not know fails it. The health system that is walked through is made
up, so that every list has rows of facilities that are not one's own.

What is somebody else's answers in the same words as what is not there; what is one's own names
nothing of theirs. `test_it_takes_as_long` is the same for time, as far as a class of time can tell.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import pytest

from domain.access.roles import context_of
from domain.kernel import AGGREGATES, DECISIONS, Recorded
from domain.workforce.loan import Loan
from facilities.database import Database
from facilities.envelope import Attribution
from facilities.ledger import Pending
from facilities.scope import Role
from projections.audit.state import plain
from tests.conftest import MASTERS, copied
from tests.projections.health_system import HealthSystem
from tests.web.grammar import PREFIX, Answer, Api
from web.app import CONTEXTS
from web.bootstrap import Almoner

OPEN_TO_ALL = {f"{PREFIX}/openapi.json", f"{PREFIX}/sessions"}
"""What asks for no token: the API's description, and coming in."""

SHARED = {"payer", "supplier"}
"""Things that the whole system shares: everybody may read of them."""

NOT_STREAMS = {
    "stream_id": "claim",
    "token_id": None,
    "credential_id": None,
    "override_id": None,
    "requirement_id": None,
    "patient_id": None,
}
"""Names in paths that are of no aggregate: which one's streams stand for them, if any's do."""

REFUSED = (400, 403, 404, 409, 422)

FEWEST, COMMANDS = 8, 350
ASKED_FOR = ("claim", "stock_item", "department", "staff_member")
"""What a test asks for things of others of."""
IDENTITY = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(eq=False)
class World:
    """Made-up health systems in one ledger; of each, one facility is one's own."""

    api: Api
    manager: Api
    own: frozenset[UUID]
    events: list[Recorded[Any]]
    systems: list[HealthSystem]
    told_by: dict[UUID, HealthSystem]

    @property
    def routes(self) -> Iterator[tuple[str, str]]:
        """Every method and path of the API."""
        for rule in self.api.app.url_map.iter_rules():
            is_ours = rule.rule.startswith(PREFIX) and not rule.rule.startswith(f"{PREFIX}/docs")
            if is_ours and rule.rule not in OPEN_TO_ALL:
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    yield method, rule.rule

    def named(self, place: str) -> str | None:
        """The aggregate an id in a path is of."""
        if place in NOT_STREAMS:
            return NOT_STREAMS[place]
        found = {of.name for kind, (of, _) in DECISIONS.items() if kind.stream == place}
        assert found, f"the walk does not know what {place} is: say so in NOT_STREAMS"
        return min(found)

    def streams(self, noun: str, *, own: bool) -> list[UUID]:
        """Things of a kind, of one's own facility or of others."""
        return [
            stream_id
            for system in self.systems
            for stream_id, state in system.all(noun).items()
            if state.facility_id is not None and (state.facility_id in self.own) == own
            if own or self._lent_to(state) not in self.own
            if self.told_by.get(stream_id) is system
        ]

    @staticmethod
    def _lent_to(state: Any) -> UUID | None:
        """Whom a loan is offered to, who may know of it."""
        return state.terms.borrower_id if isinstance(state, Loan) and state.terms else None

    @cache  # noqa: B019 - a world lives as long as its module's tests
    def theirs(self, path: str) -> tuple[str, str] | None:
        """A path with ids of others', and the same with ids of nothing; None where it has none."""
        places = re.findall(r"<uuid:(\w+)>", path)
        there, nowhere, foreign = path, path, False
        for place in places:
            noun = self.named(place)
            others = self.streams(noun, own=False) if noun is not None else []
            foreign |= bool(others)
            chosen = str(others[0]) if others else str(UUID(int=1))
            there = there.replace(f"<uuid:{place}>", chosen)
            nowhere = nowhere.replace(f"<uuid:{place}>", chosen if not others else str(uuid4()))
        return (there, nowhere) if foreign else None

    def foreign(self, name: str) -> UUID:
        """An id of somebody else's thing, of a kind that a member of this name can mean."""
        called = [each for each in AGGREGATES.values() if name in each.referred_to_as]
        nouns = [each.name for each in called] + [noun for noun in AGGREGATES if noun in name]
        nouns += ["staff_member"] if "staff_id" in name or name.endswith("_by") else []
        theirs = (self.streams(noun, own=False) for noun in [*nouns, "claim"])
        return next(found[0] for found in theirs if found)

    def at(self, route: str, path: str, name: str, its_id: UUID) -> str:
        """A path with another id at one of its places."""
        parts = zip(route.split("/"), path.split("/"), strict=True)
        return "/".join(str(its_id) if part == f"<uuid:{name}>" else had for part, had in parts)

    def mine(self, path: str) -> list[str]:
        """A path with ids of one's own: of each facility that is, else of one thing."""
        paths = [path]
        for place in re.findall(r"<uuid:(\w+)>", path):
            noun = self.named(place)
            found = self.streams(noun, own=True) if noun is not None else []
            chosen = found if noun == "facility" else found[:1]
            paths = [each.replace(f"<uuid:{place}>", str(one)) for each in paths for one in chosen]
        return paths

    @cache  # noqa: B019
    def secrets(self) -> frozenset[str]:
        """Ids of others' things that nothing tells of which is one's own, or shared by all."""
        told, mine = set[str](), {*map(str, self.own)}
        for event in self.events:
            text = json.dumps(plain(event.fact))
            shared = event.facility_id is None and context_of(type(event.fact)) != "access"
            if shared or event.facility_id in self.own or mine & {*IDENTITY.findall(text)}:
                told |= {str(event.stream_id), *IDENTITY.findall(text)}
        others = {
            str(event.stream_id)
            for event in self.events
            if event.facility_id is not None and event.facility_id not in self.own
        }
        return frozenset(others - told)


@pytest.fixture(scope="module")
def world(server: Database, followed: Database) -> Iterator[World]:
    """The ledger told, folded, and not written to any more."""
    systems = some_systems()
    with copied(server, followed) as copy, Almoner.on(copy, masters=MASTERS) as almoner:
        told_by: dict[UUID, HealthSystem] = {}
        for system in systems:
            pending = []
            # A thing that is called by what it is of may be in several systems: one tells of it.
            telling = [
                each
                for each in system.events
                if told_by.setdefault(each.stream_id, system) is system
            ]
            for event in telling:
                its_id = uuid4()
                by = Attribution(
                    actor="test", role="service", command_id=its_id, correlation_id=its_id
                )
                pending.append(Pending(event.stream_id, event.version, event.fact, by))
            almoner.ledger.append(pending)
        with almoner.runner() as runner:
            runner.run_until(almoner.ledger.head())
            api = Api.of(almoner)
            # In each system the busiest, so that there is something of everything.
            own = frozenset(map(busiest_of, systems))
            manager = api.as_(Role.FACILITY_MANAGER, *map(str, own))
            events = [each for system in systems for each in system.events]
            yield World(api, manager, own, events, systems, told_by)


def some_systems() -> list[HealthSystem]:
    """Systems in which others have one of each of what is asked for."""
    systems: list[HealthSystem] = []
    waiting = {*ASKED_FOR}
    while waiting or len(systems) < FEWEST:
        system = HealthSystem(len(systems)).lives(COMMANDS)
        systems.append(system)
        own = busiest_of(system)
        waiting -= {
            noun
            for noun in ASKED_FOR
            if any(each.facility_id not in (None, own) for each in system.all(noun).values())
        }
    return systems


def busiest_of(system: HealthSystem) -> UUID:
    """The facility at which most has happened."""
    return max(system.all("facility"), key=[each.facility_id for each in system.events].count)


def told(answer: Answer) -> tuple[int, str, dict[str, str]]:
    """All that an answer tells: status, words and headers."""
    headers = {name: value for name, value in answer.response.headers.items() if name != "Date"}
    return answer.response.status_code, answer.response.get_data(as_text=True), headers


def sent(api: Api, method: str, path: str, **given: Any) -> Answer:
    if method == "POST":
        given.setdefault("json", {})
    return api.send(method, path, **given)


ASKED: dict[str, dict[str, Any]] = {
    "as it is": {},
    "as it was": {"query_string": {"as_of": "40"}},
    "what is wrong": {"query_string": {"colour": "blue", "limit": "0"}},
    "a cursor of nobody's": {"query_string": {"cursor": "bm9ib2R5"}},
}


@pytest.mark.parametrize(
    "asked",
    [pytest.param(each, marks=[pytest.mark.slow] if ASKED[each] else []) for each in ASKED],
)
def test_what_is_theirs_answers_like_what_is_not_there(world: World, asked: str) -> None:
    walked, different = 0, []
    for method, route in world.routes:
        if (paths := world.theirs(route)) is None:
            continue
        there, nowhere = (sent(world.manager, method, path, **ASKED[asked]) for path in paths)
        for path, answer in zip(paths, (there, nowhere), strict=True):
            nothing = answer.response.status_code == 200 and '"items":[]' in answer.response.text
            assert nothing or answer.response.status_code in REFUSED, f"{method} {path}"
        if told(there) != told(nowhere):
            different.append((method, route, told(there), told(nowhere)))
        walked += 1
    assert not different, [each[:2] for each in different]
    assert walked > 60


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": '"1"'},
        {"If-Match": '"999"'},
        {"Idempotency-Key": "walk"},
        {"Almoner-Reason": "x"},
    ],
    ids=str,
)
def test_no_header_makes_a_difference(world: World, headers: dict[str, str]) -> None:
    head = world.api.almoner.ledger.head()
    for method, route in world.routes:
        if method == "POST" and (paths := world.theirs(route)) is not None:
            manager = world.manager.with_(**{k.replace("-", "_"): v for k, v in headers.items()})
            there, nowhere = (sent(manager, method, path) for path in paths)
            assert told(there) == told(nowhere), route
    assert world.api.almoner.ledger.head() == head


def test_a_whole_command_is_answered_alike_too(world: World) -> None:
    """Commands that would do something to others' things, as far as they can be made up."""
    head, whole = world.api.almoner.ledger.head(), 0
    for row in (row for rows in CONTEXTS.values() for row in rows if hasattr(row, "command")):
        kind = row.command
        noun = DECISIONS[kind][0].name
        if kind.creates or noun in SHARED or (paths := world.theirs(PREFIX + row.path)) is None:
            continue
        found = [
            (system, each)
            for system in world.systems
            for each in system.all(noun)
            if str(each) in paths[0] and world.told_by.get(each) is system
        ]
        if not found:
            continue  # it is named in the body
        ((system, its_id),) = found
        made = system.making.whole(kind, {kind.stream: its_id})
        places = {*re.findall(r"<uuid:(\w+)>", row.path), kind.stream}
        body = {name: value for name, value in plain(made).items() if name not in places}
        there, nowhere = (sent(world.manager, "POST", path, json=body) for path in paths)
        assert there.response.status_code in (403, 404, 422), row.path
        whole += there.response.status_code != 422
        assert told(there) == told(nowhere), row.path
    assert whole > 25
    assert world.api.almoner.ledger.head() == head


# --- ids in bodies -------------------------------------------------------------------------------

Place = tuple[str, ...]
"""Where an id stands in a body: in a member, or in a member of what is in one."""

MADE_BY_HAND: dict[tuple[str, Place], str] = {
    (f"{PREFIX}/sessions", ("grant_id",)): "test_who_has_several_grants_names_one",
    (f"{PREFIX}/me/tokens", ("facility_ids",)): "test_a_token_is_good_for_no_more_than_who_made_it",
    (f"{PREFIX}/roster-plans", ("plans", "roster_id")): (
        "test_rosters_one_may_not_plan_are_not_there_and_keep_the_others_back"
    ),
    **dict.fromkeys(
        [
            (f"{PREFIX}/rosters/<uuid:roster_id>/proposals", ("staff_ids",)),
            (f"{PREFIX}/rosters/<uuid:roster_id>/proposals", ("demand", "staff_ids")),
            (f"{PREFIX}/rosters/<uuid:roster_id>/proposals", ("preferences", "staff_id")),
        ],
        "test_a_proposal_tells_nothing_of_people_of_other_facilities",
    ),
}
"""Ids in the bodies of routes that are no commands, and the test that looks at them."""


def test_what_is_said_to_be_looked_at_elsewhere_is() -> None:
    tests = "".join(each.read_text() for each in Path(__file__).parent.glob("test_*.py"))
    assert [each for each in MADE_BY_HAND.values() if f"def {each}(" not in tests] == []


NAMED_TO_EACH_OTHER: dict[str, set[str]] = {
    # Whom stock is asked of.
    "from_facility_id": {"RequestTransfer", "ProposeTransfer"},
    # Where somebody works who is not at home there.
    "work_facility_id": {"OverrideFinding", "AskAtGate"},
    # Who comes to work where they are not at home, or is at the head of it, and who treats whom.
    "staff_id": {"ClockIn", "RecordAttendance", "AppointDepartmentHead"},
    "rendering_staff_id": {"DraftClaim", "ChargeClaim"},
    # Who answers for something: it may be somebody of the head office.
    "approver_staff_id": {"OverrideFinding"},
    "evaluator_staff_id": {"DraftEvaluation"},
    "investigator_staff_id": {"InvestigateGrievance"},
    # Who had a controlled substance in hand, and who watched: those on the shift, lent or not.
    "counted_by": {"CountControlled"},
    "issued_by": {"DispenseControlled"},
    "wasted_by": {"WasteControlled"},
    "destroyed_by": {"DestroyControlled"},
    "corrected_by": {"CorrectControlled"},
    "witnessed_by": {
        "CountControlled",
        "DispenseControlled",
        "WasteControlled",
        "DestroyControlled",
        "CorrectControlled",
    },
}
"""What one facility names of another's, by the place and the command: whoever knows such an id
learns that it is one, and nothing else of whom it is."""


@pytest.mark.slow
def test_an_id_in_a_body_answers_like_one_of_nothing_too(world: World) -> None:
    """Every id of every body, in a command that is else one's own, as a rehearsal. Whatever the
    description of the API says is an id is walked: a route that is added is too."""
    head, walked, whole = world.api.almoner.ledger.head(), set[tuple[str, Place]](), 0
    different: dict[str, set[str]] = {}
    manager = world.manager.with_(Almoner_Dry_Run="true")
    for row in (row for rows in CONTEXTS.values() for row in rows if hasattr(row, "command")):
        route, kind = PREFIX + row.path, row.command
        given = {*re.findall(r"<uuid:(\w+)>", row.path), kind.stream}
        path, body = whole_command(world, route, kind, given)
        asked: dict[Place, list[tuple[str, Any]]] = {}
        for place in ids_in(kind):
            if place[0] not in given:
                ids = world.foreign(place[-1]), uuid4()
                asked[place] = [(path, with_id(body, kind, place, each)) for each in ids]
                walked.add((route, place))
        for name in given - {"facility_id", kind.stream}:
            # Somebody else's, in an address that begins at one's own facility.
            ids = world.foreign(name), uuid4()
            asked[(name,)] = [(world.at(route, path, name, each), body) for each in ids]
        for place, sendings in asked.items():
            answers = [sent(manager, "POST", path, json=body) for path, body in sendings]
            there, nowhere = map(nameless, answers)
            if there != nowhere:
                different.setdefault(".".join(place), set()).add(kind.name)
            whole += answers[0].response.status_code in (200, 201, 409)
    learned = {
        name: commands - NAMED_TO_EACH_OTHER.get(name, set())
        for name, commands in different.items()
    }
    assert not any(learned.values()), learned
    assert whole > 50
    assert world.api.almoner.ledger.head() == head
    described = {*described_ids(world.api)} - MADE_BY_HAND.keys()
    assert described <= walked, described - walked


def ids_in(kind: Any) -> list[Place]:
    """Where in a command ids stand."""
    found: list[Place] = []
    hints = get_type_hints(kind)
    for each in fields(kind):
        part = of_what(hints[each.name])
        if part is UUID:
            found.append((each.name,))
        elif is_dataclass(part):
            inner = get_type_hints(part)
            found += [(each.name, name) for name in inner if of_what(inner[name]) is UUID]
    return found


def of_what(hint: Any) -> Any:
    """What a value is, where there may be none, one or many of it."""
    while get_origin(hint) in (Union, UnionType, tuple):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return hint


def whole_command(world: World, route: str, kind: Any, given: set[str]) -> tuple[str, Any]:
    """A command that is made up, for something of one's own where there is any, and its body."""
    noun = DECISIONS[kind][0].name
    path = next(iter(world.mine(route)), re.sub("<uuid:[a-z_]+>", str(UUID(int=1)), route))
    mine = [] if kind.creates else world.streams(noun, own=True)
    system = world.told_by[mine[0]] if mine else world.systems[0]
    if kind.derived or not (mine or kind.creates):
        made = system.making.command(kind)
    else:
        made = system.making.whole(kind, {kind.stream: mine[0] if mine else uuid4()})
    told = {} if made is None else plain(made)
    return path, {name: value for name, value in told.items() if name not in given}


def with_id(body: dict[str, Any], kind: Any, place: Place, its_id: UUID) -> dict[str, Any]:
    """A body with an id at a place."""
    name, *within = place
    value: Any = str(its_id)
    if within:
        first = body.get(name)
        part = first[0] if isinstance(first, list) and first else first
        value = {**(part if isinstance(part, dict) else {}), within[0]: value}
    hint = get_type_hints(kind)[name]
    many = any(get_origin(each) is tuple for each in (hint, *get_args(hint)))
    return {**body, name: [value] if many else value}


def nameless(answer: Answer) -> tuple[int, str]:
    """What an answer tells, whatever the ids in it are."""
    text = answer.response.get_data(as_text=True)
    return answer.response.status_code, IDENTITY.sub("...", text)


def described_ids(api: Api) -> Iterator[tuple[str, Place]]:
    """The ids that the API's description knows in bodies, by path as routes have it."""
    document = api.without_token().get("/openapi.json").json
    shapes = document["components"]["schemas"]

    def shape(one: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in one or "items" in one or "allOf" in one or "anyOf" in one:
            if "$ref" in one:
                one = shapes[one["$ref"].rpartition("/")[2]]
            else:
                one = one.get("items") or (one.get("allOf") or one["anyOf"])[0]
        return one

    for path, operations in document["paths"].items():
        if "post" not in operations or "requestBody" not in operations["post"]:
            continue
        route = re.sub(r"{(\w+)}", r"<uuid:\1>", path)
        body = shape(operations["post"]["requestBody"]["content"]["application/json"]["schema"])
        for name, one in body.get("properties", {}).items():
            part = shape(one)
            if part.get("format") == "uuid":
                yield route, (name,)
            for inner, each in part.get("properties", {}).items():
                if shape(each).get("format") == "uuid":
                    yield route, (name, inner)


OUTSIDE = {"/livez", "/readyz", "/metrics", "/shift-feeds/<string:secret>.ics"}
"""What is served beside the API: how the program is, and what a secret link shows, which is of one
person and stands for itself (`tests/web/test_rosters.py`)."""


def test_nothing_is_served_that_the_walk_does_not_know(world: World) -> None:
    walked = {route for _, route in world.routes} | OPEN_TO_ALL
    served = {each.rule for each in world.api.app.url_map.iter_rules()}
    beside = {each for each in served - walked if not each.startswith(f"{PREFIX}/docs")}
    assert beside <= OUTSIDE, beside - OUTSIDE
    somebody = world.streams("staff_member", own=False)[0]
    client = world.api.app.test_client()
    theirs, nothing = (client.get(f"/shift-feeds/{each}.ics").data for each in (somebody, uuid4()))
    assert theirs == nothing


def test_what_is_ones_own_names_nothing_of_theirs(world: World) -> None:
    """Lists, rows, sums and events of one's own facility, live, past and page by page."""
    walked, shown, half = 0, set[str](), str(world.api.almoner.ledger.head() // 2)
    for method, route in world.routes:
        if method != "GET":
            continue
        for number, path in enumerate(world.mine(route)):
            for query in ({}, {"as_of": half}, {"limit": "3"})[: 1 if number else 3]:
                for answer in pages(world.manager, path, query):
                    text = answer.response.get_data(as_text=True)
                    assert not {*IDENTITY.findall(text)} & world.secrets(), path
                    if answer.response.status_code == 200 and '"items":[]' not in text:
                        shown.add(route)
        walked += 1
    assert walked > 40
    assert len(shown) > 25, shown


def pages(api: Api, path: str, query: dict[str, str]) -> Iterator[Answer]:
    """What is answered, page by page."""
    following: str | None = path
    while following is not None:
        answer = api.send("GET", following, query_string=query or None)
        yield answer
        found = re.search(r'"next":"([^"]+)"', answer.response.get_data(as_text=True))
        following, query = (found[1] if found else None), {}


def test_a_cursor_of_theirs_opens_no_page(world: World) -> None:
    """The system's pages go on where others' rows are; with a manager's token they do not."""
    tried = 0
    for method, route in world.routes:
        if method != "GET" or not route.startswith(f"{PREFIX}/system/"):
            continue
        theirs = world.streams("facility", own=False)[0]
        there = f"{PREFIX}/facilities/{theirs}{route.removeprefix(f'{PREFIX}/system')}"
        page = world.api.send("GET", there, query_string={"limit": "1"})
        if '"next":"' not in page.response.get_data(as_text=True):
            page = world.api.send("GET", route, query_string={"limit": "1"})
        found = re.search(r'"next":"[^"]*cursor=([^"&]+)"', page.response.get_data(as_text=True))
        mine = f"{PREFIX}/facilities/{min(world.own)}{route.removeprefix(f'{PREFIX}/system')}"
        if found is None:
            continue
        asked = {"limit": "1000", "cursor": found[1]}
        answer = world.manager.send("GET", mine, query_string=asked)
        text = answer.response.get_data(as_text=True)
        assert not {*IDENTITY.findall(text)} & world.secrets(), mine
        world.manager.send("GET", route, query_string=asked).problem(404, "route.unknown")
        tried += 1
    assert tried > 8


def test_filters_by_others_ids_find_nothing(world: World) -> None:
    for noun in ASKED_FOR:
        theirs, nothing = str(world.streams(noun, own=False)[0]), str(uuid4())
        for method, route in world.routes:
            if method == "GET" and route.startswith(f"{PREFIX}/facilities/<uuid:facility_id>/"):
                path = route.replace("<uuid:facility_id>", str(min(world.own)))
                if "<" in path:
                    continue
                asked = {AGGREGATES[noun].referred_to_as[0] if AGGREGATES[noun].referred_to_as
                         else f"{noun}_id": theirs}  # fmt: skip
                there = world.manager.send("GET", path, query_string=asked)
                nowhere = world.manager.send(
                    "GET", path, query_string=dict.fromkeys(asked, nothing)
                )
                # What was asked for may be said again, and nothing else may differ.
                (was, said, _), (is_, says, _) = told(there), told(nowhere)
                assert (was, said.replace(theirs, "")) == (is_, says.replace(nothing, "")), path


def test_the_audit_of_others_things_is_the_audit_of_nothing(world: World) -> None:
    theirs = world.streams("claim", own=False)[0]
    position = next(each.position for each in world.api.almoner.ledger.stream(theirs, limit=1))
    beyond = world.api.almoner.ledger.head() + 1
    alike: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("/audit/state", {"stream": theirs}, {"stream": uuid4()}),
        ("/audit/diff", {"stream": theirs, "from": "0"}, {"stream": uuid4(), "from": "0"}),
        ("/audit/timeline", {"stream": theirs}, {"stream": uuid4()}),
        ("/audit/causes", {"position": position}, {"position": beyond}),
    ]
    others = world.streams("facility", own=False)[0]
    alike += [
        ("/audit/timeline", {"facility": others}, {"facility": uuid4()}),
        ("/audit/diff", {"facility": others, "from": "0"}, {"facility": uuid4(), "from": "0"}),
    ]
    for path, there, nowhere in alike:
        one, other = (
            world.manager.send("GET", path, query_string=each) for each in (there, nowhere)
        )
        assert told(one) == told(other), path
    whole = world.manager.send("GET", "/audit/timeline", query_string={"limit": "1000"})
    assert not {*IDENTITY.findall(whole.response.get_data(as_text=True))} & world.secrets()
    assert world.secrets()


@pytest.mark.slow
def test_it_takes_as_long(world: World) -> None:
    """The same question about what is theirs and what is not there, in turns: both are of one class
    of time. What seems to differ is looked at again, since machines are interrupted.
    """
    paths = [(method, found) for method, route in world.routes if (found := world.theirs(route))]
    for looks in (7, 25, 75):
        paths = [each for each in paths if not alike_in_time(world.manager, *each, looks)]
    assert not paths


def alike_in_time(api: Api, method: str, paths: tuple[str, str], looks: int) -> bool:
    """Whether both take as long at their quickest, which is what is done for them. What else runs
    on the machine only ever adds to that, and falls on either: a median has it in it, too.

    The turns change sides, so that neither always finds what the other has just warmed.
    """
    taken: dict[str, list[float]] = {each: [] for each in paths}
    for turn in range(looks):
        for path in paths if turn % 2 else reversed(paths):
            began = time.perf_counter()
            sent(api, method, path)
            taken[path].append(time.perf_counter() - began)
    there, nowhere = (min(taken[each]) for each in paths)
    return 1 / 2 < there / nowhere < 2

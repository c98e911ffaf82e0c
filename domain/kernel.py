"""The few words every context is written in: fact, command, decision, refusal, envelope.

* A **fact** is what happened. It is stored forever under a permanent name (``claim.paid``).
* A **state** is a frozen dataclass with ``evolve(fact) -> state``; it validates nothing.
* A **command** is what someone wants to happen.
* A **decision** is a pure function ``(state, command, at) -> facts`` that may raise `Refused`.

`Aggregate` ties the four together and is all that the rings outside need to know of a noun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import partial
from hashlib import sha1
from typing import (
    Any,
    ClassVar,
    Generic,
    NamedTuple,
    Protocol,
    Self,
    TypeVar,
    cast,
    dataclass_transform,
    get_type_hints,
    overload,
)
from uuid import UUID

# --- identities --------------------------------------------------------------------------------

_FOREIGN_NAMESPACE = UUID("6f0b1c52-2f63-5d0f-9f0e-6a1f6d1f7a51")


_RANDOM = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_5 = 0x5000 << 64 | 0x8000 << 48
"""The bits of an id that say how it was made (RFC 9562, section 4), and the others."""


def foreign_id(source: str, *their_id: object) -> UUID:
    """The stream id of something that comes from outside: the same every time it is imported.

    `source` names where it comes from (``synthea/claim``), `their_id` is how they call it there. It
    is `uuid.uuid5` in half of its time: an import makes several for each of its rows.
    """
    name = "\x1f".join([source, *map(str, their_id)])
    made = sha1(_FOREIGN_NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()
    return UUID(int=int.from_bytes(made[:16]) & _RANDOM | _VERSION_5)


# --- facts -------------------------------------------------------------------------------------


class Personal:
    """Marks a field that identifies a person: ``name: Annotated[str, PERSONAL]``."""

    __slots__ = ()


PERSONAL = Personal()


@dataclass(frozen=True, slots=True)
class AtMost:
    """How many a list of a command may hold: ``Annotated[tuple[...], AtMost(5_000)]``.

    Without it, it is what a request may hold of any list.
    """

    many: int


class Fact:
    """Something that happened, in the words of the desk it happened at. See `fact`."""

    __slots__ = ()
    name: ClassVar[str]
    schema_version: ClassVar[int]
    effective: ClassVar[str | None]
    person: ClassVar[str | None]


class Command:
    """Something a person or a process wants to happen. See `command`."""

    __slots__ = ()
    name: ClassVar[str]
    stream: ClassVar[str]
    derived: ClassVar[bool]
    creates: ClassVar[bool]


F = TypeVar("F", bound=Fact)
C = TypeVar("C", bound=Command)
S = TypeVar("S", bound="State")
T = TypeVar("T")
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

FACTS: dict[str, type[Fact]] = {}
"""Every fact ever declared, by its permanent name."""

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""How to read version n of a fact as version n + 1, by fact name and n."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(
    name: str, *, version: int = 1, effective: str | None = None, person: str | None = None
) -> Callable[[type[F]], type[F]]:
    """Declare a fact under its permanent name, ``<aggregate>.<past participle>``.

    `effective` names the field that says when it happened in the world (a date or an aware
    datetime; dots reach into a field, ``assignment.valid_from``); without one the fact is
    effective when it is recorded. `person` names the field that tells whose personal fields these
    are. Raises TypeError where a name is declared twice or a named field does not exist.
    """

    def declare(cls: type[F]) -> type[F]:
        declared = cast(type[F], dataclass(frozen=True, kw_only=True, slots=True)(cls))
        present = {each.name for each in fields(cast(Any, declared))}
        for named in (effective, person):
            if named is not None and named.partition(".")[0] not in present:
                raise TypeError(f"{name} has no field {named!r}")
        if name in FACTS:
            raise TypeError(f"two facts are called {name!r}")
        declared.name, declared.schema_version = name, version
        declared.effective, declared.person = effective, person
        FACTS[name] = declared
        return declared

    return declare


def upcaster(of: type[Fact], from_version: int) -> Callable[[Upcaster], Upcaster]:
    """Declare how stored version `from_version` of a fact reads as the next one."""

    def declare(function: Upcaster) -> Upcaster:
        UPCASTERS[of.name, from_version] = function
        return function

    return declare


class Recorded(NamedTuple, Generic[F]):
    """A fact in its envelope: where it stands in the ledger, and who, when, why and by what.

    `effective_at` is when it happened in the world, `recorded_at` when the ledger learned of it.
    A named tuple, because every event that is ever read passes through one: it is made in a
    seventh of the time of a frozen dataclass.
    """

    fact: F
    position: int
    stream_id: UUID
    version: int
    facility_id: UUID | None
    effective_at: datetime
    recorded_at: datetime
    actor: str
    role: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    reason: str | None
    source: str | None


# --- commands ----------------------------------------------------------------------------------


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(stream: str, *, creates: bool = False) -> Callable[[type[C]], type[C]]:
    """Declare a command. `stream` names the field that identifies the aggregate it is for.

    That may be a property, too, where the stream follows from other fields: a person has one stream
    of credentials, and who says whose they are need not say which stream that is.

    A command that `creates` may be given to a stream that does not exist yet; any other is
    answered with "not found" there.
    """

    def declare(cls: type[C]) -> type[C]:
        declared = cast(type[C], dataclass(frozen=True, kw_only=True, slots=True)(cls))
        derived = isinstance(getattr(cls, stream, None), property)
        if not derived and stream not in {each.name for each in fields(cast(Any, declared))}:
            raise TypeError(f"{cls.__name__} has no field {stream!r}")
        declared.name, declared.stream, declared.creates = cls.__name__, stream, creates
        declared.derived = derived
        return declared

    return declare


# --- refusals and rules ------------------------------------------------------------------------


class Refused(Exception):
    """A rule says no. Never stored; the caller learns the rule's stable code and the details.

    `code` is ``<noun>.<rule>`` and never changes; `message` is for people; `details` name the
    field, its value, the rule, and whatever else the rule looked at (see `about`).
    """

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details
        self.news: tuple[Command, ...] = ()

    def noting(self, *news: Command) -> Refused:
        """The same refusal, which is news to somebody: these commands put that on record.

        They are decided on where what was refused was meant, and one that is refused itself is
        left; nobody is kept waiting for them, and a rehearsal records none.
        """
        self.news += news
        return self

    def about(self, command: Command) -> Refused:
        """The same refusal, whose details name a field of the command, its value, and the rule.

        What its decision has named stays. Where a thing takes no such command for what it has
        become, the field is the one that names the thing (the first one, where its stream follows
        from several), and the rule is the message. Of a list its length is told.
        """
        naming = fields(cast(Any, command))[0].name if command.derived else command.stream
        named = str(self.details.get("field", naming))
        value = getattr(command, named, None)
        self.details = {
            "field": named,
            "value": len(value) if isinstance(value, tuple) else value,
            "rule": self.message,
            **self.details,
        }
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _refused, (self.code, self.message, self.details)


def _refused(code: str, message: str, details: dict[str, object]) -> Refused:
    return Refused(code, message, **details)


@dataclass(frozen=True, slots=True)
class Reserve:
    """A natural key (an NPI, a licence number) this stream wants to be the only one to hold.

    Given back among the facts of a decision; saved in the same append. Where another stream holds
    the key already, the whole command is refused with `code`.
    """

    kind: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a natural key back, so that another stream may reserve it."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Entail:
    """A command for another stream that follows from this one: both happen, or neither does.

    Given among the facts of a decision, which must record something itself. It is decided on after
    them, under the same command id, and stored in the same append; where it is refused, all of it
    is. It may entail others.
    """

    command: Command


Decided = Fact | Reserve | Release | Entail
Decision = Iterable[Decided]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What others may know of an aggregate: does it exist, does it take new work.

    `variety` is which of its kind it is (an inpatient department). An aggregate that has more to
    tell (a contract its terms, a person their credentials) publishes a subclass of it, from its
    context's events.
    """

    kind: str
    id: UUID
    open: bool
    status: str
    facility_id: UUID | None = None
    currency: str | None = None
    zone: str | None = None
    variety: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision may look at beside its own state: the time, the standing of others, and who
    gives the command."""

    now: datetime
    standings: Mapping[UUID, Standing] = field(default_factory=dict)
    actor: str = ""

    def open(
        self, kind: str, its_id: UUID, *, within: UUID | None = None, named: str | None = None
    ) -> Standing:
        """The standing of what a command refers to, in a field `named` (or ``<kind>_id``).

        Refuses with ``<kind>.unknown`` where there is no such thing (or it belongs to another
        facility than `within`) and with ``<kind>.not_open`` where it takes no new work.
        """
        standing = self.known(kind, its_id, within=within, named=named)
        if not standing.open:
            raise Refused(
                f"{kind}.not_open",
                f"The {_spoken(kind)} is {standing.status} and takes no new work.",
                field=named or f"{kind}_id",
                value=its_id,
                status=standing.status,
            )
        return standing

    def known(
        self, kind: str, its_id: UUID, *, within: UUID | None = None, named: str | None = None
    ) -> Standing:
        """Like `open`, for what may also be closed."""
        standing = self.standings.get(its_id)
        if (
            standing is None
            or standing.kind != kind
            or (within is not None and standing.facility_id not in (None, within))
        ):
            raise unknown(kind, its_id, named or f"{kind}_id", here=within is not None)
        return standing


def unknown(kind: str, its_id: UUID, named: str, *, here: bool = False) -> Refused:
    """The refusal of what names a thing that is not there (`here`: at the facility it is for)."""
    where = " at this facility" if here else ""
    return Refused(
        f"{kind}.unknown",
        f"There is no such {_spoken(kind)}{where}.",
        field=named,
        value=its_id,
    )


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")


# --- aggregates --------------------------------------------------------------------------------


class State(Protocol):
    """What an aggregate has become: a frozen dataclass, all of whose fields have defaults."""

    @property
    def facility_id(self) -> UUID | None: ...

    def evolve(self, fact: Any) -> Self: ...


Decide = Callable[[Any, Any, Circumstances], Decision]
Consult = Callable[[Any, Any], Iterable[UUID]]
"""Which streams a decision wants to know the standing of, beside those its command names."""


class Aggregate(Generic[S]):
    """A noun of the domain: its initial state, and one decision for each command it knows.

    Facts are folded by the aggregate whose name their own name begins with (``claim.paid`` by
    ``claim``). `standing` tells what others may know of it, and `referred_to_as` the fields by
    which their commands name it: such a command is decided on with its standing at hand. Who may
    not see a thing cannot name it either, unless it is `named_across` facilities.
    """

    def __init__(
        self,
        name: str,
        initial: S,
        *,
        standing: Callable[[S, UUID], Standing] | None = None,
        referred_to_as: tuple[str, ...] = (),
        named_across: bool = False,
    ) -> None:
        if name in AGGREGATES:
            raise TypeError(f"two aggregates are called {name!r}")
        self.name, self.initial = name, initial
        self.standing, self.referred_to_as = standing, referred_to_as
        self.named_across = named_across
        AGGREGATES[name] = self

    @overload
    def decides(
        self, decide: Callable[[S, C, Circumstances], Decision]
    ) -> Callable[[S, C, Circumstances], Decision]: ...

    @overload
    def decides(
        self, *, consulting: Callable[[S, C], Iterable[UUID]]
    ) -> Callable[
        [Callable[[S, C, Circumstances], Decision]], Callable[[S, C, Circumstances], Decision]
    ]: ...

    def decides(self, decide: Any = None, *, consulting: Consult | None = None) -> Any:
        """Register a decision for the command its second parameter is annotated with.

        `consulting` tells, from the state and the command, of which other streams the decision is
        to have the standing at hand, beside those that the command names. It answers for any state
        and any command, also for one that is about to be refused.
        """
        if decide is None:
            return partial(self.decides, consulting=consulting)
        wanted = list(get_type_hints(decide).items())[1][1]
        if wanted in DECISIONS:
            raise TypeError(f"two decisions answer {wanted.__name__}")
        DECISIONS[wanted] = (self, decide)
        if consulting is not None:
            CONSULTED[wanted] = consulting
        return decide

    def fold(self, facts: Iterable[Fact], state: S | None = None) -> S:
        """The state after `facts`, beginning from `state` or from nothing."""
        folded = self.initial if state is None else state
        for each in facts:
            folded = folded.evolve(each)
        return folded


AGGREGATES: dict[str, Aggregate[Any]] = {}
"""Every aggregate, by name."""

DECISIONS: dict[type[Command], tuple[Aggregate[Any], Decide]] = {}
"""Which aggregate decides on a command, and how."""

CONSULTED: dict[type[Command], Consult] = {}
"""Whose standing the decision on a command looks at, beside of what the command names."""


def aggregate_of(fact_name: str) -> Aggregate[Any]:
    """The aggregate that folds facts of this name. Raises KeyError where there is none."""
    return AGGREGATES[fact_name.partition(".")[0]]

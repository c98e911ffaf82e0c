"""What a read model is: a desk's view of what happened, as a pure fold over frozen rows.

```python
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClaim:
    facility_id: UUID
    claim_id: UUID
    service_on: date
    currency: str
    balance: Minor


open_claims = ReadModel(
    "open_claims", row=OpenClaim, key="claim_id", order="service_on", desk="billing: who owes what"
)


@open_claims.on(ClaimDrafted)
def drafted(row: OpenClaim | None, event: Recorded[ClaimDrafted]) -> OpenClaim | None:
    ...


@open_claims.on(ClaimClosed)
def closed(row: OpenClaim | None, event: Recorded[ClaimClosed]) -> OpenClaim | None:
    return None  # the row leaves the desk
```

The row type is the columns, the filters and the documentation. A fold looks at nothing but its
arguments: not at a clock, not at the database, so that folding again gives the same rows.
Returning None removes the row; returning an equal row changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import Annotated, Any, Generic, Literal, TypeVar, cast, overload

from domain.kernel import Fact, Recorded
from projections.columns import MINOR, Column, Convert, columns_of, decoder, encoder
from projections.declaring import (
    check_columns,
    check_figures,
    check_name_and_row,
    check_place,
)
from projections.rows import maker

__all__ = [
    "GRAIN",
    "MINOR",
    "Column",
    "Handler",
    "Key",
    "Measure",
    "Minor",
    "ReadModel",
    "Summary",
    "WrongRow",
]

Minor = Annotated[int, MINOR]
"""Money in minor units of the row's `currency`, which the row type then must have."""

Measure = Annotated[int, "measure"]
"""A figure of a summary that is no money: a count, a quantity. Facilities' figures are added."""

GRAIN = 200
"""How many positions a block of a summary's past has. Of the past one version a row and block is
kept, and so many events at most are folded again: more of them save space and cost time."""

R = TypeVar("R")
Key = tuple[Any, ...]
Keys = Callable[[Recorded[Any]], Key | Iterable[Key]]
Fold = Callable[[R | None, Recorded[Any]], R | None]
KeyedFold = Callable[[R | None, Recorded[Any], Key], R | None]
Tally = Callable[[R, Recorded[Any]], R]
KeyedTally = Callable[[R, Recorded[Any], Key], R]
D = TypeVar("D", bound=Callable[..., Any])

_ENVELOPE = frozenset(Recorded._fields)


class WrongRow(TypeError):
    """A fold returned something else than the row it was asked for. Names no values."""


@dataclass(frozen=True, slots=True)
class Handler:
    """One fold and the facts it answers; `keys` tells which rows a fact touches."""

    facts: tuple[type[Fact], ...]
    fold: Callable[..., Any]
    keys: Mapping[type[Fact], Callable[[Recorded[Any]], Sequence[Key]]]
    key_aware: bool


class ReadModel(Generic[R]):
    """A list for a desk: one row per key, kept in one order.

    `row` is a frozen dataclass; `key` the field (or fields) that identify a row; `order` the fields
    a list is sorted by (the key is always added), backwards where `newest_first`; `desk` says who
    looks at it, and why; `indexes` names further groups of columns that lists are often filtered
    by. A row that belongs to a facility has a ``facility_id: UUID``; a list is `local` where all
    that ever touches a row happens at its facility (a claim does not move), so that facilities can
    be folded apart from each other. A list is `lasting` where a row never leaves it, nor its place
    in the order, nor its facility, nor what is `fixed`: its rows of the past are found from those
    of now, and a fold that breaks this stalls it.

    Raises TypeError where the declaration cannot work, when it is made.
    """

    def __init__(
        self,
        name: str,
        *,
        row: type[R],
        key: str | tuple[str, ...],
        desk: str,
        order: str | tuple[str, ...] = (),
        newest_first: bool = False,
        indexes: tuple[tuple[str, ...], ...] = (),
        local: bool = False,
        lasting: bool = False,
        fixed: tuple[str, ...] = (),
    ) -> None:
        self.name, self.row, self.desk, self.newest_first = name, row, desk, newest_first
        self.key = (key,) if isinstance(key, str) else key
        self.order = (order,) if isinstance(order, str) else order
        self.indexes, self.local, self.grain = indexes, local, 1
        self.lasting, self.fixed = lasting, fixed
        check_name_and_row(name, row)
        self.columns = columns_of(row)
        self.column = {each.name: each for each in self.columns}
        check_columns(self)
        self.handlers: dict[type[Fact], tuple[Handler, ...]] = {}
        self._encode = _changing(map(encoder, self.columns))
        self._decode = _changing(map(decoder, self.columns))
        self._make: Callable[..., R] = maker(cast(Any, row))
        self.fields_of = _tuple_getter(tuple(self.column))
        self._key, self._unchanging = _tuple_getter(self.key), _tuple_getter(self.unchanging)
        self._holds = lasting and {*self.unchanging} != {*self.key}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def scoped(self) -> bool:
        """Whether rows belong to facilities (a directory of payers belongs to the system)."""
        return "facility_id" in self.column

    @property
    def sort(self) -> tuple[str, ...]:
        """The columns that put every row in exactly one place: `order`, then the key."""
        return tuple(dict.fromkeys((*self.order, *self.key)))

    @property
    def unchanging(self) -> tuple[str, ...]:
        """The columns of a lasting list that stay as they are: where a row stands, whose it is,
        and what is fixed."""
        whose = ("facility_id",) if self.scoped else ()
        return tuple(dict.fromkeys((*self.sort, *whose, *self.fixed)))

    @cached_property
    def fingerprint(self) -> str:
        """Changes when the tables or the folds do, and not with comments or formatting."""
        from projections.fingerprint import fingerprint_of

        return fingerprint_of(self)

    # --- declaring ------------------------------------------------------------------------------

    @overload
    def on(
        self, *facts: type[Fact], key: Keys | None = None, key_aware: Literal[False] = False
    ) -> Callable[[Fold[R]], Fold[R]]: ...

    @overload
    def on(
        self, *facts: type[Fact], key: Keys | None = None, key_aware: Literal[True]
    ) -> Callable[[KeyedFold[R]], KeyedFold[R]]: ...

    def on(
        self, *facts: type[Fact], key: Keys | None = None, key_aware: bool = False
    ) -> Callable[[Any], Any]:
        """Fold these facts: ``fold(row or None, event) -> row or None``.

        `key` tells which row, or which rows, an event touches; without it each field of the key is
        read from the fact, else from the envelope. With `key_aware` the fold is given the key as a
        third argument. Several folds of one fact run in the order they are declared in.
        """
        keys = {each: self._keys_for(each, key) for each in facts}

        def declare(fold: D) -> D:
            handler = Handler(facts, fold, keys, key_aware)
            for each in facts:
                check_place(self, each)
                self.handlers[each] = (*self.handlers.get(each, ()), handler)
            self.__dict__.pop("fingerprint", None)
            return fold

        return declare

    def _keys_for(
        self, fact: type[Fact], given: Keys | None
    ) -> Callable[[Recorded[Any]], Sequence[Key]]:
        wide = len(self.key)
        if given is None:
            own = {each.name for each in fields(cast(Any, fact))}
            missing = [name for name in self.key if name not in own | _ENVELOPE]
            if missing:
                raise TypeError(f"{self.name}: {fact.name} does not tell {', '.join(missing)}")
            paths = [f"fact.{name}" if name in own else name for name in self.key]
            if wide == 1:
                read_one = attrgetter(paths[0])

                def told_one(event: Recorded[Any]) -> Sequence[Key]:
                    value = read_one(event)
                    if value is None:
                        raise self._incomplete()
                    return ((value,),)

                return told_one
            read = attrgetter(*paths)

            def told(event: Recorded[Any]) -> Sequence[Key]:
                return (self._complete(read(event)),)

            return told

        def asked(event: Recorded[Any]) -> Sequence[Key]:
            answer = given(event)
            if isinstance(answer, tuple) and answer and not isinstance(answer[0], tuple):
                return (self._complete(answer),)
            return tuple(dict.fromkeys(self._complete(each) for each in answer))

        return asked

    def _complete(self, key: Key) -> Key:
        if len(key) != len(self.key):
            raise self._incomplete()
        for each in key:
            if each is None:
                raise self._incomplete()
        return key

    def _incomplete(self) -> WrongRow:
        return WrongRow(f"{self.name}: a key of {len(self.key)} present values is needed")

    # --- folding --------------------------------------------------------------------------------

    def touches(self, event: Recorded[Any]) -> list[tuple[Key, Handler]]:
        """Which rows an event touches and by which folds, in the order they are to run."""
        kind = type(event.fact)
        return [
            (key, handler)
            for handler in self.handlers.get(kind, ())
            for key in handler.keys[kind](event)
        ]

    def start(self, key: Key) -> R | None:  # noqa: ARG002 - a summary starts from its key
        """What a fold begins with where there is no row yet."""
        return None

    def folded(self, row: R | None, event: Recorded[Any], key: Key, handler: Handler) -> R | None:
        """The row after one fold. Raises `WrongRow` where the fold answers with another row."""
        after = handler.fold(row, event, key) if handler.key_aware else handler.fold(row, event)
        if after is None:
            if self.lasting and row is not None:
                raise WrongRow(f"{self.name}: what is lasting stays, its fold returns a row")
            return None
        if type(after) is not self.row or self._key(after) != key:
            raise WrongRow(f"{self.name}: a fold returned another row than the one of its key")
        if self._holds and row is not None and self._unchanging(after) != self._unchanging(row):
            raise WrongRow(f"{self.name}: what is lasting stays in its place, and what is fixed")
        return after

    def keeps(self, since: int, until: int) -> bool:
        """Whether a version that stood from one position to another is kept as a closed one: where
        it stood at the end of a block of `grain` positions. A list's grain is 1: it keeps them all.
        """
        return (since - 1) // self.grain != (until - 1) // self.grain

    # --- rows and columns -----------------------------------------------------------------------

    def key_of(self, row: R) -> Key:
        """The values of the key's fields."""
        return self._key(row)

    def values_of(self, row: R) -> list[Any]:
        """A row as the values of its columns, ready to be sent."""
        values = list(self.fields_of(row))
        for place, convert in self._encode:
            values[place] = convert(values[place])
        return values

    def row_of(self, values: Sequence[Any]) -> R:
        """A row from the values of its columns, as they were loaded."""
        loaded = list(values)
        for place, convert in self._decode:
            loaded[place] = convert(loaded[place])
        return self._make(*loaded)


class Summary(ReadModel[R]):
    """Figures per facility, and whatever else the `dimensions` say.

    The dimensions are the key, ``facility_id`` first; what is `carried` are texts that the key
    implies but not every fact tells (a facility's currency), set by the folds; every other column
    is a figure that can be added up. The system's figure is the sum of the facilities' rows, by
    `groups`, taken on read, so the two cannot disagree. A fold begins from `zero(key)` instead of
    None and returns a row, usually by ``dataclasses.replace``. A row whose figures have all come
    back to zero stays.

    A fact is counted at the facility it happened at. Figures change with nearly every event, so
    that of their past only the last version in each block of `grain` positions is kept; what came
    after it is folded again when a position inside a block is asked for (`projections.blocks`).
    """

    def __init__(
        self,
        name: str,
        *,
        row: type[R],
        dimensions: tuple[str, ...],
        desk: str,
        carried: tuple[str, ...] = (),
        grain: int = 1,
    ) -> None:
        super().__init__(name, row=row, key=dimensions, desk=desk, local=True, lasting=True)
        if grain < 1:
            raise TypeError(f"{name}: a block has at least one position")
        self.grain = grain
        self.dimensions, self.carried = dimensions, carried
        named = {*dimensions, *carried}
        self.measures = tuple(each for each in self.columns if each.name not in named)
        check_figures(self)
        self._nothing = {**dict.fromkeys(carried, ""), **{each.name: 0 for each in self.measures}}

    @property
    def wide(self) -> bool:
        """Whether a facility has many rows, whose past is kept by blocks."""
        return len(self.dimensions) > 1 and self.grain > 1

    @property
    def groups(self) -> tuple[str, ...]:
        """What the system's figures are told apart by, where facilities are added up."""
        return self.dimensions[1:] + self.carried

    def zero(self, key: Key) -> R:
        """The row of a key before anything has happened."""
        return self.row(**dict(zip(self.dimensions, key, strict=True)), **self._nothing)

    def start(self, key: Key) -> R:
        return self.zero(key)

    # A tally is never given None nor returns it, which a list's fold must be ready for.
    @overload  # type: ignore[override]
    def on(
        self, *facts: type[Fact], key: Keys | None = None, key_aware: Literal[False] = False
    ) -> Callable[[Tally[R]], Tally[R]]: ...

    @overload
    def on(
        self, *facts: type[Fact], key: Keys | None = None, key_aware: Literal[True]
    ) -> Callable[[KeyedTally[R]], KeyedTally[R]]: ...

    def on(
        self, *facts: type[Fact], key: Keys | None = None, key_aware: bool = False
    ) -> Callable[[Any], Any]:
        """Count these facts: ``tally(row, event) -> row``; otherwise as `ReadModel.on`."""
        return cast(Any, super().on)(*facts, key=key, key_aware=key_aware)  # type: ignore[no-any-return]

    def folded(self, row: R | None, event: Recorded[Any], key: Key, handler: Handler) -> R | None:
        if key[0] != event.facility_id:
            raise WrongRow(f"{self.name}: a fact is counted at the facility it happened at")
        return super().folded(row, event, key, handler)


def _tuple_getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Like attrgetter, with a tuple also for a single name."""
    if len(names) == 1:
        read = attrgetter(names[0])
        return lambda each: (read(each),)
    return attrgetter(*names)


def _changing(converts: Iterable[Convert | None]) -> tuple[tuple[int, Convert], ...]:
    """The places of the columns that need converting, with what converts them."""
    return tuple((place, each) for place, each in enumerate(converts) if each is not None)

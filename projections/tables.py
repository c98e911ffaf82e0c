"""The tables of a read model, made from its declaration; no migration is ever written for one.

Each model has two: the current rows, with the position they are valid from, and the closed
versions, with the position they are valid to (`<model>_history`, only ever inserted into). A row as
of position P is a current row with valid_from <= P, or a closed one with valid_from <= P <
valid_to. A list whose newest rows come first has a small third one (`projections.reach`). How far
each model has followed the ledger stands beside them (`projections.courses`).

A rebuild has tables of its own beside the live ones (`<model>__shadow`), and takes their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import sql

from projections.kernel import ReadModel, Summary
from projections.reach import lay_out, reaching
from projections.sight import protect

SCHEMA = "models"

Suffix = Literal["", "__shadow", "__check"]
"""Where the tables stand: live, built by the runner, or built by a rebuild on demand."""

Index = tuple[str, tuple[str, ...]]

CLOSED = "closed"
"""The index of a wide summary's past by when versions closed. They are written in that order, so
that it is enough to know of every few pages from when to when: next to no bytes."""

_OF_PAGES = sql.SQL(
    "CREATE INDEX {} ON {} USING brin ({}) WITH (pages_per_range = 64, autosummarize = on)"
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a model: what they are called, and the statements that make them."""

    model: ReadModel[Any]
    suffix: Suffix = ""

    @property
    def name(self) -> str:
        """The current table's name, which is also the checkpoint's."""
        return f"{self.model.name}{self.suffix}"

    @property
    def history_name(self) -> str:
        return f"{self.name}_history"

    @property
    def current(self) -> sql.Identifier:
        return sql.Identifier(SCHEMA, self.name)

    @property
    def history(self) -> sql.Identifier:
        return sql.Identifier(SCHEMA, self.history_name)

    @property
    def reach(self) -> sql.Identifier:
        return sql.Identifier(SCHEMA, f"{self.name}_reach")

    def create(self, connection: psycopg.Connection[Any]) -> None:
        """Make the tables, empty; what stood under their names goes."""
        self.lay_out(connection)
        self.index(connection)

    def lay_out(self, connection: psycopg.Connection[Any]) -> None:
        """Make the tables, empty; the large ones without keys and indexes, to be filled first."""
        self.drop(connection)
        model = self.model
        columns = [
            sql.SQL("{} {}{}").format(
                sql.Identifier(each.name),
                sql.SQL(each.sql_type),
                sql.SQL("" if each.nullable else " NOT NULL"),
            )
            for each in model.columns
        ]
        since = sql.SQL("valid_from bigint NOT NULL")
        until = sql.SQL("valid_to bigint NOT NULL CHECK (valid_to > valid_from)")
        connection.execute(
            # Room for new versions of a row on its own page, so that indexes need no new entry.
            sql.SQL("CREATE TABLE {} ({}) WITH (fillfactor = 85)").format(
                self.current, _comma([*columns, since])
            )
        )
        connection.execute(
            sql.SQL("CREATE TABLE {} ({})").format(self.history, _comma([*columns, since, until]))
        )
        if column := reaching(model):
            lay_out(connection, self.reach, f"{self.name}_reach_pkey", column)
        protect(connection, SCHEMA, self.scoped)

    def index(self, connection: psycopg.Connection[Any]) -> None:
        """Give both tables, as they are laid out, their keys and indexes."""
        model = self.model
        for table, name, key, indexes in (
            (self.current, self.name, model.key, current_indexes(model)),
            (
                self.history,
                self.history_name,
                (*model.key, "valid_to"),
                history_indexes(model),
            ),
        ):
            connection.execute(
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY ({})").format(
                    table, sql.Identifier(f"{name}_pkey"), identifiers(key)
                )
            )
            for label, names in indexes:
                made = _OF_PAGES if label == CLOSED else sql.SQL("CREATE INDEX {} ON {} ({})")
                connection.execute(
                    made.format(sql.Identifier(f"{name}_{label}"), table, identifiers(names))
                )

    @property
    def scoped(self) -> tuple[str, ...]:
        """The tables whose rows belong to facilities."""
        return (self.name, self.history_name) if self.model.scoped else ()

    def drop(self, connection: psycopg.Connection[Any]) -> None:
        drop(connection, self.name)

    def take_the_place_of(self, live: Tables, connection: psycopg.Connection[Any]) -> None:
        """Drop the live tables and go by their names, indexes included, in one transaction."""
        live.drop(connection)
        if reaching(self.model):
            connection.execute(
                sql.SQL("ALTER TABLE {} RENAME TO {}").format(
                    self.reach, sql.Identifier(f"{live.name}_reach")
                )
            )
            connection.execute(
                sql.SQL("ALTER INDEX {} RENAME TO {}").format(
                    sql.Identifier(SCHEMA, f"{self.name}_reach_pkey"),
                    sql.Identifier(f"{live.name}_reach_pkey"),
                )
            )
        for table, mine, theirs, indexes in (
            (self.current, self.name, live.name, current_indexes(self.model)),
            (self.history, self.history_name, live.history_name, history_indexes(self.model)),
        ):
            connection.execute(
                sql.SQL("ALTER TABLE {} RENAME TO {}").format(table, sql.Identifier(theirs))
            )
            for label in ("pkey", *(label for label, _names in indexes)):
                connection.execute(
                    sql.SQL("ALTER INDEX {} RENAME TO {}").format(
                        sql.Identifier(SCHEMA, f"{mine}_{label}"),
                        sql.Identifier(f"{theirs}_{label}"),
                    )
                )


def drop(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop the tables of a model by its name; the model itself may be gone from the program."""
    # In the order in which queries read them, so that a drop waits for a query, never in a circle.
    for each in (name, f"{name}_history", f"{name}_reach"):
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(SCHEMA, each)))


def current_indexes(model: ReadModel[Any]) -> list[Index]:
    """The order of the list, for the whole system and for each facility, and what it asks for."""
    wanted = [("in_order", model.sort)]
    if model.scoped:
        wanted.append(("by_facility", _once("facility_id", *model.sort)))
    for number, group in enumerate(model.indexes, 1):
        wanted.append((f"extra_{number}", _once(*group, *model.sort)))
    return _distinct(wanted, known=model.key)


def history_indexes(model: ReadModel[Any]) -> list[Index]:
    """As for current rows; the versions' ends are in the index, so that it skips the others."""
    wanted = [
        (label, (*names, "valid_to", "valid_from"))
        for label, names in current_indexes(model)
        if not label.startswith("extra")
    ]
    if isinstance(model, Summary) and model.wide:
        wanted.append((CLOSED, ("valid_to",)))
    return _distinct(wanted, known=(*model.key, "valid_to"))


def _distinct(wanted: Iterable[Index], *, known: tuple[str, ...]) -> list[Index]:
    seen = {known}
    found = []
    for label, names in wanted:
        if names not in seen:
            seen.add(names)
            found.append((label, names))
    return found


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _comma(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def identifiers(names: Iterable[str], of: str | None = None) -> sql.Composed:
    """Column names, comma separated, of the table alias `of` where one is given."""
    return _comma(
        sql.Identifier(each) if of is None else sql.Identifier(of, each) for each in names
    )

"""A thousand random manipulations by the database's superuser: all are found, where they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from facilities.database import Role
from facilities.seals.findings import Finding, Kind
from facilities.seals.leaves import RECORD, positions_of
from facilities.seals.register import Register
from facilities.seals.verifying import verify
from tests.facilities.notes import append_in
from tests.facilities.seals.grammar import SealedLedger

pytestmark = pytest.mark.slow

TRIALS = 1_200
SIZES = (40, 1, 7, 90, 3, 150, 2, 30)
TEXTS = ("fact", "actor", "role", "reason", "source")
IDS = ("stream_id", "facility_id", "command_id", "correlation_id", "causation_id")
NUMBERS = ("version", "fact_version")
INSTANTS = ("effective_at", "recorded_at")
BYTES = ("state", "command_digest")


@dataclass
class Tamperer:
    """The superuser, and dice. Each trick returns the positions at which it must be found."""

    connection: psycopg.Connection[Any]
    dice: Random
    leaves: dict[int, bytes]

    @property
    def positions(self) -> list[int]:
        return [
            each for number in sorted(self.leaves) for each in positions_of(self.leaves[number])
        ]

    @property
    def gaps(self) -> list[int]:
        """Positions at which nothing stands, between those at which something does."""
        known = self.positions
        return sorted({*range(known[0], known[-1])} - {*known})

    def do(self, statement: str, *parameters: Any) -> None:
        assert self.connection.execute(statement.encode(), parameters).rowcount == 1, statement

    def first_of(self, seal: int) -> int:
        return positions_of(self.leaves[seal])[0]

    # --- events --------------------------------------------------------------------------------

    def edit(self) -> set[int]:
        at = self.dice.choice(self.positions)
        column = self.dice.choice(TEXTS + IDS + NUMBERS + INSTANTS + BYTES)
        old = self.connection.execute(
            f"SELECT {column} FROM ledger.events WHERE position = %s".encode(), [at], binary=True
        ).fetchone()
        assert old is not None
        if old[0] is None:
            new = {"reason": "''", "source": "''", "command_digest": "'\\x00'::bytea"}.get(
                column, "gen_random_uuid()"
            )
        elif column in TEXTS:
            place = self.dice.randint(1, max(len(old[0]), 1))
            character = self.dice.choice("~^|")
            new = f"overlay({column} placing '{character}' from {place} for 1)"
        elif column in IDS:
            byte, bit = self.dice.randrange(16), 1 << self.dice.randrange(8)
            flipped = bytearray(old[0].bytes)
            flipped[byte] ^= bit
            new = f"'{flipped.hex()}'::uuid"
        elif column in NUMBERS:
            new = f"({column} # {1 << self.dice.randrange(14)})"
        elif column in INSTANTS:
            new = f"{column} + interval '{self.dice.choice((-1, 1, 1000, 86_400_000_000))} us'"
        else:
            byte, bit = self.dice.randrange(len(old[0])), 1 << self.dice.randrange(8)
            new = f"set_byte({column}, {byte}, get_byte({column}, {byte}) # {bit})"
        self.do(f"UPDATE ledger.events SET {column} = {new} WHERE position = %s", at)
        return {at}

    def delete(self) -> set[int]:
        at = self.dice.choice(self.positions)
        self.do("DELETE FROM ledger.events WHERE position = %s", at)
        return {at}

    def insert(self) -> set[int]:
        odd = (0, -1, self.dice.randint(-(2**40), 0))
        at = self.dice.choice((*odd, *self.gaps, *self.positions[::40]))
        self.do(
            "INSERT INTO ledger.events OVERRIDING SYSTEM VALUE SELECT %s, stream_id, 100000, fact, "
            "fact_version, facility_id, effective_at, recorded_at, actor, role, command_id, NULL, "
            "correlation_id, causation_id, reason, source, state FROM ledger.events "
            "WHERE position = %s",
            at,
            self.dice.choice(self.positions),
        )
        return {at}

    def swap(self) -> set[int]:
        one, other = self.dice.sample(self.positions, 2)
        for new, old in ((-1, one), (one, other), (other, -1)):
            self.do("UPDATE ledger.events SET position = %s WHERE position = %s", new, old)
        return {one, other}

    def move(self) -> set[int]:
        at, gap = self.dice.choice(self.positions), self.dice.choice(self.gaps)
        self.do("UPDATE ledger.events SET position = %s WHERE position = %s", gap, at)
        return {at}

    def cut(self) -> set[int]:
        at = self.dice.choice(self.positions)
        self.connection.execute("DELETE FROM ledger.events WHERE position >= %s", [at])
        return {at}

    # --- seals ---------------------------------------------------------------------------------

    def edit_seal(self) -> set[int]:
        seal = self.dice.choice(list(self.leaves))
        column = self.dice.choice(("first_position", "last_position", "tree_size", "peaks", "text"))
        if column == "text":
            row = Register(self.connection).between(seal - 1, seal)[seal]
            place = self.dice.randrange(len(row.statement))
            other = chr(ord(row.statement[place]) ^ 1 << self.dice.randrange(3))
            text = row.statement[:place] + other + row.statement[place + 1 :]
            self.do("UPDATE audit.seals SET statement = %s WHERE number = %s", text, seal)
        elif column == "peaks":
            change = "set_byte(peaks, 5, get_byte(peaks, 5) # 4)"
            self.do(f"UPDATE audit.seals SET peaks = {change} WHERE number = %s", seal)
        else:
            change = f"{column} + {self.dice.choice((-1000, 1000, 777777))}"
            self.do(f"UPDATE audit.seals SET {column} = {change} WHERE number = %s", seal)
        return {self.first_of(seal)}

    def renumber_seal(self) -> set[int]:
        seal = self.dice.choice(list(self.leaves))
        self.do("UPDATE audit.seals SET number = number + 100 WHERE number = %s", seal)
        return {self.first_of(seal)}

    def delete_seal(self) -> set[int]:
        seal = self.dice.choice(list(self.leaves))
        self.do("DELETE FROM audit.seals WHERE number = %s", seal)
        return {self.first_of(seal)}

    def edit_leaves(self) -> set[int]:
        seal = self.dice.choice(list(self.leaves))
        byte = self.dice.randrange(len(self.leaves[seal]))
        change = f"set_byte(leaves, {byte}, get_byte(leaves, {byte}) # 1)"
        self.do(f"UPDATE audit.leaves SET leaves = {change} WHERE number = %s", seal)
        return {self.first_of(seal)}

    def cut_leaves(self) -> set[int]:
        seal = self.dice.choice(list(self.leaves))
        kept = self.dice.randrange(len(self.leaves[seal]) // RECORD.size) * RECORD.size
        change = f"substring(leaves from 1 for {kept})"
        self.do(f"UPDATE audit.leaves SET leaves = {change} WHERE number = %s", seal)
        return {self.first_of(seal)}

    def delete_leaves(self) -> set[int]:
        seal = self.dice.choice(list(self.leaves))
        self.do("DELETE FROM audit.leaves WHERE number = %s", seal)
        return {self.first_of(seal)}

    def edit_subtree(self) -> set[int]:
        self.do("UPDATE audit.subtrees SET hash = sha256(hash)")
        completes = next(number for number in sorted(self.leaves) if sum(SIZES[:number]) >= 256)
        return {self.first_of(completes)}


UNGUARDED = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT conname FROM pg_constraint
                WHERE conrelid = 'ledger.events'::regclass AND contype IN ('p', 'u') LOOP
        EXECUTE format('ALTER TABLE ledger.events DROP CONSTRAINT %I', each.conname);
    END LOOP;
    FOR each IN SELECT indexrelid::regclass AS named FROM pg_index
                WHERE indrelid = 'ledger.events'::regclass AND indisunique LOOP
        EXECUTE format('DROP INDEX %s', each.named);
    END LOOP;
END $$
"""
"""Whoever tampers as a superuser is not stopped by what must be unique."""

TRICKS: list[Callable[[Tamperer], set[int]]] = [
    *[Tamperer.edit] * 8,
    *[Tamperer.edit_seal] * 3,
    *[Tamperer.edit_leaves] * 2,
    Tamperer.delete,
    Tamperer.insert,
    Tamperer.swap,
    Tamperer.move,
    Tamperer.cut,
    Tamperer.renumber_seal,
    Tamperer.delete_seal,
    Tamperer.cut_leaves,
    Tamperer.delete_leaves,
    Tamperer.edit_subtree,
]


@pytest.mark.parametrize("outside", [True, False])
def test_every_manipulation_is_found_with_its_position(sealed: SealedLedger, outside: bool) -> None:
    for number in SIZES:
        with sealed.database.connect(Role.APP, autocommit=False) as in_vain:
            append_in(in_vain, uuid4(), 1, 2)  # so that there are positions that nothing stands at
            in_vain.rollback()
        sealed.grows(number)
    # A seal after the last one that is tampered with: without files, nobody else misses that one.
    sealed.grows(1)
    folder, dice = sealed.folder if outside else None, Random(f"tamper {outside}")
    met: Counter[str] = Counter()
    with sealed.superuser() as superuser:
        superuser.execute("ALTER TABLE ledger.events ALTER position SET GENERATED BY DEFAULT")
        superuser.execute(UNGUARDED)
        leaves = Register(superuser).leaves(range(1, len(SIZES) + 1))
        assert verify(superuser, folder).findings == []
        for trial in range(TRIALS // 2):
            trick = dice.choice(TRICKS)
            with superuser.transaction(force_rollback=True):
                expected = trick(Tamperer(superuser, dice, leaves))
                findings = verify(superuser, folder).findings
                told = {each.position for each in findings}
                assert expected <= told, (trial, trick, expected, findings)
                assert not astray(expected, findings), (trial, trick, expected, findings)
            met[trick.__name__] += 1
        assert verify(superuser, folder).findings == []
    assert set(met) == {each.__name__ for each in TRICKS}


def astray(expected: set[int], findings: list[Finding]) -> list[Finding]:
    """Events that are accused and were not touched."""
    return [
        each
        for each in findings
        if each.kind in (Kind.EVENT_EDITED, Kind.EVENT_DELETED, Kind.EVENT_INSERTED)
        and each.position not in expected
    ]

"""Proofs from what is kept are those that hashing all the leaves would give."""

from __future__ import annotations

from random import Random

import pytest

from facilities.database import Role
from facilities.seals.leaves import entries, hashes_of, leaves_of, positions_of
from facilities.seals.proofs import NotSealed, Prover
from facilities.seals.statements import Seal
from facilities.seals.tree import is_consistent, root_by_inclusion, root_of, selection_root
from tests.facilities.seals.grammar import SealedLedger

SIZES = (200, 1, 55, 1, 300, 3, 12, 1, 2, 600, 7)


@pytest.fixture
def grown(sealed: SealedLedger) -> SealedLedger:
    for number in SIZES:
        sealed.grows(number)
    return sealed


def test_an_event_is_proven_to_be_under_the_newest_seal(grown: SealedLedger) -> None:
    with grown.database.connect(Role.APP) as app:
        leaves = leaves_of(entries(app, None, 10_000))
        hashes, root = hashes_of(leaves), root_of(hashes_of(leaves))
        for index, position in [*enumerate(positions_of(leaves))][::5]:
            found = Prover(app).inclusion(position)
            assert (found.leaf_index, found.tree_size) == (index, sum(SIZES))
            assert found.leaf_hash == hashes[index]
            assert Seal.read(found.seal.statement).root == root.hex()
            assert root_by_inclusion(index, sum(SIZES), hashes[index], found.path) == root


def test_every_tree_is_proven_to_be_the_beginning_of_a_later_one(grown: SealedLedger) -> None:
    dice = Random(4)
    with grown.database.connect(Role.APP) as app:
        hashes = hashes_of(leaves_of(entries(app, None, 10_000)))
        for _ in range(100):
            first, second = sorted(dice.choices(range(1, len(hashes) + 1), k=2))
            path = Prover(app).consistency(first, second)
            roots = root_of(hashes[:first]), root_of(hashes[:second])
            assert is_consistent(first, second, *roots, path)


def test_a_selection_of_events_is_proven_together(grown: SealedLedger) -> None:
    dice = Random(4)
    with grown.database.connect(Role.APP) as app:
        leaves = leaves_of(entries(app, None, 10_000))
        hashes, positions = hashes_of(leaves), positions_of(leaves)
        for _ in range(30):
            chosen = sorted(dice.sample(positions, dice.randint(1, len(positions))))
            row, indexes, beside = Prover(app).selection(chosen)
            named = {index: hashes[index] for index in indexes}
            assert [positions[index] for index in indexes] == chosen
            assert selection_root(named, row.tree_size, beside) == root_of(hashes)


def test_what_is_not_sealed_is_not_proven(grown: SealedLedger) -> None:
    (position,) = grown.notes(1)
    with grown.database.connect(Role.APP) as app:
        for unknown in (position, 0, -5, 10**15):
            with pytest.raises(NotSealed):
                Prover(app).inclusion(unknown)
            with pytest.raises(NotSealed):
                Prover(app).selection([1, unknown] if unknown > 0 else [unknown])
        for first, second in ((0, 3), (4, 3), (3, 10_000)):
            with pytest.raises(NotSealed):
                Prover(app).consistency(first, second)


def test_where_nothing_is_sealed_nothing_is_proven(sealed: SealedLedger) -> None:
    with sealed.database.connect(Role.APP) as app, pytest.raises(NotSealed, match="nothing"):
        Prover(app).inclusion(1)

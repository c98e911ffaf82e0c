"""The Merkle tree is that of RFC 9162: known roots and paths, and what every proof must hold to."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.seals.tree import (
    EMPTY_ROOT,
    Range,
    Tree,
    consistency_ranges,
    hashes_in,
    inclusion_ranges,
    is_consistent,
    leaf_hash,
    root_by_inclusion,
    root_of,
    selection_ranges,
    selection_root,
)

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
ENTRIES += ["606162636465666768696a6b6c6d6e6f"]
REFERENCE = [leaf_hash(bytes.fromhex(each)) for each in ENTRIES]

ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots of the first one to eight entries, of the reference implementation of Certificate
Transparency."""

PATH_OF_THE_FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
SIX_AND_EIGHT = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

SIZES = st.integers(1, 600)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(each).encode()) for each in range(size)]


def hashed(of: list[bytes], ranges: list[Range]) -> list[bytes]:
    return [root_of(of[first:beyond]) for first, beyond in ranges]


def altered(hashes: list[bytes], place: int) -> list[bytes]:
    return [each if at != place else sha256(each).digest() for at, each in enumerate(hashes)]


def test_roots_and_paths_are_those_of_the_reference() -> None:
    assert [root_of(REFERENCE[:size]).hex() for size in range(1, 9)] == ROOTS
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()
    path = hashed(REFERENCE, inclusion_ranges(0, 8))
    assert [each.hex() for each in path] == PATH_OF_THE_FIRST_OF_EIGHT
    path = hashed(REFERENCE, consistency_ranges(6, 8))
    assert [each.hex() for each in path] == SIX_AND_EIGHT


@given(size=SIZES, draw=st.data())
def test_every_leaf_is_proven_and_no_other_leaf_or_path_is(size: int, draw: st.DataObject) -> None:
    all_leaves = leaves(size)
    leaf = draw.draw(st.integers(0, size - 1))
    root, path = root_of(all_leaves), hashed(all_leaves, inclusion_ranges(leaf, size))
    assert root_by_inclusion(leaf, size, all_leaves[leaf], path) == root
    assert root_by_inclusion(leaf, size, leaf_hash(b"another"), path) != root
    assert root_by_inclusion(leaf, size, all_leaves[leaf], [*path, root]) != root
    assert root_by_inclusion(size, size, all_leaves[leaf], path) is None
    if path:
        place = draw.draw(st.integers(0, len(path) - 1))
        assert root_by_inclusion(leaf, size, all_leaves[leaf], altered(path, place)) != root
        assert root_by_inclusion(leaf, size, all_leaves[leaf], path[:-1]) != root
        other = draw.draw(st.integers(0, size - 1).filter(lambda each: each != leaf))
        assert root_by_inclusion(other, size, all_leaves[leaf], path) != root


@given(size=SIZES, draw=st.data())
def test_a_tree_is_proven_to_be_the_beginning_of_another(size: int, draw: st.DataObject) -> None:
    all_leaves = leaves(size)
    earlier = draw.draw(st.integers(1, size))
    first, second = root_of(all_leaves[:earlier]), root_of(all_leaves)
    path = hashed(all_leaves, consistency_ranges(earlier, size))
    assert is_consistent(earlier, size, first, second, path)
    assert not is_consistent(earlier, size, first, leaf_hash(b"another"), path)
    assert not is_consistent(earlier, size, leaf_hash(b"another"), second, path)
    assert not is_consistent(earlier, size, first, second, [*path, first])
    assert not is_consistent(size + 1, size, first, second, path)
    if path:
        place = draw.draw(st.integers(0, len(path) - 1))
        assert not is_consistent(earlier, size, first, second, altered(path, place))
        assert not is_consistent(earlier, size, first, second, path[:-1])
        assert not is_consistent(earlier, size, first, second, [])


@given(size=SIZES, draw=st.data())
def test_a_selection_of_leaves_is_proven_together(size: int, draw: st.DataObject) -> None:
    all_leaves = leaves(size)
    chosen = sorted(draw.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    beside = hashed(all_leaves, selection_ranges(chosen, size))
    named = {each: all_leaves[each] for each in chosen}
    assert selection_root(named, size, beside) == root_of(all_leaves)
    assert selection_root(named, size, [*beside, EMPTY_ROOT]) is None
    one = draw.draw(st.sampled_from(chosen))
    other = {**named, one: leaf_hash(b"another")}
    assert selection_root(other, size, beside) != root_of(all_leaves)
    if beside:
        assert selection_root(named, size, beside[:-1]) is None
        place = draw.draw(st.integers(0, len(beside) - 1))
        assert selection_root(named, size, altered(beside, place)) != root_of(all_leaves)


@given(steps=st.lists(st.integers(0, 300), max_size=12))
def test_a_tree_that_grows_by_steps_is_the_tree_of_all_its_leaves(steps: list[int]) -> None:
    all_leaves, tree, kept = leaves(sum(steps)), Tree(), {}
    for step in steps:
        tree = Tree.of(tree.size, tree.peaks)
        for each in tree.extend(all_leaves[tree.size : tree.size + step]):
            for at, found in enumerate(each.hashes, each.place):
                kept[each.level, at] = found
        assert tree.root == root_of(all_leaves[: tree.size])
    assert set(kept) == {
        (level, place) for level in (8, 16, 24) for place in range(len(all_leaves) >> level)
    }
    for (level, place), found in kept.items():
        assert found == root_of(all_leaves[place << level : (place + 1) << level])


@pytest.mark.parametrize(("leaf", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_what_is_not_in_a_tree_has_no_path(leaf: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no leaf"):
        inclusion_ranges(leaf, size)


@pytest.mark.parametrize(("earlier", "later"), [(0, 3), (4, 3)])
def test_a_larger_tree_is_not_the_beginning_of_a_smaller(earlier: int, later: int) -> None:
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_ranges(earlier, later)


def test_peaks_fit_the_size() -> None:
    assert len(hashes_in(Tree.of(3, bytes(64)).peaks)) == 2
    with pytest.raises(ValueError, match="3 leaves has 2 peaks"):
        Tree.of(3, bytes(32))

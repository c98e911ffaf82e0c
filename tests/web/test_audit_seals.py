"""The seals over the API, and proofs that a client checks for himself."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Role as DatabaseRole
from facilities.scope import Role
from facilities.seals.keys import new_key
from facilities.seals.sealing import Sealer
from facilities.seals.tree import is_consistent, root_by_inclusion
from tests.web.grammar import Api


@pytest.fixture
def sealed(api: Api, tmp_path: Path) -> Api:
    """Three seals over some facilities; the API as an auditor asks it."""
    almoner = api.almoner
    pool = almoner.database.pool(DatabaseRole.APP)
    sealer = Sealer(pool.connection, almoner.ledger.recorder.settled, new_key(tmp_path / "key.pem"))
    for number in (2, 1, 3):
        for each in range(number):
            api.a_facility(legal_name=f"House {number}.{each}")
        assert sealer.seal() is not None
    return api.as_(Role.AUDITOR)


def test_seals_are_shown_the_newest_first_with_their_keys(sealed: Api) -> None:
    first = sealed.send("GET", "/audit/seals?limit=2").responds(200)
    assert [each["number"] for each in first.items] == [3, 2]
    assert [each["key"] for each in first.json["keys"]] == [first.items[0]["key"]]
    second = sealed.send("GET", first.json["next"]).responds(200)
    assert [each["number"] for each in second.items] == [1]
    assert second.json["next"] is None


def test_an_event_is_proven_to_be_in_the_newest_tree(sealed: Api) -> None:
    position = sealed.send("GET", "/audit/seals").items[-1]["last_position"]
    proof = sealed.send("GET", f"/audit/proofs/inclusion?position={position}").responds(200).json
    path = [bytes.fromhex(each) for each in proof["inclusion_path"]]
    leaf = bytes.fromhex(proof["leaf_hash"])
    root = root_by_inclusion(proof["leaf_index"], proof["tree_size"], leaf, path)
    assert root is not None
    assert root.hex() == proof["seal"]["root"]
    assert proof["seal"]["number"] == 3


def test_a_tree_is_proven_to_be_the_beginning_of_a_later_one(sealed: Api) -> None:
    last, _, first = sealed.send("GET", "/audit/seals").items
    asked = f"first={first['tree_size']}&second={last['tree_size']}"
    proof = sealed.send("GET", f"/audit/proofs/consistency?{asked}").responds(200).json
    path = [bytes.fromhex(each) for each in proof["consistency_path"]]
    roots = bytes.fromhex(first["root"]), bytes.fromhex(last["root"])
    assert is_consistent(first["tree_size"], last["tree_size"], *roots, path)


def test_what_is_not_sealed_is_told_as_such(sealed: Api) -> None:
    for asked in ("inclusion?position=999", "consistency?first=1&second=999"):
        sealed.send("GET", f"/audit/proofs/{asked}").problem(409, "audit.not_sealed")
    for asked in ("inclusion", "inclusion?position=x", "consistency?first=0&second=1"):
        sealed.send("GET", f"/audit/proofs/{asked}").problem(422, "input.invalid")


def test_for_others_there_is_nothing_here(sealed: Api) -> None:
    facility = sealed.get("/facilities").items[0]["facility_id"]
    for other in (
        sealed.as_(Role.AUDITOR, facility),
        sealed.as_(Role.FACILITY_MANAGER, facility),
        sealed.as_(Role.SERVICE),
    ):
        for path in (
            "/audit/seals",
            "/audit/proofs/inclusion?position=1",
            "/audit/proofs/consistency?first=1&second=2",
        ):
            other.send("GET", path).problem(404, "route.unknown")

"""A natural key passes from hand to hand."""

from __future__ import annotations

from domain.natural_key import NaturalKeyReleased, NaturalKeyReserved, natural_key, stream_of
from tests.domain.places import AN_NPI, HILLTOP, RIVERSIDE

reserved = NaturalKeyReserved(kind="npi", value=AN_NPI, holder_id=RIVERSIDE)
released = NaturalKeyReleased(kind="npi", value=AN_NPI, holder_id=RIVERSIDE)
by_another = NaturalKeyReserved(kind="npi", value=AN_NPI, holder_id=HILLTOP)


def test_a_key_is_held_by_one_at_a_time() -> None:
    assert natural_key.fold([reserved]).holder_id == RIVERSIDE
    assert natural_key.fold([reserved, released]).holder_id is None
    assert natural_key.fold([reserved, released, by_another]).holder_id == HILLTOP


def test_each_kind_of_key_has_streams_of_its_own() -> None:
    assert stream_of("npi", AN_NPI) == stream_of("npi", AN_NPI)
    assert stream_of("npi", AN_NPI) != stream_of("ccn", AN_NPI)

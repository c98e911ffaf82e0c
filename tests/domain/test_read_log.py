"""The ledger vouches for the log of reads, stretch after stretch."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.privacy.events import ReadLogSealed
from domain.privacy.read_log import ReadLog, SealReadLog
from tests.grammar import NOW, given

THE_LOG = UUID(int=70)
DIGEST = "0123456789abcdef" * 4

sealing = SealReadLog(log_id=THE_LOG, upto=120, reads=120, digest=DIGEST)
sealed = ReadLogSealed(log_id=THE_LOG, upto=120, reads=120, digest=DIGEST, sealed_at=NOW)


def test_the_log_of_reads_is_vouched_for_up_to_a_number() -> None:
    given(ReadLog).when(sealing).records(sealed)
    later = replace(sealing, upto=150, reads=30)
    given(ReadLog, sealed).when(later).records(replace(sealed, upto=150, reads=30))


def test_what_is_vouched_for_is_not_vouched_for_again() -> None:
    given(ReadLog, sealed).when(sealing).refused("read_log.already_sealed", field="upto", value=120)
    before = replace(sealing, upto=119)
    given(ReadLog, sealed).when(before).refused("read_log.already_sealed", value=119)


def test_a_stretch_has_reads_and_a_digest() -> None:
    given(ReadLog).when(replace(sealing, reads=0)).refused("read_log.quantity", field="reads")
    given(ReadLog).when(replace(sealing, digest="ff")).refused("read_log.digest", value="ff")

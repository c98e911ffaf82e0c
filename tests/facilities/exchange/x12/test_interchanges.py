"""Envelopes: several in a file, odd separators, no line breaks, marks and blanks, broken ends."""

from __future__ import annotations

from io import BytesIO

import pytest

from facilities.exchange.x12 import interchanges
from facilities.exchange.x12.interchanges import Interchanges, Malformed
from tests.facilities.exchange.x12.remittance_files import A835, isa, paid

ONE = A835().paying(paid("A-1", "100", "80", "CAS*CO*45*20"))


def read(content: bytes) -> list[tuple[str, list[list[str]]]]:
    return [(each.kind, list(each)) for each in Interchanges(BytesIO(content))]


PLAIN = read(ONE.text().encode())


@pytest.mark.parametrize(
    "content",
    [
        ONE.text().replace("\n", "").encode(),
        ONE.text().replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + ONE.text().encode(),
        b"\r\n \x00" + ONE.text().encode() + b"\r\n\r\n",
        ONE.text().replace("~\n", "\n").encode(),
        ONE.text().replace("~\n", "\r\n").encode(),
    ],
    ids=["no-breaks", "crlf", "byte-order-mark", "blanks", "newline-ends", "crlf-ends"],
)
def test_what_stands_between_segments_means_nothing(content: bytes) -> None:
    assert read(content) == PLAIN


@pytest.mark.parametrize("separators", ["|>\x1c", "\x1d\x1f\x1e", "+!'"])
def test_separators_are_what_the_isa_says(separators: str) -> None:
    odd = A835(separators=separators, between="").paying(paid("A-1", "100", "80", "CAS*CO*45*20"))
    said = read(odd.text().encode("latin-1"))
    assert [(kind, [each[0] for each in rest]) for kind, rest in said] == [
        (kind, [each[0] for each in rest]) for kind, rest in PLAIN
    ]
    assert ["CAS", "CO", "45", "20"] in said[0][1]


def test_interchanges_follow_each_other_in_separators_of_their_own() -> None:
    odd = A835(separators="|>\x1c", between="").paying(paid("A-1", "100", "80", "CAS*CO*45*20"))
    content = (odd.text() + ONE.text() + "\n\n" + odd.text()).encode()
    reader = Interchanges(BytesIO(content))
    assert [len(list(each)) for each in reader] == [len(PLAIN[0][1])] * 3
    assert reader.count == 3


@pytest.mark.parametrize("chunk", [1, 7, 110, 333])
def test_it_does_not_matter_where_a_stream_is_cut(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interchanges, "CHUNK", chunk)
    odd = A835(separators="|>\x1c", between="\n").paying(paid("A-1", "100", "80", "CAS*CO*45*20"))
    content = (ONE.text() + odd.text()).encode()
    said = read(content)
    assert len(said) == 2
    assert said[0] == PLAIN[0]


def test_an_isa_that_is_not_padded_is_read_all_the_same() -> None:
    squeezed = ONE.text().replace(" " * 10, "").replace(isa()[35:50], "PAYER")
    assert read(squeezed.encode()) == PLAIN


def test_names_in_either_encoding_are_read() -> None:
    said = ONE.text().replace("JANE", "JOSÉ")
    for encoding in ("utf-8", "latin-1"):
        (_, segments) = read(said.encode(encoding))[0]
        assert any("JOSÉ" in each for each in segments)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "x12.no_interchange"),
        (b"GS*HP*A*B~", "x12.no_interchange"),
        (b"ISA*00*short~", "x12.no_interchange"),
        (ONE.text().split("SE*")[0].encode(), "x12.transaction_not_ended"),
        (ONE.text().replace("SE*", "SX*").encode(), "x12.transaction_not_ended"),
        (ONE.text().split("IEA")[0].encode(), "x12.interchange_not_ended"),
        (ONE.text().encode() + b"ISA*00*", "x12.no_interchange"),
    ],
    ids=["empty", "no-isa", "short", "cut", "no-se", "no-iea", "second-isa"],
)
def test_what_is_no_interchange_says_so(content: bytes, rule: str) -> None:
    with pytest.raises(Malformed) as broken:
        read(content)
    assert broken.value.rule == rule


def test_a_segment_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interchanges, "LONGEST_SEGMENT", 1000)
    monkeypatch.setattr(interchanges, "CHUNK", 500)
    with pytest.raises(Malformed) as broken:
        read(ONE.text().encode() + b"x" * 5000)
    assert broken.value.rule == "x12.segment_not_ended"

"""Interchanges: the envelopes of X12, read as a stream, whatever stands between the segments.

A file may hold several interchanges, each with separators of its own, which its ISA segment tells:
the element separator right after ``ISA``, the component separator as ISA16, the segment terminator
right after that, the repetition separator as ISA11. Line breaks, blanks and NULs around segments
mean nothing, and a byte order mark before the first neither. An ISA that is not padded to its fixed
width is read all the same.

Nothing here knows what a transaction says: it hands out the segments from ST to SE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

CHUNK = 1 << 16
LONGEST_SEGMENT = 1 << 20
"""How many bytes a segment may have before it is taken to be no segment at all."""

BLANK = b" \t\r\n\x00"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ISA_ELEMENTS = 16
LONGEST_ISA = 400

Segment = list[str]
"""A segment's elements, its identifier first: ``["CLP", "A-17", "1", ...]``."""


class Malformed(Exception):
    """A file or a transaction that cannot be read: which rule it breaks, and where."""

    def __init__(self, rule: str, found: object, expected: str) -> None:
        super().__init__(f"{rule}: found {found}, expected {expected}")
        self.rule, self.found, self.expected = rule, str(found)[:100], expected


@dataclass(frozen=True, slots=True)
class Separators:
    """What stands between elements, components and repetitions, and what ends a segment."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an ISA and a GS segment say."""

    separators: Separators
    sender: str = ""
    receiver: str = ""
    control_number: str = ""
    group_control_number: str = ""
    group_sender: str = ""
    group_receiver: str = ""
    sent_on: str = ""
    guide: str = ""


class Transaction:
    """One ST to SE. Its segments are read once, before those of the next.

    `counted` are the segments that were there, `told` how many SE says there are.
    """

    def __init__(self, reader: Interchanges, envelope: Envelope, start: Segment) -> None:
        self.envelope = envelope
        self.code = element(start, 1)
        self.control_number = element(start, 2)
        self.guide = element(start, 3) or envelope.guide
        self.counted, self.told = 0, ""
        self._reader, self._start, self._ended = reader, start, False

    @property
    def kind(self) -> str:
        """``835``, ``837P``, ``277CA``, ...: the transaction set, by its guide where that tells."""
        return KINDS.get((self.code, self.guide[:10]), self.code)

    def __iter__(self) -> Iterator[Segment]:
        """The segments between ST and SE.

        Raises Malformed (``x12.transaction_not_ended``) where SE is missing.
        """
        self.counted = 1
        while not self._ended:
            segment = self._reader.next_segment()
            if segment is None or segment[0] in ("ST", "GE", "GS", "IEA", "ISA"):
                self._ended = True
                if segment is not None:
                    self._reader.put_back(segment)
                what = "the end of the file" if segment is None else segment[0]
                raise Malformed("x12.transaction_not_ended", what, "SE")
            self.counted += 1
            if segment[0] == "SE":
                self._ended, self.told = True, element(segment, 1)
            else:
                yield segment

    def whole(self) -> None:
        """Raises Malformed (``x12.segment_count``) where segments are missing or too many."""
        if self.told != str(self.counted):
            raise Malformed("x12.segment_count", f"{self.counted} segments", f"{self.told} (SE01)")

    def skip(self) -> None:
        """Pass over what is left of it."""
        try:
            for _ in self:
                pass
        except Malformed:
            return


KINDS = {
    ("837", "005010X222"): "837P",
    ("837", "004010X098"): "837P",
    ("837", "005010X223"): "837I",
    ("837", "004010X096"): "837I",
    ("837", "005010X224"): "837D",
    ("837", "004010X097"): "837D",
    ("277", "005010X214"): "277CA",
}


class Interchanges:
    """Reads a file; iterating gives its transactions. `count` are the interchanges seen so far.

    Iterating raises Malformed where the file is no X12 (``x12.no_interchange``), where a segment
    has no end, and where the last interchange has none.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.count = 0
        self._envelope = Envelope(Separators())
        self._segments = self._read(stream)
        self._waiting: Segment | None = None

    def __iter__(self) -> Iterator[Transaction]:
        open_interchange = False
        while (segment := self.next_segment()) is not None:
            match segment[0]:
                case "ISA":
                    open_interchange = True
                case "IEA":
                    open_interchange = False
                case "GS":
                    self._envelope = _grouped(self._envelope, segment)
                case "ST":
                    transaction = Transaction(self, self._envelope, segment)
                    yield transaction
                    transaction.skip()
                case _:
                    pass
        if open_interchange:
            raise Malformed("x12.interchange_not_ended", "the end of the file", "IEA")

    def next_segment(self) -> Segment | None:
        if self._waiting is not None:
            segment, self._waiting = self._waiting, None
            return segment
        return next(self._segments, None)

    def put_back(self, segment: Segment) -> None:
        self._waiting = segment

    def _read(self, stream: BinaryIO) -> Iterator[Segment]:
        """Every segment of the file, in the separators of its interchange."""
        pending = stream.read(max(CHUNK, LONGEST_ISA)).removeprefix(BYTE_ORDER_MARK).lstrip(BLANK)
        if pending[:3] != b"ISA":
            raise Malformed("x12.no_interchange", _decoded(pending[:20]), "ISA")
        while True:
            if pending[:3] == b"ISA":
                while len(pending) < LONGEST_ISA and (more := stream.read(CHUNK)):
                    pending += more
                opening, pending = self._opened(pending)
                yield opening
            separators = self._envelope.separators
            terminator = separators.segment.encode("latin-1")
            parts = pending.split(terminator)
            pending = parts.pop()
            for place, part in enumerate(parts):
                text = part.strip(BLANK)
                if text[:3] == b"ISA":
                    # What follows may have other separators.
                    pending = terminator.join([*parts[place:], pending])
                    break
                if text:
                    yield _decoded(text).split(separators.element)
            else:
                more = stream.read(CHUNK)
                if not more and pending.strip(BLANK)[:3] != b"ISA":
                    break
                if len(pending) > LONGEST_SEGMENT:
                    begins = _decoded(pending[:20])
                    raise Malformed("x12.segment_not_ended", begins, separators.segment)
                pending += more
            pending = pending.lstrip(BLANK)
        if rest := pending.strip(BLANK):
            yield _decoded(rest).split(separators.element)

    def _opened(self, pending: bytes) -> tuple[Segment, bytes]:
        """The ISA segment that begins here, and what comes after it."""
        separator = pending[3:4]
        elements = pending[:LONGEST_ISA].split(separator)
        if len(elements) <= ISA_ELEMENTS or len(elements[ISA_ELEMENTS]) < 2:
            found = f"{min(len(elements) - 1, ISA_ELEMENTS)} elements"
            raise Malformed("x12.no_interchange", found, "an ISA of 16 elements and its end")
        last = sum(len(each) + 1 for each in elements[:ISA_ELEMENTS])
        texts = [_decoded(each).strip() for each in elements[:ISA_ELEMENTS]]
        separators = Separators(
            element=separator.decode("latin-1"),
            component=pending[last : last + 1].decode("latin-1"),
            repetition=texts[11] if len(texts[11]) == 1 and not texts[11].isalnum() else "",
            segment=pending[last + 1 : last + 2].decode("latin-1"),
        )
        self.count += 1
        self._envelope = Envelope(
            separators, sender=texts[6], receiver=texts[8], control_number=texts[13]
        )
        return [*texts, separators.component], pending[last + 2 :].lstrip(BLANK)


def element(segment: Segment, place: int) -> str:
    """An element by its place (``CLP04`` is 4); empty where the segment is shorter."""
    return segment[place].strip() if place < len(segment) else ""


def _grouped(envelope: Envelope, segment: Segment) -> Envelope:
    return replace(
        envelope,
        group_sender=element(segment, 2),
        group_receiver=element(segment, 3),
        sent_on=element(segment, 4),
        group_control_number=element(segment, 6),
        guide=element(segment, 8),
    )


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")

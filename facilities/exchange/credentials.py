"""The mailroom's desk for credentials: any list of them, CSV or workbook, goes into people's files.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`):

* ``staff``: whose it is, by their id, their NPI, or what the source calls them
  (`facilities.exchange.references`);
* ``kind``: license, certification, dea, board, life_support or privilege; ``issuer``;
  ``valid_from`` and ``valid_to`` (empty: it has no end);
* ``title``, ``number``, ``state``;
* ``verified_on``, ``verified_by`` and ``source``: where its source has confirmed it.

A row whose credential is on file for an earlier term renews it. One for the term on file corrects
its end, where it says another, and tells that the source confirmed it since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from domain.kernel import Command
from domain.workforce.credential import Credentials
from domain.workforce.credentialing import (
    CorrectCredential,
    RecordCredential,
    RenewCredential,
    VerifyCredential,
)
from domain.workforce.events.held import (
    CredentialKind,
    HeldCredential,
    credential_id_of,
    credentials_of,
)
from facilities.exchange.delivery import Stage
from facilities.exchange.lists import MappedList, importer_of
from facilities.exchange.mapping import Fields
from facilities.exchange.parcels import Draft, Letter, Place
from facilities.exchange.references import look_up
from facilities.exchange.tables import Row
from facilities.exchange.tally import Load

KINDS = {each.value: each for each in CredentialKind}


def _kind_rule(kind: str) -> str | None:
    if kind in KINDS:
        return None
    return f"{kind!r} is no kind of credential; there are {', '.join(KINDS)}"


FIELDS = Fields(
    of="credentials",
    required=("staff", "kind", "issuer", "valid_from"),
    optional=("valid_to", "title", "number", "state", "verified_on", "verified_by", "source"),
    checks={"kind": _kind_rule},
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list."""

    row: Row
    staff: str
    kind: CredentialKind
    title: str
    issuer: str
    number: str | None
    state: str | None
    valid_from: date
    valid_to: date | None
    verified_on: date | None
    verified_by: str
    source: str

    def id_for(self, staff_id: UUID) -> UUID:
        return credential_id_of(
            staff_id,
            self.kind,
            issuer=self.issuer,
            title=self.title,
            state=self.state,
            number=self.number,
        )


class CredentialsList(MappedList[Listed]):
    """A file that lists credentials."""

    fields = FIELDS
    of = "credential"

    def read(self) -> None:
        """Read the file to its end; of one credential the terms come in their order."""
        super().read()
        self._listed.sort(key=lambda each: each.valid_from)

    def _read(self, row: Row) -> Listed:
        said, required = self._columns.said, self._columns.required
        kind = re.sub(r"[ -]", "_", required(row, "kind").lower())
        if kind not in KINDS:
            raise self._columns.bad(row, "kind", f"must be one of {', '.join(KINDS)}")
        verified_on = self._day(row, "verified_on")
        return Listed(
            row=row,
            staff=required(row, "staff"),
            kind=KINDS[kind],
            title=said(row, "title"),
            issuer=required(row, "issuer"),
            number=said(row, "number") or None,
            state=said(row, "state") or None,
            valid_from=self._columns.day(row, "valid_from"),
            valid_to=self._day(row, "valid_to"),
            verified_on=verified_on,
            verified_by=required(row, "verified_by") if verified_on else "",
            source=required(row, "source") if verified_on else "",
        )

    def _day(self, row: Row, name: str) -> date | None:
        return self._columns.day(row, name) if self._columns.said(row, name) else None

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is. Whoever is named is looked up, with what they hold already."""
        people = look_up(load, self._sender.source, staff={each.staff for each in self._listed})
        found = {each.staff: people.staff(each.staff) for each in self._listed}
        files = {credentials_of(each) for each in found.values() if each is not None}
        on_file = look_up(load, self._sender.source, streams=files)
        drafts: list[Draft] = []
        begun: set[UUID] = set()
        for each in self._listed:
            staff_id = found[each.staff]
            thing = ("credential", str(each.row.line))
            place = self._place(each.row)
            if staff_id is None:
                write = partial(self._nobody, each)
                drafts.append(Draft(thing, UUID(int=0), place, write))
                continue
            credential_id = each.id_for(staff_id)
            file: Credentials | None = on_file.state(credentials_of(staff_id))
            held = None if file is None else file.of(credential_id)
            if held is not None and each.valid_from <= held.latest.valid_from:
                write = partial(self._brought_up_to_date, each, staff_id, held, place)
            else:
                renews = held is not None or credential_id in begun
                home = people.state(staff_id).facility_id
                write = partial(self._letters, each, staff_id, home, place, renews)
            begun.add(credential_id)
            drafts.append(Draft(thing, credentials_of(staff_id), place, write))
        yield Stage("credentials", drafts, referred_to=True)

    def _nobody(self, it: Listed) -> list[Letter]:
        raise self._columns.bad(it.row, "staff", "names nobody who is registered")

    def _letters(
        self, it: Listed, staff_id: UUID, home: UUID, place: Place, renews: bool
    ) -> list[Letter]:
        credential_id = it.id_for(staff_id)
        name = f"{credential_id}/{it.valid_from}"
        told: Command
        if renews:
            told = RenewCredential(
                staff_id=staff_id,
                credential_id=credential_id,
                valid_from=it.valid_from,
                valid_to=it.valid_to,
            )
        else:
            told = RecordCredential(
                staff_id=staff_id,
                facility_id=home,
                kind=it.kind,
                title=it.title,
                number=it.number,
                issuer=it.issuer,
                state=it.state,
                valid_from=it.valid_from,
                valid_to=it.valid_to,
            )
        letters = [self._sender.letter(told, "credential", name, place)]
        if it.verified_on is not None:
            verify = self._verification(it, staff_id, credential_id, it.verified_on)
            letters.append(self._sender.letter(verify, "verification", name, place))
        return letters

    def _brought_up_to_date(
        self, it: Listed, staff_id: UUID, held: HeldCredential, place: Place
    ) -> list[Letter]:
        """What a row says otherwise of a credential that is on file for its term. What an empty
        cell leaves open stays as it is; what its source said later than the row is not unsaid."""
        (term,) = [each for each in held.terms if each.valid_from == it.valid_from] or (None,)
        if term is None:
            rule = f"is no beginning of a term on file; the latest began {held.latest.valid_from}"
            raise self._columns.bad(it.row, "valid_from", rule)
        name = f"{held.credential_id}/{it.valid_from}"
        letters = []
        ends_otherwise = it.valid_to not in (None, term.valid_to)
        if term is not held.latest:
            if ends_otherwise:
                rule = f"is not the end of that term, {term.valid_to}, which a later one follows"
                raise self._columns.bad(it.row, "valid_to", rule)
            return []
        if ends_otherwise:
            correct = CorrectCredential(
                staff_id=staff_id,
                credential_id=held.credential_id,
                valid_from=it.valid_from,
                valid_to=it.valid_to,
                corrected_on=self._now.date(),
                reason=f"{self._sender.source} says so",
            )
            change = place.changed("valid_to", term.valid_to, it.valid_to)
            letters.append(self._sender.change(correct, "correction", name, place, change))
        known_since = None if ends_otherwise else term.verified_on
        if it.verified_on is not None and (known_since is None or known_since < it.verified_on):
            verify = self._verification(it, staff_id, held.credential_id, it.verified_on)
            change = place.changed("verified_on", term.verified_on, it.verified_on)
            letters.append(self._sender.change(verify, "verification", name, place, change))
        return letters

    def _verification(
        self, it: Listed, staff_id: UUID, credential_id: UUID, verified_on: date
    ) -> VerifyCredential:
        return VerifyCredential(
            staff_id=staff_id,
            credential_id=credential_id,
            verified_on=verified_on,
            verified_by=it.verified_by,
            source=it.source,
        )


import_credentials = importer_of(CredentialsList)
"""Puts the credentials a list names into the files of those who hold them."""

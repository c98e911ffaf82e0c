"""The mailroom's desk for credentials: any list of them, CSV or workbook, goes into people's files.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`):

* ``staff``: whose it is, by their id, their NPI, or what the source calls them
  (`facilities.exchange.references`);
* ``kind``: license, certification, dea, board, life_support or privilege; ``issuer``;
  ``valid_from`` and ``valid_to`` (empty: it has no end);
* ``title``, ``number``, ``state``;
* ``verified_on``, ``verified_by`` and ``source``: where its source has confirmed it.

A row whose credential is on file for an earlier term renews it.
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
from domain.workforce.credentialing import RecordCredential, RenewCredential, VerifyCredential
from domain.workforce.events.held import CredentialKind, credential_id_of, credentials_of
from facilities.exchange.delivery import Stage
from facilities.exchange.lists import MappedList, importer_of
from facilities.exchange.mapping import Fields
from facilities.exchange.parcels import Draft, Letter, Place
from facilities.exchange.references import References, look_up
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
        drafts, begun = [], set()
        for each in self._listed:
            staff_id = found[each.staff]
            thing = ("credential", str(each.row.line))
            place = self._place(each.row)
            if staff_id is None:
                write = partial(self._nobody, each)
                drafts.append(Draft(thing, UUID(int=0), place, write))
                continue
            credential_id = each.id_for(staff_id)
            renews = credential_id in begun or _renews(on_file, staff_id, credential_id, each)
            begun.add(credential_id)
            home = people.state(staff_id).facility_id
            write = partial(self._letters, each, staff_id, home, place, renews)
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
            verify = VerifyCredential(
                staff_id=staff_id,
                credential_id=credential_id,
                verified_on=it.verified_on,
                verified_by=it.verified_by,
                source=it.source,
            )
            letters.append(self._sender.letter(verify, "verification", name, place))
        return letters


def _renews(on_file: References, staff_id: UUID, credential_id: UUID, it: Listed) -> bool:
    """Whether it is on file for an earlier term than the row's."""
    state: Credentials | None = on_file.state(credentials_of(staff_id))
    held = None if state is None else state.of(credential_id)
    return held is not None and held.terms[0].valid_from < it.valid_from


import_credentials = importer_of(CredentialsList)
"""Puts the credentials a list names into the files of those who hold them."""

"""Rules that look into tables: is there such a code, and what does correct coding say of it.

They find nothing where no table is loaded that holds on the day of the service. A table of codes is
that of the day; of the NCCI's pairs it is the latest, because each pair tells its own days.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from domain.revenue.claim import Claim
from domain.revenue.events.claim import ClaimType
from domain.revenue.events.code_table import (
    CareSetting,
    CodeEntry,
    CodePageStanding,
    CodeTable,
    CodeTableStanding,
    page_for,
    page_of,
    table_of,
)
from domain.revenue.scrubber.codes import CPT, HCPCS, ICD_10_CM
from domain.revenue.scrubber.form import INPATIENT
from domain.revenue.scrubber.rules import Reviewed, Wrong, rule
from domain.revenue.service_line import ServiceLine

LEVEL_II = "[A-V][0-9]{4}"
"""A code of HCPCS level II, which CMS publishes; level I is the AMA's."""

SET_APART = frozenset(
    """
    E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LT RT LC LD RC LM RI
    24 25 57 58 78 79 27 59 91 XE XS XP XU
    """.split()
)
"""The modifiers that let both of a pair be paid (NCCI Policy Manual, chapter I, section E)."""

NO_MODIFIER, WITH_MODIFIER = "0", "1"
PER_LINE = "1"


def setting_of(claim: Claim) -> CareSetting | None:
    """Whose edits a claim is held against; None for inpatients, to whom the NCCI does not apply."""
    if claim.claim_type is ClaimType.PROFESSIONAL:
        return CareSetting.PRACTITIONER
    inpatient = (claim.form.type_of_bill or "").startswith(INPATIENT)
    return None if inpatient else CareSetting.OUTPATIENT_HOSPITAL


def consulted(claim: Claim) -> Iterator[UUID]:
    """The tables, and the pages of those codes that the claim has."""
    diagnoses = {_plain(each.value) for each in claim.diagnoses if each.system == ICD_10_CM}
    procedures = {each.procedure.value for each in _coded(claim.billed_lines)}
    looked_up = [
        (CodeTable.ICD_10_CM, CareSetting.ANY, diagnoses),
        (CodeTable.HCPCS, CareSetting.ANY, procedures),
    ]
    if (setting := setting_of(claim)) is not None:
        looked_up += [
            (CodeTable.NCCI_PTP, setting, procedures),
            (CodeTable.NCCI_MUE, setting, procedures),
        ]
    for table, of_setting, codes in looked_up:
        yield table_of(table, of_setting)
        for page in {page_for(table, each) for each in codes}:
            yield page_of(table, of_setting, page)


@rule("diagnosis.unknown", source="CMS, ICD-10-CM tabular list")
def diagnosis_unknown(reviewed: Reviewed) -> Iterator[Wrong]:
    """A diagnosis is in the table that holds on the first day of care, to its last character."""
    for each in reviewed.claim.diagnoses:
        if each.system == ICD_10_CM:
            code, day = _plain(each.value), reviewed.claim.service_on
            found = _page(reviewed, CodeTable.ICD_10_CM, CareSetting.ANY, code, day)
            if found is not None and not _in_force(found, code, day):
                message = f"{each.value} is not in the table of {day}."
                yield Wrong("diagnoses", message)


@rule("line.procedure_unknown", source="CMS, HCPCS level II; level I where it is loaded")
def procedure_unknown(reviewed: Reviewed) -> Iterator[Wrong]:
    """A procedure is in the table that holds on the day of the service."""
    for each in _coded(reviewed.lines):
        code, day = each.procedure.value, each.service_on
        found = _page(reviewed, CodeTable.HCPCS, CareSetting.ANY, code, day)
        # Level I is not in CMS's table: there is no page of it, and nothing is known of it.
        known = found or re.fullmatch(LEVEL_II, code)
        if found is not None and known and not _in_force(found, code, day):
            message = f"{code} is not in the table of {day}."
            yield Wrong("procedure", message, each.number)


@rule("ncci.pair", source="CMS, NCCI procedure-to-procedure edits")
def ncci_pair(reviewed: Reviewed) -> Iterator[Wrong]:
    """Of a pair that is not paid together on a day, one is not billed, or a modifier says why."""
    setting, lines = setting_of(reviewed.claim), [*_coded(reviewed.lines)]
    for paid in lines:
        page = _page(reviewed, CodeTable.NCCI_PTP, setting, paid.procedure.value, None)
        for each in lines if page else ():
            pair = (page or {}).get(each.procedure.value)
            if pair is None or each is paid or not pair.holds_on(each.service_on):
                continue
            if _when_and_who(reviewed, each) != _when_and_who(reviewed, paid):
                continue
            code, other = each.procedure.value, f"{paid.procedure.value} (line {paid.number})"
            if pair.indicator == NO_MODIFIER:
                message = f"{code} is never paid beside {other}."
                yield Wrong("procedure", message, each.number)
            elif pair.indicator == WITH_MODIFIER and SET_APART.isdisjoint(
                {*each.modifiers, *paid.modifiers}
            ):
                message = f"{code} is paid beside {other} with a modifier that sets it apart."
                yield Wrong("modifiers", message, each.number)


@rule("ncci.units", source="CMS, NCCI medically unlikely edits")
def ncci_units(reviewed: Reviewed) -> Iterator[Wrong]:
    """No more units are billed, in a line or of a day, than are likely."""
    setting, lines = setting_of(reviewed.claim), [*_coded(reviewed.lines)]
    of_day: Counter[tuple[object, ...]] = Counter()
    for each in lines:
        of_day[each.procedure.value, *_when_and_who(reviewed, each)] += each.units
    for each in lines:
        code, day = each.procedure.value, each.service_on
        page = _page(reviewed, CodeTable.NCCI_MUE, setting, code, day) or {}
        limit = page.get(code)
        if limit is None or limit.units is None:
            continue
        # Of a day it is told once: what was told is not there any more.
        per_line = limit.indicator == PER_LINE
        of = (code, *_when_and_who(reviewed, each))
        billed = each.units if per_line else of_day.pop(of, 0)
        if billed > limit.units:
            likely = f"{limit.units} of {'a line' if per_line else 'a day'} are likely"
            message = f"{billed} units of {code} are billed, and {likely}."
            yield Wrong("units", message, each.number)


# --- looking up ----------------------------------------------------------------------------------


def _page(
    reviewed: Reviewed, table: CodeTable, setting: CareSetting | None, code: str, day: date | None
) -> Mapping[str, CodeEntry] | None:
    """What the table that holds on a day (None: the latest) has on the code's page; None where no
    table holds."""
    if setting is None:
        return None
    found = reviewed.at.standings.get(table_of(table, setting))
    if not isinstance(found, CodeTableStanding):
        return None
    edition = found.on(date.max if day is None else day)
    if edition is None:
        return None
    page = page_for(table, code)
    said = reviewed.at.standings.get(page_of(table, setting, page))
    if page not in edition.pages or not isinstance(said, CodePageStanding):
        return {}
    return said.by(edition)


def _in_force(page: Mapping[str, CodeEntry], code: str, day: date) -> bool:
    entry = page.get(code)
    return entry is not None and entry.holds_on(day)


def _coded(lines: tuple[ServiceLine, ...]) -> Iterator[ServiceLine]:
    return (each for each in lines if each.procedure.system in (CPT, HCPCS))


def _when_and_who(reviewed: Reviewed, line: ServiceLine) -> tuple[date, str | None]:
    """On which day a line was rendered, and by whom: edits are for one day of one provider."""
    return line.service_on, line.rendering_npi or reviewed.claim.form.rendering_npi


def _plain(code: str) -> str:
    return code.replace(".", "")

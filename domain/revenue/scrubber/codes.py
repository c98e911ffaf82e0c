"""Rules about codes: diagnoses, procedures, modifiers, and lines that are there twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from domain.revenue.events.preparation import Severity
from domain.revenue.scrubber.rules import Reviewed, Wrong, rule
from domain.revenue.service_line import ServiceLine

ICD_10_CM, CPT, HCPCS = "ICD-10-CM", "CPT", "HCPCS"
DIAGNOSIS = r"[A-Z][0-9][0-9AB](\.?[0-9A-Z]{1,4})?"
"""U too: U07.1 is a diagnosis since 2020."""
PROCEDURE = r"[A-V][0-9]{4}|[0-9]{4}[0-9AFMTU]"
REPEATED = frozenset({"59", "76", "77", "91", "XE", "XS", "XP", "XU"})
"""Modifiers that say that the same was done again, or apart from the other."""


@rule("diagnosis.code_set", source="45 CFR 162.1002", severity=Severity.WARNING)
def diagnosis_code_set(reviewed: Reviewed) -> Iterator[Wrong]:
    """A payer is told diagnoses in ICD-10-CM."""
    for each in reviewed.claim.diagnoses if reviewed.insured else ():
        if each.system != ICD_10_CM:
            yield Wrong("diagnoses", f"{each.value} is a code of {each.system}.")


@rule("diagnosis.shape", source="ICD-10-CM Official Guidelines, section I.A.2")
def diagnosis_shape(reviewed: Reviewed) -> Iterator[Wrong]:
    """A code of ICD-10-CM has a letter, two more characters, and up to four behind a point."""
    for each in reviewed.claim.diagnoses:
        if each.system == ICD_10_CM and not re.fullmatch(DIAGNOSIS, each.value):
            yield Wrong("diagnoses", f"{each.value} is no code of ICD-10-CM.")


@rule("diagnosis.repeated", source="X12 837, HI segment", severity=Severity.WARNING)
def diagnosis_repeated(reviewed: Reviewed) -> Iterator[Wrong]:
    """A diagnosis is there once."""
    for code, times in Counter(reviewed.claim.diagnoses).items():
        if times > 1:
            yield Wrong("diagnoses", f"{code.value} is there {times} times.")


@rule("line.procedure_code_set", source="45 CFR 162.1002", severity=Severity.WARNING)
def procedure_code_set(reviewed: Reviewed) -> Iterator[Wrong]:
    """A payer is told procedures in CPT or HCPCS."""
    for each in reviewed.lines if reviewed.insured else ():
        if each.procedure.system not in (CPT, HCPCS):
            message = f"{each.procedure.value} is a code of {each.procedure.system}."
            yield Wrong("procedure", message, each.number)


@rule("line.procedure_shape", source="CMS, HCPCS levels I and II")
def procedure_shape(reviewed: Reviewed) -> Iterator[Wrong]:
    """A code of CPT or HCPCS has five characters."""
    for each in reviewed.lines:
        named = each.procedure.system in (CPT, HCPCS)
        if named and not re.fullmatch(PROCEDURE, each.procedure.value):
            yield Wrong("procedure", f"{each.procedure.value} is no such code.", each.number)


@rule("line.pointer_missing", source="CMS-1500, box 24E; X12 837P, SV107")
def pointer_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """A line of a professional claim points at a diagnosis that justifies it."""
    for each in reviewed.lines if reviewed.professional and reviewed.insured else ():
        if not each.diagnosis_pointers:
            yield Wrong("diagnosis_pointers", "It points at no diagnosis.", each.number)


@rule("line.modifier_repeated", source="X12 837, SV101-3 to SV101-6")
def modifier_repeated(reviewed: Reviewed) -> Iterator[Wrong]:
    """A modifier is there once."""
    for each in reviewed.lines:
        for modifier, times in Counter(each.modifiers).items():
            if times > 1:
                yield Wrong("modifiers", f"{modifier} is there {times} times.", each.number)


@rule("line.charge_zero", source="CMS Pub. 100-04, chapter 1", severity=Severity.WARNING)
def charge_zero(reviewed: Reviewed) -> Iterator[Wrong]:
    """Something is asked for a line."""
    for each in reviewed.lines:
        if not each.charged:
            yield Wrong("unit_amount", "Nothing is asked for it.", each.number)


@rule("line.duplicate", source="CMS Pub. 100-04, chapter 1, section 120")
def line_duplicate(reviewed: Reviewed) -> Iterator[Wrong]:
    """The same is not billed twice on a day without a modifier that says why."""
    first: dict[object, ServiceLine] = {}
    for each in reviewed.lines:
        if REPEATED.isdisjoint(each.modifiers):
            same = (each.procedure, each.modifiers, each.service_on, each.rendering_npi)
            if same in first:
                message = f"The same is billed in line {first[same].number}."
                yield Wrong("procedure", message, each.number)
            first.setdefault(same, each)

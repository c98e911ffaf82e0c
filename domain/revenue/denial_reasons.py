"""Why payers deny: reason codes (X12 code list 139) by what they are about, and what prevents them.

The grouping is our own (c): codes that the same desk works on. The texts of the code list are its
publisher's and are not kept here.
"""

from __future__ import annotations

from domain.revenue.events.denial import DenialCategory

_CODES = {
    DenialCategory.ELIGIBILITY: "26 27 30 31 32 33 34 35 166 177 200",
    DenialCategory.COORDINATION_OF_BENEFITS: "19 20 21 22 24 109",
    DenialCategory.AUTHORIZATION: "15 38 39 62 197 198 210 243 284",
    DenialCategory.TIMELY_FILING: "29 164",
    DenialCategory.DUPLICATE: "18",
    DenialCategory.MISSING_INFORMATION: "16 125 129 148 163 206 207 208 226 227 251 252",
    DenialCategory.CODING: "4 5 6 7 8 9 10 11 12 40 112 146 181 182 199 222",
    DenialCategory.BUNDLING: "97 231 234 236",
    DenialCategory.MEDICAL_NECESSITY: "50 54 55 56 150 151 152 153 167",
    DenialCategory.NOT_COVERED: "49 51 53 60 96 119 149 204 256",
    DenialCategory.PROVIDER_ENROLMENT: "52 170 171 172 183 184 185 242 B7 B23",
}
_CATEGORIES = {code: category for category, codes in _CODES.items() for code in codes.split()}

_RULES = {
    DenialCategory.AUTHORIZATION: (
        "authorization.missing", "authorization.not_valid", "authorization.units_left",
    ),
    DenialCategory.TIMELY_FILING: ("timely_filing.passed",),
    DenialCategory.DUPLICATE: ("line.duplicate",),
    DenialCategory.ELIGIBILITY: ("claim.member_id_missing",),
    DenialCategory.MISSING_INFORMATION: (
        "claim.diagnosis_missing", "claim.member_id_missing", "claim.place_of_service",
        "claim.type_of_bill", "claim.discharge_status_missing", "claim.attending_missing",
        "claim.rendering_missing", "provider.npi", "line.revenue_code", "line.pointer_missing",
        "line.date_outside",
    ),
    DenialCategory.CODING: (
        "diagnosis.code_set", "diagnosis.shape", "diagnosis.repeated", "line.procedure_code_set",
        "line.procedure_shape", "line.modifier_repeated", "line.pointer_missing",
        "claim.place_of_service",
    ),
    DenialCategory.PROVIDER_ENROLMENT: ("rendering.not_at_work", "provider.npi"),
}  # fmt: skip


def category_of(reason_code: str) -> DenialCategory:
    """What a reason is about."""
    return _CATEGORIES.get(reason_code, DenialCategory.OTHER)


def rules_against(category: DenialCategory) -> frozenset[str]:
    """The rules of the scrubber that look for what a category of denials is about."""
    return frozenset(_RULES.get(category, ()))

"""In which zone a state's clocks are: what the mailroom assumes where a file names a state only.

The boundaries of the zones are those of 49 CFR part 71 (US Department of Transportation); the names
are the IANA database's. A state that lies in several zones is given the one most of its people
live in, so that some places in FL, ID, IN, KS, KY, MI, ND, NE, OR, SD, TN and TX are an hour off
until someone corrects them.
"""

from __future__ import annotations

_STATES_OF = {
    "America/New_York": "CT DC DE FL GA KY MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Detroit": "MI",
    "America/Indiana/Indianapolis": "IN",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Boise": "ID",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR",
    "America/St_Thomas": "VI",
    "Pacific/Guam": "GU",
    "Pacific/Saipan": "MP",
    "Pacific/Pago_Pago": "AS",
}

ZONES = {state: zone for zone, states in _STATES_OF.items() for state in states.split()}
"""The zone of each US state, of the capital's district and of the territories, by USPS code."""

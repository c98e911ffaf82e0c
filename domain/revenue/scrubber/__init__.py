"""The scrubber: named rules that a claim is held against before it goes out.

A rule has a stable code, a severity, a source, and is part of a version of the rules; a payer's
contract may switch it off. `rules` tells what one is; the others hold them, by what they look at.
"""

from domain.revenue.scrubber import (  # noqa: F401 - their rules are registered
    codes,
    form,
    others,
    payer,
    tables,
)
from domain.revenue.scrubber.rules import RULES, RULES_VERSION, Reviewed, findings

__all__ = ["RULES", "RULES_VERSION", "Reviewed", "findings"]

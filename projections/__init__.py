"""What people look at: read models folded from facts, and what asks them.

`READ_MODELS` is every read model that a module of this package declares. The runner folds these,
and nothing else.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from projections.kernel import ReadModel


def _declared() -> tuple[ReadModel[Any], ...]:
    """The read models of this package's modules, by name. Raises TypeError where two share one."""
    found: dict[str, ReadModel[Any]] = {}
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, ReadModel) and found.setdefault(value.name, value) is not value:
                raise TypeError(f"two read models are called {value.name!r}")
    return tuple(found[name] for name in sorted(found))


READ_MODELS = _declared()

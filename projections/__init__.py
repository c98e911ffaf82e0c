"""What people look at: read models folded from facts, and what asks them.

`READ_MODELS` is every read model there is. The runner folds these, and nothing else.
"""

from __future__ import annotations

from typing import Any

from projections.kernel import ReadModel

READ_MODELS: tuple[ReadModel[Any], ...] = ()

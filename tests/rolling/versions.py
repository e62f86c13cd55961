"""The version before this one: its wheels, built from its tag, in an environment of their own."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BIN: Final = Path(sys.executable).parent
NOT_RELEASED: Final = ROOT / "tests" / "rolling" / "previous.txt"
"""Names a commit for as long as no version has a tag; from the first tag on it is not looked at."""
DISTRIBUTIONS: Final = ("shared/*", "services/*", "criteria_sets/*", "sample")


def previous() -> str:
    """Return the commit of the version before this one: of the newest tag behind HEAD, else the one named in a file."""
    tag = _git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^", may_fail=True)
    named = tag or NOT_RELEASED.read_text("utf-8").split()[0]
    found = _git("rev-parse", "--verify", "--quiet", f"{named}^{{commit}}", may_fail=True)
    assert found, f"{named} is not in this clone: the previous version is built from its commit, clone with the history"
    return found


def command_of(commit: str) -> Path:
    """Return the command `thidua` of a version; its wheels are built once and kept under .cache."""
    place = ROOT / ".cache" / "rolling" / commit
    command = place / "env" / "bin" / "thidua"
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        _unpack(commit, place / "source")
        _build(place / "source", place / "wheels")
        _install(place / "wheels", place / "env")
        shutil.rmtree(place / "source")
        (place / "complete").touch()
    return command


def source_of(commit: str) -> Path:
    """Return a folder with the source of a version, unpacked once and kept under .cache."""
    place = ROOT / ".cache" / "rolling" / f"{commit}-source"
    if not (place / "complete").exists():
        _unpack(commit, place)
        (place / "complete").touch()
    return place


def packages_in(source: Path) -> str:
    """Return the Python path on which the packages of a source stand before the installed ones of their names."""
    return ":".join(str(path) for pattern in DISTRIBUTIONS for path in sorted(source.glob(pattern)) if path.is_dir())


def _unpack(commit: str, folder: Path) -> None:
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def _build(source: Path, wheels: Path) -> None:
    for folder in sorted(path for pattern in DISTRIBUTIONS for path in source.glob(pattern) if path.is_dir()):
        _run(BIN / "uv", "build", "--wheel", "-q", "--no-build-isolation", "--python", sys.executable,
             "--out-dir", wheels, folder)  # fmt: skip


def _install(wheels: Path, environment: Path) -> None:
    _run(BIN / "uv", "venv", "-q", "--python", sys.executable, environment)
    _run(BIN / "uv", "pip", "install", "-q", "--no-deps", "--python", environment / "bin" / "python",
         *sorted(wheels.glob("*.whl")))  # fmt: skip
    # What both versions depend on is taken from here. What this folder says about the newer distributions stands
    # behind the older ones of the same names, and nothing of the newer code is in it: that is found through files
    # with the ending .pth, which are read in an environment's own folder only.
    own = next((environment / "lib").glob("python*/site-packages"))
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")


def _git(*arguments: str, may_fail: bool = False) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=not may_fail)
    return done.stdout.strip()


def _run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"

"""What a criteria set travels in: a wheel with one entry point, or a zip of the folder where it has no code.

Nothing of it is imported or installed here; it is only read, within limits.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import Final

from thidua.criteria.errors import CriteriaSetNotFound, PackageRefused
from thidua.criteria.loader import FILE, GROUP

MOST_BYTES: Final = 5_000_000
MOST_FILES: Final = 500
KINDS: Final = (".py", ".yaml", ".md", ".txt", ".json", ".pyi", ".typed")
_IS_THIDUA: Final = re.compile(r"thidua\s*([=<>~!;(]|$)")
FOLDER: Final = "criteria_set"
"""The name of the folder in which a set without code is unpacked."""


@dataclass(frozen=True)
class SetFiles:
    """The files of one criteria set by their path below its folder; `package`: the name that its code imports."""

    package: str
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> Path:
        """Write them below `folder` and return the folder of the set."""
        home = folder / self.package
        for name, content in self.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
        return home


def packed(place: Path) -> bytes:
    """Return a wheel as it is, or the zip of a folder that holds criteria.yaml and no code.

    Raises PackageRefused for a folder that must be built first, CriteriaSetNotFound if there is no set.
    """
    if place.is_file():
        return place.read_bytes()
    if (place / "pyproject.toml").is_file():
        raise PackageRefused(name=place, why="this is the source of a distribution; build its wheel first (uv build)")
    if not (place / FILE).is_file():
        raise CriteriaSetNotFound(place=place)
    if (place / "__init__.py").is_file():
        raise PackageRefused(name=place, why="a set with code is installed as a wheel; build that first")
    return _zipped({str(file.relative_to(place)): file for file in (place / FILE, *place.glob("golden/*.yaml"))})


def packed_source(place: Path) -> bytes:
    """Pack a set as its author has it before him, also the source of a distribution, without building a wheel.

    For trying a set out; what is installed for good is a wheel. Raises what `packed` raises.
    """
    if place.is_file() or not (place / "pyproject.toml").is_file():
        return packed(place)
    home = package_of_project(place)
    files = {f"{home.name}/{file.relative_to(home)}": file for file in home.rglob("*") if file.suffix in KINDS}
    return _zipped(files, {"source.dist-info/entry_points.txt": f"[{GROUP}]\nset = {home.name}\n"})


def _zipped(files: Mapping[str, Path], texts: Mapping[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in sorted(files.items()):
            # A fixed date: the same folder makes the same bytes.
            archive.writestr(zipfile.ZipInfo(name), file.read_bytes())
        for name, text in (texts or {}).items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return made.getvalue()


def unpacked(content: bytes, name: str) -> SetFiles:
    """Return the files of the one criteria set in a wheel or zip. Raises PackageRefused with the reason."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = dict(_files(archive, name))
    # Not RuntimeError in general: zipfile raises it for what is encrypted.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise PackageRefused(name=name, why=f"it is no wheel and no zip ({error})") from None
    if FILE in files:
        return SetFiles(FOLDER, {one: data for one, data in files.items() if one.endswith(".yaml")})
    return _of_wheel(files, name)


def _files(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
    listed = [one for one in archive.infolist() if not one.is_dir()]
    if len(listed) > MOST_FILES or sum(one.file_size for one in listed) > MOST_BYTES:
        raise PackageRefused(name=name, why=f"it holds more than {MOST_FILES} files or {MOST_BYTES // 1_000_000} MB")
    for one in listed:
        path = PurePosixPath(one.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in one.filename:
            raise PackageRefused(name=name, why=f"{one.filename!r} leads out of the package")
        yield one.filename, archive.read(one)


def _of_wheel(files: Mapping[str, bytes], name: str) -> SetFiles:
    metadata = {PurePosixPath(one).name: data for one, data in files.items() if ".dist-info/" in one}
    package = _package(metadata, name)
    _refuse_needs(metadata.get("METADATA", b"").decode("utf-8", "replace"), name)
    start = f"{package}/"
    others = sorted(one for one in files if not one.startswith(start) and ".dist-info/" not in one)
    if others:
        raise PackageRefused(name=name, why=f"{others[0]} lies outside the package {package}; a set is one package")
    found = {one.removeprefix(start): data for one, data in files.items() if one.startswith(start)}
    foreign = sorted(one for one in found if not one.endswith(KINDS))
    if foreign:
        raise PackageRefused(name=name, why=f"{foreign[0]} is neither text nor Python; a set holds nothing compiled")
    if FILE not in found:
        raise PackageRefused(name=name, why=f"its package {package} holds no {FILE}")
    return SetFiles(package, found)


def _package(metadata: Mapping[str, bytes], name: str) -> str:
    parser = ConfigParser(delimiters="=", interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # ids keep their letters
    parser.read_string(metadata.get("entry_points.txt", b"").decode("utf-8", "replace"))
    found = dict(parser[GROUP]) if parser.has_section(GROUP) else {}
    if len(found) != 1:
        raise PackageRefused(name=name, why=f"it has {len(found)} entry points {GROUP}; a wheel holds one criteria set")
    package = next(iter(found.values())).strip()
    if not package.isidentifier():
        raise PackageRefused(name=name, why=f"its entry point names {package!r}; name a package at the top")
    return package


def _refuse_needs(metadata: str, name: str) -> None:
    needed = Parser().parsestr(metadata, headersonly=True).get_all("Requires-Dist") or []
    for one in needed:
        if "extra ==" not in one and not _IS_THIDUA.match(one):
            raise PackageRefused(name=name, why=f"it needs {one}; a set needs thidua and nothing else")


def package_of_project(folder: Path) -> Path:
    """Return the folder of the set in the source of a distribution. Raises PackageRefused if it names none."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    points = project.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if len(points) != 1:
        raise PackageRefused(name=folder, why=f"its pyproject.toml has {len(points)} entry points {GROUP}; write one")
    package = str(next(iter(points.values())))
    places = (folder / package, folder / "src" / package)
    return next((one for one in places if (one / FILE).is_file()), places[0])

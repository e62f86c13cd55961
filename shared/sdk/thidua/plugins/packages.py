"""What a criteria set travels in: a wheel with one entry point, or a zip of the folder where it has no code.

Nothing of it is imported or installed here; it is only read, within limits.
"""

from __future__ import annotations

import io
import keyword
import re
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as NoEntryPoints
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import Any, Final

from thidua.criteria.errors import CriteriaSetNotFound, CriteriaSetRefused, PackageRefused
from thidua.criteria.loader import FILE, GROUP
from thidua.criteria.yaml_source import decoded, read_yaml

MOST_BYTES: Final = 5_000_000
MOST_FILES: Final = 500
KINDS: Final = (".py", ".yaml", ".md", ".txt", ".json", ".pyi", ".typed")
MOST_LETTERS: Final = 200
"""Bytes in the name of a file or folder; file systems keep 255."""

PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Only these are read in bounded steps: bzip2 and LZMA unpack a whole block, whatever size was declared."""

_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)
_IS_THIDUA: Final = re.compile(r"thidua\s*([=<>~!;(]|$)")
FOLDER: Final = "criteria_set"
"""The name of the folder in which a set without code is unpacked."""


@dataclass(frozen=True)
class SetFiles:
    """The files of one criteria set by their path below its folder; `package`: the name that its code imports."""

    package: str
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> Path:
        """Write them below `folder` and return the folder of the set.

        Raises PackageRefused, before anything is written, if one of them would lie elsewhere.
        """
        home = folder / self.package
        for name in self.files:
            if not (home / name).resolve().is_relative_to(home.resolve()):
                raise PackageRefused(name=self.package, why=f"{name!r} leads out of the package")
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
    home, point = package_of_project(place), next(iter(_points_of_project(place)))
    files = {f"{home.name}/{file.relative_to(home)}": file for file in home.rglob("*") if file.suffix in KINDS}
    return _zipped(files, {"source.dist-info/entry_points.txt": f"[{GROUP}]\n{point} = {home.name}\n"})


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
    # RuntimeError: what is encrypted; ValueError: what was cut off at the front.
    except _DAMAGED as error:
        raise PackageRefused(name=name, why=f"it is no wheel and no zip ({error})") from None
    if FILE in files:
        return SetFiles(FOLDER, {one: data for one, data in files.items() if one.endswith(".yaml")})
    return _of_wheel(files, name)


def _files(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
    listed = [one for one in archive.infolist() if not one.is_dir()]
    if len(listed) > MOST_FILES or sum(one.file_size for one in listed) > MOST_BYTES:
        raise PackageRefused(name=name, why=f"it holds more than {MOST_FILES} files or {MOST_BYTES // 1_000_000} MB")
    _refuse_places([one.filename for one in listed], name)
    for one in listed:
        if one.compress_type not in PACKINGS:
            raise PackageRefused(
                name=name, why=f"{one.filename!r} is neither stored nor deflated; pack it with deflate"
            )
        with archive.open(one) as stream:
            yield one.filename, stream.read(one.file_size + 1)


def _refuse_places(listed: Sequence[str], name: str) -> None:
    folders = {str(folder) for one in listed for folder in PurePosixPath(one).parents}
    for place, one in enumerate(listed):
        parts = one.split("/")
        if {"", ".", ".."} & set(parts) or "\\" in one:
            raise PackageRefused(name=name, why=f"{one!r} leads out of the package")
        if max(len(part.encode("utf-8", "replace")) for part in parts) > MOST_LETTERS:
            raise PackageRefused(name=name, why=f"the name {one[:40]!r}… is longer than {MOST_LETTERS} bytes")
        if one in folders or one in listed[:place]:
            raise PackageRefused(name=name, why=f"{one!r} stands in it twice, or is both a file and a folder")


def _of_wheel(files: Mapping[str, bytes], name: str) -> SetFiles:
    metadata = {PurePosixPath(one).name: data for one, data in files.items() if _is_about(one)}
    point, package = _point(metadata, name)
    _refuse_needs(metadata.get("METADATA", b"").decode("utf-8", "replace"), name)
    start = f"{package}/"
    others = sorted(one for one in files if not one.startswith(start) and not _is_about(one))
    if others:
        raise PackageRefused(name=name, why=f"{others[0]} lies outside the package {package}; a set is one package")
    found = {one.removeprefix(start): data for one, data in files.items() if one.startswith(start)}
    foreign = sorted(one for one in found if not one.endswith(KINDS))
    if foreign:
        raise PackageRefused(name=name, why=f"{foreign[0]} is neither text nor Python; a set holds nothing compiled")
    if FILE not in found:
        raise PackageRefused(name=name, why=f"its package {package} holds no {FILE}")
    written = _text_of(found[FILE], "id")
    if written is not None and written != point:
        why = f"its entry point is called {point!r} and its set {written!r}; call the entry point as the set"
        raise PackageRefused(name=name, why=why)
    about = Parser().parsestr(metadata.get("METADATA", b"").decode("utf-8", "replace"), headersonly=True)
    _refuse_other_version(about.get("Version"), found[FILE], name)
    return SetFiles(package, found)


def _is_about(path: str) -> bool:
    # Only at the top: below its package a set may call a folder as it likes.
    return path.partition("/")[0].endswith(".dist-info")


def _refuse_other_version(version: object, content: bytes, name: object) -> None:
    written = _text_of(content, "version")
    if isinstance(version, str) and written is not None and version != written:
        why = f"its distribution is version {version} and its set {written}; write one in pyproject.toml and {FILE}"
        raise PackageRefused(name=name, why=why)


def refuse_other_version(folder: Path) -> None:
    """Raise PackageRefused if the source of a distribution and its set are of two versions."""
    home = package_of_project(folder)
    if (home / FILE).is_file():
        _refuse_other_version(_project(folder).get("version"), (home / FILE).read_bytes(), folder)


def _text_of(content: bytes, key: str) -> str | None:
    """Return id or version of a set; None where the file does not say it: that its examiners tell, line by line."""
    try:
        tree = read_yaml(decoded(content, FILE), FILE).tree
    except CriteriaSetRefused:
        return None
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, str) else None


def _point(metadata: Mapping[str, bytes], name: str) -> tuple[str, str]:
    parser = ConfigParser(delimiters="=", interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # ids keep their letters
    try:
        parser.read_string(metadata.get("entry_points.txt", b"").decode("utf-8", "replace"))
    except NoEntryPoints as error:
        why = f"its entry_points.txt cannot be read ({' '.join(str(error).split())[:200]})"
        raise PackageRefused(name=name, why=why) from None
    found = dict(parser[GROUP]) if parser.has_section(GROUP) else {}
    if len(found) != 1:
        raise PackageRefused(name=name, why=f"it has {len(found)} entry points {GROUP}; a wheel holds one criteria set")
    point, package = next((key, str(value or "").strip()) for key, value in found.items())
    if not package.isidentifier() or keyword.iskeyword(package):
        raise PackageRefused(name=name, why=f"its entry point names {package!r}; name a package at the top")
    return point, package


def _refuse_needs(metadata: str, name: str) -> None:
    needed = Parser().parsestr(metadata, headersonly=True).get_all("Requires-Dist") or []
    for one in needed:
        if "extra ==" not in one and not _IS_THIDUA.match(one):
            raise PackageRefused(name=name, why=f"it needs {one}; a set needs thidua and nothing else")


def package_of_project(folder: Path) -> Path:
    """Return the folder of the set in the source of a distribution. Raises PackageRefused if it names none."""
    package = next(iter(_points_of_project(folder).values()))
    places = (folder / package, folder / "src" / package)
    return next((one for one in places if (one / FILE).is_file()), places[0])


def _points_of_project(folder: Path) -> dict[str, str]:
    points = _project(folder).get("entry-points", {}).get(GROUP, {})
    if len(points) != 1:
        raise PackageRefused(name=folder, why=f"its pyproject.toml has {len(points)} entry points {GROUP}; write one")
    return {str(point): str(package) for point, package in points.items()}


def _project(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project", {})
    return found

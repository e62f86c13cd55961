"""What a set may travel in, and what is refused before anything of it is read further."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from thidua.criteria import CriteriaSetNotFound
from thidua.criteria.errors import NameRefused, PackageRefused
from thidua.plugins.packages import SetFiles, packed, unpacked
from thidua.plugins.places import set_folder
from thidua.plugins.writing import write_distribution

POINT = "[thidua.criteria_sets]\nbo = bo\n"


def zipped(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def wheel(points: str = POINT, needs: str = "thidua>=0.1", **files: str) -> bytes:
    metadata = f"Metadata-Version: 2.4\nName: bo\nVersion: 1\nRequires-Dist: {needs}\n"
    own = {"bo/__init__.py": "", "bo/criteria.yaml": "format: 1"}
    about = {"bo-1.dist-info/METADATA": metadata, "bo-1.dist-info/entry_points.txt": points}
    return zipped(**{**own, **files, **about})


def packed_by(way: int) -> bytes:
    """A hundred megabytes that say they are a hundred bytes: what deflate cannot pack so well, bzip2 and LZMA can."""
    made, name = io.BytesIO(), "criteria.yaml"
    with zipfile.ZipFile(made, "w", way) as archive:
        archive.writestr(name, bytes(3_000_000))
    content = made.getvalue()
    return content.replace((3_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))


def damaged() -> bytes:
    made, name = io.BytesIO(), "criteria.yaml"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "format: 1\n" * 100)
    content = bytearray(made.getvalue())
    content[31 + len(name)] ^= 0xFF
    return bytes(content)


def test_a_wheel_gives_the_files_of_its_package_below_its_folder() -> None:
    found = unpacked(wheel(**{"bo/golden/A.yaml": "[]"}), "bo.whl")
    assert (found.package, sorted(found.files)) == ("bo", ["__init__.py", "criteria.yaml", "golden/A.yaml"])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"text", "it is no wheel and no zip"),
        (damaged(), "it is no wheel and no zip"),
        (wheel(points=""), "0 entry points thidua.criteria_sets; a wheel holds one criteria set"),
        (wheel(points=POINT + "other = bo\n"), "2 entry points"),
        (wheel(points="[thidua.criteria_sets]\nbo = bo.sub\n"), "name a package at the top"),
        (wheel(needs="numpy>=2"), "it needs numpy>=2; a set needs thidua and nothing else"),
        (wheel(needs="thidua-runtime"), "it needs thidua-runtime"),
        (wheel(**{"bo/fast.so": ""}), "fast.so is neither text nor Python; a set holds nothing compiled"),
        (wheel(**{"other/__init__.py": ""}), "other/__init__.py lies outside the package bo"),
        (wheel(**{"../out.py": ""}), "leads out of the package"),
        (wheel(**{"/etc/out.py": ""}), "leads out of the package"),
        (wheel(**{"bo//tmp/out.py": ""}), "leads out of the package"),
        (wheel(**{"bo/./out.py": ""}), "leads out of the package"),
        (wheel(**{"bo/rules.py": "", "bo/rules.py/x.py": ""}), "is both a file and a folder"),
        (wheel(**{f"bo/{'a' * 300}.py": ""}), "is longer than 200 bytes"),
        (wheel()[40:], "it is no wheel and no zip"),
        (wheel(points="no section\n"), "its entry_points.txt cannot be read"),
        (wheel(points=POINT + "bo = bo\n"), "its entry_points.txt cannot be read"),
        (wheel(points="[thidua.criteria_sets]\nbo = class\n"), "its entry point names 'class'"),
        (wheel(**{"bo/criteria.yaml": "id: bo-khac"}), "called 'bo' and its set 'bo-khac'"),
        (wheel(**{"bo/criteria.yaml": "version: 2.0.0"}), "distribution is version 1 and its set 2.0.0"),
        (packed_by(zipfile.ZIP_BZIP2), "neither stored nor deflated"),
        (packed_by(zipfile.ZIP_LZMA), "neither stored nor deflated"),
        (packed_by(zipfile.ZIP_DEFLATED), "it is no wheel and no zip"),
        (wheel(**{f"bo/{n}.py": "" for n in range(600)}), "more than 500 files"),
        (zipped(**{"criteria.yaml": "A" * 6_000_000}), "more than 500 files or 5 MB"),
    ],
)
def test_what_cannot_be_a_set_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(PackageRefused, match=why):
        unpacked(content, "bo.whl")


def test_only_the_metadata_at_the_top_names_the_package() -> None:
    content = wheel(**{"bo/x.dist-info/entry_points.txt": "[thidua.criteria_sets]\nbo = khac\n"})
    assert unpacked(content, "bo.whl").package == "bo"


def test_no_more_is_unpacked_than_a_file_says_it_holds() -> None:
    content = packed_by(zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    try:
        with pytest.raises(PackageRefused):
            unpacked(content, "bo.whl")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 1_000_000


@pytest.mark.parametrize("name", ["/out.py", "../../out.py"])
def test_nothing_is_written_outside_the_folder_of_a_set(tmp_path: Path, name: str) -> None:
    files = SetFiles("bo", {"criteria.yaml": b"", f"{tmp_path}{name}" if name[0] == "/" else name: b""})
    with pytest.raises(PackageRefused, match="leads out of the package"):
        files.write(tmp_path / "sets" / "one")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_code_is_packed_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    (tmp_path / "criteria.yaml").write_text("format: 1\n", "utf-8")
    assert packed(tmp_path) == packed(tmp_path)
    assert dict(unpacked(packed(tmp_path), "x").files) == {"criteria.yaml": b"format: 1\n"}


def test_a_folder_that_must_be_built_first_says_so(tmp_path: Path) -> None:
    write_distribution("bo-thu", tmp_path, "Bộ tiêu chí thử", "collective", 2022)
    with pytest.raises(PackageRefused, match="build its wheel first"):
        packed(tmp_path / "bo-thu")
    with pytest.raises(PackageRefused, match="build that first"):
        packed(tmp_path / "bo-thu" / "bo_thu")
    with pytest.raises(CriteriaSetNotFound):
        packed(tmp_path)


@pytest.mark.parametrize("name", ["json", "class", "thidua", "thidua-testkit"])
def test_a_name_that_python_or_the_suite_has_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NameRefused, match="which a package of it would hide"):
        write_distribution(name, tmp_path, "Bộ tiêu chí", "collective", 2022)


@pytest.mark.parametrize(("name", "title"), [("Bo", "Bộ"), ("bo_thu", "Bộ"), ("bo", "Bo"), ("bo", 'Bộ "mới"')])
def test_a_name_or_title_that_cannot_be_one_is_refused(tmp_path: Path, name: str, title: str) -> None:
    with pytest.raises(NameRefused):
        write_distribution(name, tmp_path, title, "collective", 2022)


def test_a_set_that_lies_there_already_is_never_overwritten(tmp_path: Path) -> None:
    write_distribution("bo-thu", tmp_path, "Bộ tiêu chí thử", "individual", 2026)
    with pytest.raises(NameRefused, match="exists already"):
        write_distribution("bo-thu", tmp_path, "Bộ tiêu chí thử", "individual", 2026)


def test_a_draft_is_a_yaml_file_under_any_name(tmp_path: Path) -> None:
    beside = tmp_path / "criteria.yaml"
    draft = tmp_path / "du-thao-2023.yaml"
    for file in (beside, draft):
        file.write_text("format: 1\n", "utf-8")
    with set_folder(str(draft)) as folder:
        assert (folder / "criteria.yaml").read_text("utf-8") == "format: 1\n"
        assert folder != tmp_path
    assert not folder.exists()
    with set_folder(str(beside)) as folder:
        assert folder == tmp_path

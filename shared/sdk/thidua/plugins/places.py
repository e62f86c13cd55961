"""Where a criteria set lies that somebody names: a folder, the source of a distribution, a wheel, a package."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thidua.criteria.loader import FILE, folder_of
from thidua.plugins.packages import package_of_project, unpacked


@contextmanager
def set_folder(place: str) -> Iterator[Path]:
    """Give the folder of the set that `place` names; a wheel is unpacked for as long as the block lasts.

    A YAML file is a set too: criteria.yaml with what lies beside it, a draft under any other name alone.
    Raises CriteriaSetNotFound if there is none, PackageRefused for a file or distribution that holds none.
    """
    path = Path(place)
    if path.name == FILE and path.is_file():
        yield folder_of(str(path.parent))
    elif path.suffix in (".yaml", ".yml") and path.is_file():
        with tempfile.TemporaryDirectory(prefix="thidua-set-") as folder:
            (Path(folder) / FILE).write_bytes(path.read_bytes())
            yield Path(folder)
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="thidua-set-") as folder:
            yield unpacked(path.read_bytes(), path.name).write(Path(folder))
    elif (path / "pyproject.toml").is_file():
        yield package_of_project(path)
    else:
        yield folder_of(place)

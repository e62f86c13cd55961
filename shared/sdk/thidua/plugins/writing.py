"""`thidua plugins new`: a whole distribution, written from the templates beside this file."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from thidua.criteria.errors import NameRefused
from thidua.criteria.schema import FILE as SCHEMA

TEMPLATE: Final = Path(__file__).parent / "template"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write_distribution(
    name: str, into: Path, title: str, subject: Literal["collective", "individual"], year: int
) -> list[Path]:
    """Write the distribution `into/name` and return its files.

    Raises NameRefused for a name that is no id of a set, or where a folder of that name lies already.
    """
    if not _NAME.fullmatch(name) or len(name) > 80:
        raise NameRefused(why=f'"{name}" is no id; write small ASCII letters, digits and -, as in so-y-te-2026')
    package = name.replace("-", "_")
    if package in sys.stdlib_module_names or keyword.iskeyword(package) or name.split("-")[0] == "thidua":
        why = f'"{name}" is a name of Python or of this suite, which a package of it would hide; choose another'
        raise NameRefused(why=why)
    if not title or '"' in title or title.isascii():
        raise NameRefused(why=f"the title {title!r} is not Vietnamese, or holds a quotation mark")
    home = into / name
    if home.exists():
        raise NameRefused(why=f"{home} exists already; choose another name, or another folder with --into")
    words: dict[str, str | int] = {
        "name": name,
        "package": package,
        "title": title,
        "subject": subject,
        "year": year,
    }
    words["thidua"] = version("thidua")
    return [_written(home / path, text) for path, text in _rendered(words)]


def _rendered(words: dict[str, str | int]) -> Iterator[tuple[str, str]]:
    # Text and code, never HTML: there is nothing to escape.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATE), undefined=StrictUndefined, keep_trailing_newline=True
    )
    for template in environment.list_templates(extensions=["j2"]):
        path = template.removesuffix(".j2")
        folder, _, rest = path.partition("/")
        place = f"{words['package']}/{rest}" if folder == "package" else path
        yield place, environment.get_template(template).render(words)
    yield SCHEMA.name, SCHEMA.read_text("utf-8")


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file

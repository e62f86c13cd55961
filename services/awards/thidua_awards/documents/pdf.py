"""Papers as PDF, through typst: text goes in as values, so that nothing written in it becomes markup."""

from __future__ import annotations

import re
import unicodedata
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson
import typst

from thidua_awards.documents.paper import Paper

BUILT_IN: Final = "Libertinus Serif"
"""The font inside typst, complete for Vietnamese; the same pages on every machine."""


UNSHOWN: Final = re.compile(r"the text `\"(.*?)\"` could not be displayed")
UNKNOWN: Final = "[?]"
"""Stands for a character that no font at hand has."""

TRIES: Final = 3


def as_pdf(paper: Paper, fonts_folder: Path | None = None) -> bytes:
    """Return a paper as PDF/A-2b; `fonts_folder` (THIDUA_FONTS_FOLDER) may hold Times New Roman or its like.

    Fonts of the machine are never looked at, and no moment is written: the same paper gives the same bytes. A
    character that no font has (Latin letters, Vietnamese ones among them, always have one) is printed as `UNKNOWN`,
    and a line at the foot names it.
    """
    plain, missing = paper.plain(), set[str]()
    for _ in range(TRIES):
        try:
            return compiled(_marked(plain, missing), fonts_folder)
        except typst.TypstError as error:
            told = {sign for cluster in UNSHOWN.findall(error.diagnostic) for sign in cluster if not sign.isascii()}
            if told <= missing:
                raise
            # A sign that is joined to the one before is not told of by itself: all of its script goes.
            scripts = {_script(sign) for sign in told}
            missing |= {sign for sign in set(orjson.dumps(plain).decode()) if _script(sign) in scripts}
    return compiled(_marked(plain, missing), fonts_folder)


def _script(sign: str) -> str:
    """Return the script of a sign by the first word of its name; one without a name stands for itself."""
    return unicodedata.name(sign, sign).split()[0] if sign.strip() else sign


def _marked(plain: dict[str, Any], missing: set[str]) -> dict[str, Any]:
    if not missing:
        return plain
    signs = ", ".join(f"U+{ord(sign):04X}" for sign in sorted(missing))
    note = f"{UNKNOWN}: ký tự không có trong phông chữ của bản in ({signs}); bản DOCX giữ nguyên."
    marked: dict[str, Any] = _translated(plain, str.maketrans(dict.fromkeys(missing, UNKNOWN)))
    return {**marked, "foot": " ".join(filter(None, (marked["foot"], note)))}


def _translated(value: Any, table: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {name: _translated(one, table) for name, one in value.items()}
    return [_translated(one, table) for one in value] if isinstance(value, list) else value


def compiled(plain: dict[str, Any], fonts_folder: Path | None) -> bytes:
    """Return the plain values of a paper as PDF; raises TypstError where a font lacks one of its letters."""
    template = resources.files(__package__).joinpath("paper.typ").read_bytes()
    # The signature wants folders of the template's own type, which is bytes here.
    folders: list[Any] = [str(fonts_folder)] if fonts_folder else []
    fonts = ["Times New Roman", "Liberation Serif", "TeX Gyre Termes", BUILT_IN] if fonts_folder else [BUILT_IN]
    made = typst.compile(
        template,
        format="pdf",
        font_paths=folders,
        ignore_system_fonts=True,
        sys_inputs={"paper": orjson.dumps(plain).decode(), "fonts": orjson.dumps(fonts).decode()},
        pdf_standards="a-2b",
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made

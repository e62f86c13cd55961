"""Papers as PDF, through typst: text goes in as values, so that nothing written in it becomes markup."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson
import typst

from thidua_awards.documents.paper import Paper

BUILT_IN: Final = "Libertinus Serif"
"""The font inside typst, complete for Vietnamese; the same pages on every machine."""


def as_pdf(paper: Paper, fonts_folder: Path | None = None) -> bytes:
    """Return a paper as PDF/A-2b; `fonts_folder` (THIDUA_FONTS_FOLDER) may hold Times New Roman or its like.

    Fonts of the machine are never looked at, and no moment is written: the same paper gives the same bytes.
    """
    template = resources.files(__package__).joinpath("paper.typ").read_bytes()
    # The signature wants folders of the template's own type, which is bytes here.
    folders: list[Any] = [str(fonts_folder)] if fonts_folder else []
    fonts = ["Times New Roman", "Liberation Serif", "TeX Gyre Termes", BUILT_IN] if fonts_folder else [BUILT_IN]
    made = typst.compile(
        template,
        format="pdf",
        font_paths=folders,
        ignore_system_fonts=True,
        sys_inputs={"paper": orjson.dumps(paper.plain()).decode(), "fonts": orjson.dumps(fonts).decode()},
        pdf_standards="a-2b",
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made

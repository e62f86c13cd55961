"""Documents of the awards: papers as data, and their forms DOCX, PDF and XLSX. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from thidua_awards.documents.paper import Paper

FORMS: Final = ("docx", "pdf", "xlsx")


def writers(fonts_folder: Path | None = None) -> Mapping[str, Callable[[Paper], bytes]]:
    """Return what writes a paper in each of `FORMS`; imported here, for most processes print nothing."""
    from thidua_awards.documents.docx import as_docx  # noqa: PLC0415
    from thidua_awards.documents.pdf import as_pdf  # noqa: PLC0415
    from thidua_awards.documents.xlsx import as_xlsx  # noqa: PLC0415

    return {"docx": as_docx, "pdf": partial(as_pdf, fonts_folder=fonts_folder), "xlsx": as_xlsx}

"""A file sent to an import door: as multipart form field `file`, or as the raw body with its name in `?name=`."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from thidua_runtime.errors import BodyRefused, BodyTooLarge

MAXIMUM_BYTES = 20_000_000


@dataclass(frozen=True)
class Upload:
    """The file's name, which tells its format, and its bytes."""

    name: str
    data: bytes


async def upload(request: Request) -> Upload:
    """Read the uploaded file; raises BodyRefused when there is none or it is larger than 20 MB."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        found = await _from_form(request)
    else:
        found = Upload(request.query_params.get("name", "table.csv"), await request.body())
    if not found.data:
        raise BodyRefused(why="tệp rỗng", why_en="the file is empty")
    if len(found.data) > MAXIMUM_BYTES:
        raise BodyRefused(
            why=f"tệp lớn hơn {MAXIMUM_BYTES // 1_000_000} MB",
            why_en=f"the file is larger than {MAXIMUM_BYTES // 1_000_000} MB",
        )
    return found


async def _from_form(request: Request) -> Upload:
    try:
        # Leaving the block closes the file: a large one lies on disk.
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise BodyRefused(why="biểu mẫu không có tệp `file`", why_en="the form has no file named `file`")
            return Upload(file.filename or "table.csv", await file.read())
    except HTTPException as error:
        if error.status_code == BodyTooLarge.status:
            raise
        raise BodyRefused(why=str(error.detail)) from None

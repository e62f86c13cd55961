"""The HTTP door of a service: one factory, one way to read, one way to write, one shape of errors."""

from thidua_runtime.web.app import service_app
from thidua_runtime.web.doors import Page, Reader, Versioned, Writer, forget_answers, page, reader, writer
from thidua_runtime.web.joining import join_routers
from thidua_runtime.web.upload import Upload, upload

__all__ = [
    "Page",
    "Reader",
    "Upload",
    "Versioned",
    "Writer",
    "forget_answers",
    "join_routers",
    "page",
    "reader",
    "service_app",
    "upload",
    "writer",
]

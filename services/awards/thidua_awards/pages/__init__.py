"""Pages for officials: what the doors answer as JSON, as a person reads it. They only read."""

from thidua_awards.pages.doors import router

__all__ = ["router"]

"""Task sources: how each names our units, and from when silence is a fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from thidua_monitoring.errors import SourcesFileRefused
from thidua_runtime.settings import Settings

UNKNOWN_SOURCE = "unknown"
"""Metric label of every source that the file does not name; labels must stay few."""

MOST_PLACES = 5
"""Faults of a file that its refusal lists."""

SHORT_WORD = re.compile(r"[a-z][a-z0-9-]{0,29}")
"""What may become a label without being configured."""


class SourceConfig(BaseModel):
    """One task source. `units`: the source's unit code to ours. `vouches`: a month waits for its marks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: str = ""
    units: Mapping[str, str] = {}
    silent_after_hours: int = Field(48, ge=1)
    contact: str = ""
    vouches: bool = True


class Sources(BaseModel):
    """The sources file; without one (`configured` false) every source is accepted as it names itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[SourceConfig, ...] = ()
    configured: bool = False

    def named(self, name: str) -> SourceConfig | None:
        """Return a source of the file, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, SourceConfig]:
        return {source.name: source for source in reversed(self.sources)}

    def our_code(self, source: str, code: str) -> str:
        """Translate a source's unit code; codes the file does not translate are ours already."""
        config = self.named(source)
        return config.units.get(code, code) if config else code

    def their_codes(self, code: str) -> tuple[str, ...]:
        """Return every code under which some source knows our unit `code`, that code first."""
        return (code, *(their for s in self.sources for their, ours in s.units.items() if ours == code))

    def label(self, name: str) -> str:
        """Return the metric label of a source: its name if configured or, without a file, if it is a short word."""
        if self.configured:
            return name if self.named(name) else UNKNOWN_SOURCE
        return name if SHORT_WORD.fullmatch(name) else UNKNOWN_SOURCE

    def must_vouch(self) -> tuple[str, ...]:
        """Return the sources a month waits for, as the file names them."""
        return tuple(source.name for source in self.sources if source.vouches)


@cache
def load_sources(path: Path | None) -> Sources:
    """Read the sources file once; None means that any source is accepted.

    Raises SourcesFileRefused, which names the file and the first thing wrong with it.
    """
    if path is None:
        return Sources()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = content.get("sources", []) if isinstance(content, dict) else content
        return Sources(sources=entries, configured=True)
    except ValidationError as error:
        raise SourcesFileRefused(path=path, why=_places(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourcesFileRefused(path=path, why=f"it cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise SourcesFileRefused(path=path, why=" ".join(str(error).split())) from error


def sources_found(settings: Settings) -> str:
    """Say which sources the file names, for `thidua doctor`; raises SourcesFileRefused."""
    config = load_sources(settings.sources_file)
    if not config.configured:
        return "no THIDUA_SOURCES_FILE: a month waits for every source that ever sent something"
    names = ", ".join(source.name for source in config.sources)
    return f"named: {names}" if names else "the file names none"


def _places(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    told = [f"{'.'.join(map(str, one['loc']))}: {one['msg'][:1].lower()}{one['msg'][1:]}" for one in found]
    return "; ".join(told[:MOST_PLACES]) + (f"; and {len(told) - MOST_PLACES} more" if told[MOST_PLACES:] else "")

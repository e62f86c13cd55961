"""Somebody else's criteria set in the sample year: installed as an operator would, scoring beside the built-in ones."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from thidua.criteria import load_criteria_set
from thidua.plugins.packages import packed_source, unpacked
from thidua_sample.generate import SampleYear
from thidua_sample.generate.campaign import CODE, YEAR
from thidua_sample.play.doors import OPERATOR, Doors

REASON = "Chấm thử năm mẫu"


@dataclass(frozen=True)
class TriedSet:
    """A set that is not built in: what is installed, and under which name the campaign uses it."""

    content: bytes
    id: str
    version: str
    title: str
    subject_kind: str

    def used_in(self, year: SampleYear) -> SampleYear:
        """Return the year whose campaign also uses this set."""
        used = (*year.campaign.criteria_sets, (self.id, self.version, self.subject_kind))
        return replace(year, campaign=replace(year.campaign, criteria_sets=used))

    async def install(self, doors: Doors) -> None:
        """Install and enable it; raises DoorRefused with the reason if scoring does not take it."""
        await doors.send_file("/scoring/criteria-sets?name=criteria-set.whl", self.content)
        path = f"/scoring/criteria-sets/{self.id}/{self.version}/enable"
        await doors.post(path, {"reason": REASON}, OPERATOR)

    async def ranks(self, doors: Doors) -> dict[str, Any]:
        """Return the ranks of the year under the set, and who is not scored."""
        found: dict[str, Any] = await doors.get("/scoring/rankings", campaign=CODE, period=str(YEAR), set=self.id)
        return found


def read_tried_set(place: Path) -> TriedSet:
    """Read a set from its folder, the source of its distribution, or its wheel; nothing of it is imported.

    Raises PackageRefused, CriteriaSetNotFound or CriteriaSetRefused with what to mend.
    """
    content = packed_source(place)
    with tempfile.TemporaryDirectory(prefix="thidua-tried-") as folder:
        loaded = load_criteria_set(unpacked(content, place.name).write(Path(folder)), imports=False)
    return TriedSet(content, loaded.id, loaded.version, loaded.title, loaded.manifest.subject)


def show_tried(tried: TriedSet, ranks: dict[str, Any], console: Console) -> None:
    """Print who stands where under the set, with what makes a rank less certain than it looks."""
    console.print(f"\n[bold]{tried.title}[/bold] ({tried.id} {tried.version})")
    for note in ranks["notes"]:
        console.print(note)
    for group in ranks["groups"]:
        table = Table("Hạng", "Đơn vị, người", "Điểm", "Ghi chú", title=group["within_name"] or "Toàn bộ")
        for row in _rows(group):
            table.add_row(*row)
        console.print(table)
    console.print(f"{len(ranks['not_scored'])} đối tượng chưa được chấm.")


def _rows(group: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for one in group["ranked"]:
        yield str(one["rank"]), one["name"] or one["subject"], one["total"].replace(".", ","), ""
    for one in group["apart"]:
        yield "–", one["name"] or one["subject"], (one["total"] or "–").replace(".", ","), one["reason"]

"""What a batch of reports is read against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from thidua.contracts import TaskReport
from thidua_monitoring.domain.deadlines import Decision
from thidua_monitoring.domain.sources import Sources, load_sources
from thidua_monitoring.queries import decisions, names, periods
from thidua_monitoring.queries.names import Names
from thidua_runtime.database import Transaction
from thidua_runtime.records import Arrival

Task = Arrival[TaskReport]


@dataclass(frozen=True)
class Frame:
    """What a batch of reports is read against: the day, the names, the decisions, the rolling days."""

    as_of: date
    sources: Sources
    names: Names
    decisions: Mapping[tuple[str, str], Sequence[Decision]]
    rolled: Mapping[date, date]
    now: datetime

    def moment(self, milliseconds: int) -> datetime:
        """Return when the log took a record, by its `timestamp_ms`; one that waited for a reference arrives now."""
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 0 else self.now


async def read_frame(tx: Transaction, reports: Sequence[TaskReport]) -> Frame:
    """Hold the as-of row and read everything else against it."""
    # The as-of row first: it also keeps decisions and rolling days as they are while the batch is applied.
    as_of, mark = await periods.hold_names(tx)
    config = load_sources(tx.settings.sources_file)
    spoken = {(report.source, report.unit) for report in reports}
    codes = {config.our_code(source, unit) for source, unit in spoken}
    staff = {assignee.code for report in reports for assignee in report.assignees}
    rolled, is_decided = await periods.rules(tx)
    identities = [(report.source, report.source_id) for report in reports] if is_decided else []
    return Frame(
        as_of=as_of,
        sources=config,
        names=await names.kept_names(tx, mark, codes, staff),
        decisions=await decisions.approved(tx, identities) if is_decided else {},
        rolled=rolled,
        now=tx.clock.now(),
    )

"""The result as an official reads it, in Vietnamese: rankings, candidates, quotas, and as of when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from thidua_sample.result import Candidate, ClusterRanking, CriterionStatus, Place, Quota, Result

TITLES: Final = {
    "LDTT": "Lao động tiên tiến",
    "CSTDCS": "Chiến sĩ thi đua cơ sở",
    "CSTDB": "Chiến sĩ thi đua cấp Bộ",
    "TTLDTT": "Tập thể lao động tiên tiến",
    "TTLDXS": "Tập thể lao động xuất sắc",
    "CTDB": "Cờ thi đua của Bộ",
}
VERDICTS: Final = {
    "eligible": "đủ điều kiện theo dữ liệu",
    "person": "cần người xem xét",
    "no_data": "chưa đủ dữ liệu",
    "not_met": "chưa đạt",
}
STATUS_SIGNS: Final = {
    "met": "✓", "partly": "½", "not_met": "✗", "na": "–", "not_applicable": "–", "missing": "?", "not_due": "…",
}  # fmt: skip
LEGEND: Final = "✓ đạt · ½ đạt một phần · ✗ không đạt · – không áp dụng · ? chưa có số liệu · … chưa đến hạn"
STATES: Final = {
    "decided": "đã có quyết định",
    "refused": "không tặng",
    "not_passed": "không đạt",
    "not_forwarded": "không trình",
    "complaint": "đang giải quyết khiếu nại",
}
SHOWN_PER_VERDICT: Final = 2
QUOTAS_SHOWN: Final = 12


def show(result: Result, console: Console) -> None:
    """Print the whole result; every part says as of when and that the figures are generated."""
    console.print(Text(f"{result.label.upper()} · tính đến ngày {day_text(result.as_of)}", style="bold yellow"))
    _show_counts(result, console)
    console.print(Text(f"Ký hiệu: {LEGEND}; điểm là {result.points_mark}, kết luận theo công văn."))
    for cluster in result.ranking:
        _show_cluster(cluster, result, console)
    names = {place.unit: place.name for cluster in result.ranking for place in cluster.places}
    for title, candidates in sorted(result.candidates.items(), key=lambda item: _order(item[0])):
        _show_title(title, candidates, names, console)
    _show_quotas(result.quotas, names, console)
    _show_dossiers(result, console)


def day_text(day: date) -> str:
    """Return a day as officials write it."""
    return f"{day:%d/%m/%Y}"


def number_text(number: int) -> str:
    """Return a whole number with dots between thousands."""
    return f"{number:,}".replace(",", ".")


def points_text(points: str | None) -> str:
    """Return points with a decimal comma; a dash where there are none."""
    return "—" if points is None else points.replace(".", ",")


def _show_counts(result: Result, console: Console) -> None:
    counts = result.counts
    facts = (
        (counts.units, "đơn vị"), (counts.people, "người"), (counts.tasks, "nhiệm vụ"),
        (counts.months_closed, "tháng đã chốt"), (counts.registrations, "đăng ký"),
        (counts.initiatives, "sáng kiến"), (counts.scores, "kết quả chấm"),
        (counts.recommendations, "lượt rà soát điều kiện"), (counts.dossiers, "hồ sơ"),
        (counts.votes, "lượt bỏ phiếu"), (counts.decisions, "quyết định"), (counts.documents, "văn bản"),
    )  # fmt: skip
    console.print(Text(" · ".join(f"{number_text(number)} {word}" for number, word in facts)))


def _show_cluster(cluster: ClusterRanking, result: Result, console: Console) -> None:
    table = Table(title=f"{cluster.name} — tính đến ngày {day_text(result.as_of)}", title_justify="left")
    table.add_column("Hạng", justify="right")
    table.add_column("Đơn vị")
    table.add_column(f"Điểm ({result.points_mark})", justify="right")
    table.add_column("Đúng hạn", justify="right")
    table.add_column("Tháng đạt", justify="right")
    table.add_column("Tiêu chí")
    for place in cluster.places:
        table.add_row(*_cells(place))
    console.print(table)
    if any(place.illustrative for place in cluster.places):
        console.print(Text("* thành viên của khối, cụm là minh họa: chưa có nguồn xác nhận", style="dim"))


def _cells(place: Place) -> tuple[str, ...]:
    name = f"{place.name}{' *' if place.illustrative else ''}"
    return (
        "—" if place.rank is None else str(place.rank),
        f"{name} ({place.note})" if place.note else name,
        f"{points_text(place.points)}/{points_text(place.maximum).removesuffix(',00')}",
        f"{place.on_time[0]}/{place.on_time[1]}",
        f"{place.months[0]}/{place.months[1]}",
        " ".join(f"{line.code}{STATUS_SIGNS.get(line.status, '·')}" for line in _main(place)),
    )


def _main(place: Place) -> Iterable[CriterionStatus]:
    return (line for line in place.criteria if "." not in line.code)


def _order(title: str) -> tuple[int, str]:
    known = list(TITLES)
    return (known.index(title) if title in known else len(known), title)


def _show_title(title: str, candidates: Sequence[Candidate], names: Mapping[str, str], console: Console) -> None:
    verdicts = Counter(candidate.verdict for candidate in candidates)
    counted = ", ".join(f"{number_text(verdicts[v])} {word}" for v, word in VERDICTS.items() if verdicts[v])
    table = Table(title=f"{TITLES.get(title, title)}: {counted}", title_justify="left")
    for heading in ("Người, đơn vị", "Kết quả rà soát", "Điều kiện đầu tiên chưa đạt"):
        table.add_column(heading)
    for candidate in _few(candidates):
        table.add_row(_who(candidate, names), VERDICTS.get(candidate.verdict, candidate.verdict), candidate.first_unmet)
    console.print(table)


def _few(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return a handful: the first ones of every verdict."""
    return [
        candidate
        for verdict in VERDICTS
        for candidate in [one for one in candidates if one.verdict == verdict][:SHOWN_PER_VERDICT]
    ]


def _who(candidate: Candidate, names: Mapping[str, str]) -> str:
    if candidate.subject == candidate.unit:
        return candidate.name
    return f"{candidate.name} ({names.get(candidate.unit, candidate.unit)})"


def _show_quotas(quotas: Sequence[Quota], names: Mapping[str, str], console: Console) -> None:
    table = Table(title="Hạn mức danh hiệu (số suất là trần, Hội đồng chọn)", title_justify="left")
    table.add_column("Danh hiệu")
    table.add_column("Nơi quyết định")
    table.add_column("Cách tính")
    for quota in quotas[:QUOTAS_SHOWN]:
        table.add_row(TITLES.get(quota.title, quota.title), names.get(quota.group, quota.group), quota.sentence)
    console.print(table)
    if len(quotas) > QUOTAS_SHOWN:
        console.print(Text(f"… và {len(quotas) - QUOTAS_SHOWN} nơi khác (xem kết quả JSON)", style="dim"))


def _show_dossiers(result: Result, console: Console) -> None:
    """Print where the dossiers of the ministry's titles came to."""
    for title, states in sorted(result.dossiers.items(), key=lambda item: _order(item[0])):
        ways = ", ".join(f"{number_text(number)} {STATES.get(state, state)}" for state, number in states.items())
        console.print(Text(f"Hồ sơ {TITLES.get(title, title)}: {ways}"))


def show_documents(result: Result, folder: Path, console: Console, *, kept: bool) -> None:
    """Print where the documents are, and how many of each kind."""
    where = f"Văn bản trong {folder}" if kept else "Văn bản (xóa cùng thư mục tạm; chạy với --data để giữ lại)"
    console.print(Text(where), soft_wrap=True)
    table = Table()
    table.add_column("Loại văn bản")
    for heading in ("Văn bản", "Tệp"):
        table.add_column(heading, justify="right")
    for one in result.documents.values():
        table.add_row(one.name, number_text(one.documents), number_text(one.files))
    console.print(table)

"""A score as a tree of text, and the difference of two, in Vietnamese: what officials read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rich.markup import escape
from rich.tree import Tree

SIGNS: Final = {"met": "✓", "partly": "½", "not_met": "✗", "not_applicable": "–", "missing": "?", "not_due": "…"}
LANES: Final = {"official": "chính thức", "running": "tạm tính"}
STATERS: Final = {"self": "tự khai", "appraiser": "thẩm định", "council": "hội đồng"}
MARKS: Final = {
    "illustrative": "mẫu minh hoạ", "proposal": "đề xuất", "derived": "suy ra", "memory": "theo trí nhớ",
}  # fmt: skip


def as_tree(found: dict[str, Any]) -> Tree:
    """Return the explanation of a score, as the door of one score gives it."""
    root = Tree(escape(_heading(found)))
    score = found["tree"]
    if score is None:
        root.add(escape(found["not_ranked_because"]))
        return root
    root.add(escape(score["sentence"] or score["reason"]))
    for line in (*score["criteria"], *score["adjustments"]):
        _line(root, line)
    _statements(root, found.get("statements", []))
    for struck in score["eliminations"]:
        root.add(escape(f"{struck['code']} {struck['title']}{_clause(struck)}: {struck['sentence']}"))
    for one in score["parameters"]:
        root.add(escape(_parameter(one)))
    root.add(escape(f"hồ sơ {score['case_hash']} · bộ tiêu chí {score['artefact']} · bộ máy chấm {score['engine']}"))
    return root


def _statements(root: Tree, rows: list[dict[str, Any]]) -> None:
    compared = [row for row in rows if len(row["stated"]) > 1]
    if not compared:
        return
    branch = root.add("Các bên cùng nêu số liệu (bên được tính trong ngoặc vuông):")
    for row in compared:
        said = "; ".join(_said(by, one, row["counts"]) for by, one in row["stated"].items())
        spread = "" if row["spread"] in (None, "0") else f"; chênh {_figure(row['spread'])}"
        branch.add(escape(f"{row['input']} {row['period']}: {said}{spread}"))


def _said(by: str, one: dict[str, Any], counts: str | None) -> str:
    name = f"[{STATERS.get(by, by)}]" if by == counts else STATERS.get(by, by)
    evidence = f", minh chứng {'; '.join(one['evidence'])}" if one["evidence"] else ""
    return f"{name} {one['value']} ngày {one['dated']}{evidence}"


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Give what differs from one run to the other: totals, then every line that changed, with its inputs."""
    yield f"trước: {_heading(before)}"
    yield f"sau:   {_heading(after)}"
    old, new = (dict(_lines(one["tree"])) for one in (before, after))
    changed = [code for code in (*old, *(one for one in new if one not in old)) if old.get(code) != new.get(code)]
    if not changed:
        yield "Không có tiêu chí nào khác nhau."
    for code in changed:
        yield f"{code} {(new.get(code) or old[code])['title']}"
        yield f"  trước: {_shown(old.get(code))}"
        yield f"  sau:   {_shown(new.get(code))}"
        yield from _inputs_changed(old.get(code), new.get(code))


def _inputs_changed(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Iterator[str]:
    first, second = ({one["name"]: one for one in (line or {"inputs": []})["inputs"]} for line in (old, new))
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            yield f"    {name}: {_input(first.get(name))} → {_input(second.get(name))}"


def _line(above: Tree, line: dict[str, Any]) -> None:
    branch = above.add(escape(f"{line['code']} {line['title']}{_clause(line)}: {_shown(line)}"))
    for one in line["inputs"]:
        branch.add(escape(f"{one['name']}: {_input(one)}"))
    for part in line["parts"]:
        _line(branch, part)


def _lines(score: dict[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = [*score["criteria"], *score["adjustments"]] if score else []
    for line in waiting:
        waiting += line["parts"]
        yield line["code"], {**line, "parts": None}


def _heading(found: dict[str, Any]) -> str:
    score = found["tree"] or {}
    points = (
        "chưa chấm" if score.get("total") is None else f"{_figure(score['total'])}/{_figure(score['maximum'])} điểm"
    )
    band = f" · {score['band_title']}" if score.get("band_title") else ""
    mark = f" ({MARKS[score['mark']]})" if score.get("mark") in MARKS else ""
    lane = LANES.get(found["lane"], found["lane"])
    name = found.get("unit_name") or found["unit"]
    subject = name if found["subject"] == found["unit"] else f"{found['subject']} ({name})"
    return (
        f"{subject} · {found['criteria_set']} {found['set_version']} · kỳ {found['period']} · {lane} · "
        f"tính đến {found['as_of']}: {points}{band}{mark}"
    )


def _shown(line: dict[str, Any] | None) -> str:
    if line is None:
        return "không có tiêu chí này"
    unit = " %" if line["in_percent"] else f"/{_figure(line['maximum'])}"
    points = "" if line["points"] is None else f"{_figure(line['points'])}{unit} "
    marks = ", ".join(MARKS[one] for one in line["marks"] if one in MARKS)
    return f"{SIGNS.get(line['status'], '?')} {points}{line['sentence']}{f' [{marks}]' if marks else ''}"


def _input(one: dict[str, Any] | None) -> str:
    if one is None:
        return "không dùng"
    value = one["value"] if one["value"] is not None else one["why"] or one["state"]
    by = f", {STATERS[one['stated_by']]}" if one["stated_by"] in STATERS else ""
    evidence = f", minh chứng {'; '.join(one['evidence'])}" if one["evidence"] else ""
    return f"{value}{by}{evidence}"


def _parameter(one: dict[str, Any]) -> str:
    changed = f"; phong trào đổi: {one['reason']}" if one["reason"] else ""
    return f"${one['name']} = {one['value']} ({one['source'] or MARKS.get(one['mark'], one['mark'])}{changed})"


def _clause(line: dict[str, Any]) -> str:
    return f" ({line['clause']})" if line.get("clause") else ""


def _figure(figure: str) -> str:
    return figure.replace(".", ",")

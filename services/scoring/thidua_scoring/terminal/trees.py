"""A score as a tree of text, and the difference of two, in Vietnamese: what officials read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from rich.markup import escape
from rich.tree import Tree

from thidua.criteria.periods import period

SIGNS: Final = {"met": "✓", "partly": "½", "not_met": "✗", "not_applicable": "–", "missing": "?", "not_due": "…"}
LANES: Final = {"official": "chính thức", "running": "tạm tính"}
STATERS: Final = {"self": "tự khai", "appraiser": "thẩm định", "council": "hội đồng"}
MARKS: Final = {
    "illustrative": "mẫu minh họa", "proposal": "đề xuất", "derived": "suy ra", "memory": "theo trí nhớ",
}  # fmt: skip


_WORDS: Final = {"yes": "có", "no": "không", "": "không có trường hợp nào"}
_STATES: Final = {"missing": "chưa có số liệu", "not_due": "chưa đến hạn", "not_applicable": "không áp dụng"}
_BOUNDS: Final = {"more_than": "trên", "at_least": "từ", "at_most": "không quá", "below": "dưới"}
_DAY: Final = re.compile(r"\b\d{4}-\d\d-\d\d\b")
# With what stands behind it in the months of a feed: the number of a document may look like a month.
_MONTH: Final = re.compile(r"(?<![^ ])(\d{4}-(?:0[1-9]|1[0-2])): (\?|\d+/\d+)")


def as_tree(found: dict[str, Any]) -> Tree:
    """Return the explanation of a score, as the door of one score gives it."""
    found = _in_titles(found)
    root = Tree(escape(_heading(found)))
    score = found["tree"]
    if score is None:
        root.add(escape(found["not_ranked_because"]))
        return root
    root.add(escape(score["sentence"] or score["reason"]))
    for line in (*score["criteria"], *score["adjustments"]):
        _line(root, line)
    _statements(root, found.get("statements", []), _headings(score))
    for struck in score["eliminations"]:
        root.add(escape(f"{struck['code']} {struck['title']}{_clause(struck)}: {struck['sentence']}"))
    for one in score["parameters"]:
        root.add(escape(_parameter(one)))
    root.add(escape(f"mã băm hồ sơ {score['case_hash']} · mã băm bộ tiêu chí {score['artefact']}"))
    root.add(escape(f"cách tính điểm: phiên bản {score['engine']} của phần mềm"))
    return root


def _in_titles(found: dict[str, Any]) -> dict[str, Any]:
    """Write the titles of a log's cases where the explanation has their names."""
    titles = found.get("titles") or {}

    def named(line: dict[str, Any]) -> dict[str, Any]:
        inputs = [{**one, "value": _titled(one["value"], titles.get(one["name"]))} for one in line["inputs"]]
        return {**line, "inputs": inputs, "parts": [named(part) for part in line["parts"]]}

    def stated(row: dict[str, Any]) -> dict[str, Any]:
        words = titles.get(row["input"])
        sides = {by: {**one, "value": _titled(one["value"], words)} for by, one in row["stated"].items()}
        return {**row, "stated": sides}

    if not titles or found["tree"] is None:
        return found
    tree = {
        **found["tree"],
        **{part: [named(one) for one in found["tree"][part]] for part in ("criteria", "adjustments")},
    }
    return {**found, "tree": tree, "statements": [stated(row) for row in found.get("statements", [])]}


def _titled(value: str | None, titles: Mapping[str, str] | None) -> str | None:
    return ", ".join(titles.get(case, case) for case in value.split(", ")) if value and titles else value


def _statements(root: Tree, rows: list[dict[str, Any]], headings: Mapping[str, str]) -> None:
    compared = [row for row in rows if len(row["stated"]) > 1]
    if not compared:
        return
    branch = root.add("Các bên cùng nêu số liệu (bên được tính trong ngoặc vuông):")
    for row in compared:
        said = "; ".join(_said(by, one, row["counts"]) for by, one in row["stated"].items())
        spread = "" if row["spread"] in (None, "0") else f"; chênh {_figure(row['spread'])}"
        called = headings.get(row["input"]) or row.get("title") or row["input"]
        branch.add(escape(f"{called}, kỳ {_period(row['period'])}: {said}{spread}"))


def _headings(score: dict[str, Any]) -> dict[str, str]:
    """Return what each input is called, after the codes of the criteria that read it."""
    codes: dict[str, list[str]] = {}
    called: dict[str, str] = {}
    for code, line in _lines(score):
        for one in line["inputs"]:
            codes.setdefault(one["name"], []).append(code)
            called[one["name"]] = f"{', '.join(codes[one['name']])} · {one['heading']}"
    return called


def _said(by: str, one: dict[str, Any], counts: str | None) -> str:
    name = f"[{STATERS.get(by, by)}]" if by == counts else STATERS.get(by, by)
    evidence = f", minh chứng {'; '.join(one['evidence'])}" if one["evidence"] else ""
    entered = f" ({one['entered_by']} nhập)" if one.get("entered_by") else ""
    verdict = {"refused": "từ chối", "verified": "xác minh"}.get(one["status"], "")
    checked = f", {one['checked_by']} {verdict}" if one.get("checked_by") and verdict else ""
    refused = "" if checked or one["status"] != "refused" else ", bị từ chối"
    return f"{name} {_value(one['value'])} ngày {_day(one['dated'])}{entered}{checked}{refused}{evidence}"


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Give what differs from one run to the other: totals, then every line that changed, with its inputs."""
    before, after = _in_titles(before), _in_titles(after)
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
            heading = (first.get(name) or second[name])["heading"]
            yield f"    {heading}: {_input(first.get(name))} → {_input(second.get(name))}"


def _line(above: Tree, line: dict[str, Any]) -> None:
    branch = above.add(escape(f"{line['code']} {line['title']}{_clause(line)}: {_shown(line)}"))
    for one in line["inputs"]:
        branch.add(escape(f"{one['heading']}: {_input(one)}"))
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
    who = f"Cán bộ {found['person_code']}" if found.get("person_code") else found["subject"]
    subject = name if found["subject"] == found["unit"] else f"{who} ({name})"
    return (
        f"{subject} · {found['criteria_set']} {found['set_version']} · kỳ {found['period']} · {lane} · "
        f"tính đến {_day(found['as_of'])}: {points}{band}{mark}"
    )


def _shown(line: dict[str, Any] | None) -> str:
    if line is None:
        return "không có tiêu chí này"
    unit = " %" if line["in_percent"] else f"/{_figure(line['maximum'])}"
    off = "−" if line.get("sign") == "minus" else ""
    points = "" if line["points"] is None else f"{off}{_figure(line['points'])}{unit} "
    marks = ", ".join(MARKS[one] for one in line["marks"] if one in MARKS)
    return f"{SIGNS.get(line['status'], '?')} {points}{line['sentence']}{f' [{marks}]' if marks else ''}"


def _input(one: dict[str, Any] | None) -> str:
    if one is None:
        return "không dùng"
    value = _value(one["value"]) if one["value"] is not None else one["why"] or _STATES.get(one["state"], one["state"])
    by = f", {STATERS[one['stated_by']]}" if one["stated_by"] in STATERS else ""
    evidence = f", minh chứng {'; '.join(one['evidence'])}" if one["evidence"] else ""
    return f"{value}{by}{evidence}"


def _parameter(one: dict[str, Any]) -> str:
    changed = f"; phong trào đổi: {one['reason']}" if one["reason"] else ""
    return f"${one['name']} = {_spelled(one['value'])} ({_source(one)}{changed})"


def _source(one: dict[str, Any]) -> str:
    marked = MARKS.get(one["mark"] or "", "")
    return "; ".join(said for said in (one["source"], marked) if said) or "không ghi nguồn"


def _spelled(value: Any) -> str:
    """Spell a parameter's value: a limit as "trên 9/10", a date as officials write it."""
    if isinstance(value, dict):
        return " và ".join(f"{_BOUNDS.get(name, name)} {_value(str(bound))}" for name, bound in value.items())
    if isinstance(value, list):
        return ", ".join(_spelled(one) for one in value)
    return _value("yes" if value is True else "no" if value is False else str(value))


def _value(written: str) -> str:
    """Write what an input holds in Vietnamese: có, không, 20/01/2022, tháng 1/2022; "" is a log without entries."""
    if written in _WORDS:
        return _WORDS[written]
    return _MONTH.sub(_month, _DAY.sub(lambda found: _day(found[0]), written))


def _month(found: re.Match[str]) -> str:
    return f"{_period(found[1])}: {'chưa báo cáo' if found[2] == '?' else found[2]}"


def _period(name: str) -> str:
    """Name a part of a year in words; a year is its number."""
    span = period(name)
    return name if span.kind == "year" else span.in_words()


def _day(written: str) -> str:
    return date.fromisoformat(written[:10]).strftime("%d/%m/%Y")


def _clause(line: dict[str, Any]) -> str:
    return f" ({line['clause']})" if line.get("clause") else ""


def _figure(figure: str) -> str:
    return figure.replace(".", ",")

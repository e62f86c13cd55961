from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

PEOPLE = """Mã cán bộ;Họ và tên;Đơn vị;Chức vụ;Ngày tuyển dụng lần đầu;Người đứng đầu
CB10;Phạm Văn Én;vdd;Chuyên viên;01/09/2015;
CB11;Đỗ Thị Gấm;vdd;Phó Vụ trưởng;2010-02-28;x
CB12;Hồ Văn Hải;khong-co;;;
CB13;;vdd;;;
CB14;Bùi Văn Ích;vdd;;31/02/2015;
CB15;=HYPERLINK("x");vdd;;;
"""


async def send(ministry: Any, kind: str, text: str, **parameters: Any) -> Any:
    name = parameters.pop("name", f"{kind}.csv")
    answer = await ministry.office.post(
        f"/imports/{kind}", params=parameters, files={"file": (name, text.encode("utf-8-sig"))}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_file_of_people_takes_good_rows_and_names_the_bad_ones(ministry: Any) -> None:
    report = await send(ministry, "people", PEOPLE)
    assert (report["rows"], report["taken"]["created"], report["refused"]) == (6, 3, 3)
    assert [(r["row"], r["column"]) for r in report["refusals"]] == [
        (4, "unit"),
        (5, "Họ và tên"),
        (6, "Ngày tuyển dụng lần đầu"),
    ]
    person = await ministry.get("/people/CB11")
    assert (person["leads_unit"], person["first_recruited"]) == (True, "2010-02-28")
    assert (await ministry.get("/people/CB15"))["name"] == '=HYPERLINK("x")'


async def test_the_same_file_twice_changes_nothing_anywhere(ministry: Any) -> None:
    await send(ministry, "people", PEOPLE)
    before = await ministry.published("people")
    report = await send(ministry, "people", PEOPLE)
    assert report["taken"] == {"created": 0, "changed": 0, "unchanged": 3}
    assert await ministry.published("people") == before


async def test_a_dry_run_reports_and_stores_nothing(ministry: Any) -> None:
    for kind, text in (
        ("people", PEOPLE),
        ("units", "Mã,Tên,Loại\nx1,Đơn vị mới,vu\n"),
        ("ratings", "Mã cán bộ,Năm,Xếp loại\nCB1,2022,Hoàn thành tốt nhiệm vụ\n"),
        ("clusters", "Mã cụm,Năm,Cụm khối,Mã đơn vị\nk1,2022,Khối I,vdd\n"),
    ):
        report = await send(ministry, kind, text, dry_run="true")
        assert report["dry_run"] is True
        assert report["taken"]["created"] >= 1, report
    assert (await ministry.get("/people"))["total"] == 3
    assert (await ministry.get("/units"))["total"] == 3
    assert (await ministry.get("/ratings"))["total"] == (await ministry.get("/clusters"))["total"] == 0


async def test_ratings_are_read_in_the_words_of_officials(ministry: Any) -> None:
    text = (
        "Mã cán bộ,Mã đơn vị,Năm,Mức xếp loại,Số quyết định,Ngày quyết định\n"
        "CB1,,2022,Hoàn thành xuất sắc nhiệm vụ,12/QĐ,20/12/2022\n"
        ",vdd,2022,hoan thanh tot,,\n"
        "CB2,,2022,tạm được,,\n"
        "CB3,,2022,good,13/QĐ,\n"
    )
    report = await send(ministry, "ratings", text)
    assert report["taken"]["created"] == 2
    assert [(r["row"], r["column"]) for r in report["refusals"]] == [(4, "level"), (5, "decision_number")]
    levels = {(r["person"], r["level"]) for r in (await ministry.get("/ratings"))["items"]}
    assert levels == {("CB1", "excellent"), (None, "good")}


async def test_a_file_of_clusters_has_one_member_per_line(ministry: Any) -> None:
    text = (
        "Mã cụm,Năm,Tên cụm,Mã đơn vị,Minh họa,Trưởng\n"
        "k1,2022,Khối I,vdd,x,x\n"
        "k1,2022,Khối I,khong-co,,\n"
        "k2,2022,Cụm II,stnmt-01,,\n"
    )
    report = await send(ministry, "clusters", text)
    assert report["taken"]["created"] == 2
    assert [(r["row"], r["column"]) for r in report["refusals"]] == [(3, "unit")]
    first = (await ministry.get("/clusters"))["items"][1]
    assert (first["name"], len(first["members"]), len(first["leaders"])) == ("Khối I", 1, 1)
    assert (await send(ministry, "clusters", text))["taken"]["unchanged"] == 2


async def test_a_misspelt_column_is_named_with_its_nearest(ministry: Any) -> None:
    report = await send(ministry, "units", "Mã,Tên,Loại,Đơn vị cấp trênn\nx1,Mới,vu,btnmt\n")
    assert "Mã đơn vị cấp trên" in report["notices"][0]["reason"]


async def test_a_code_with_a_blank_and_an_unknown_kind_are_refused_with_a_sentence(ministry: Any) -> None:
    report = await send(ministry, "units", "Mã,Tên,Loại\nstnmt 03,Sở A,so\nx2,Vụ B,banana\nx3,Vụ C,Vụ\n")
    assert (report["taken"]["created"], report["refused"]) == (1, 2)
    assert [line["reason"].split(";")[0] for line in report["refusals"]] == [
        "mã đơn vị không được có khoảng trắng: “stnmt 03”", "không có loại đơn vị “banana”",
    ]  # fmt: skip
    kinds = {unit["code"]: unit["kind"] for unit in (await ministry.get("/units"))["items"]}
    assert kinds["x3"] == "vu"


async def test_a_raw_body_is_named_by_the_query(ministry: Any) -> None:
    answer = await ministry.office.post(
        "/imports/units", params={"name": "a.csv"}, content="code,name,kind\nx1,Mới,vu\n".encode()
    )
    assert answer.json()["taken"]["created"] == 1


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.csv", b"", 400),
        ("a.csv", b"\xff\xfe\x00", 422),
        ("a.xlsx", b"PK\x03\x04 broken", 422),
        ("a.exe", b"MZ", 422),
        ("a.csv", b"code\n" + b"x" * 21_000_000, 400),
        ("a.csv", b"\n" * 3, 422),
    ],
    ids=["empty", "utf-16", "broken", "exe", "huge", "blank"],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(
    ministry: Any, name: str, content: bytes, status: int
) -> None:
    answer = await ministry.office.post("/imports/people", files={"file": (name, content)})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_only_the_office_imports_files(ministry: Any) -> None:
    answer = await ministry.unit.post("/imports/people", files={"file": ("a.csv", PEOPLE.encode())})
    assert answer.status_code == 403


async def test_a_missing_required_column_refuses_the_file_and_says_which(ministry: Any) -> None:
    report = await send(ministry, "people", "Mã cán bộ;Họ và tên\nCB10;Phạm Văn Én\n")
    assert report["taken"]["created"] == 0
    assert "Mã đơn vị" in report["refusals"][0]["reason"]


async def test_a_long_file_comes_to_rest_whatever_it_repeats(ministry: Any) -> None:
    lines = [f"N{n},Người {n},vdd" for n in range(5_100)]
    text = "\n".join(["code,name,unit", *lines, "N1,Người khác,vdd", "N5099,Người khác,vdd"])
    report = await send(ministry, "people", text)
    assert report["taken"]["created"] == 5_100
    assert [(r["row"], r["reason"]) for r in report["refusals"]] == [
        (5_102, "Trùng với dòng 3."),
        (5_103, "Trùng với dòng 5101."),
    ]
    again = await send(ministry, "people", text)
    assert again["taken"] == {"created": 0, "changed": 0, "unchanged": 5_100}

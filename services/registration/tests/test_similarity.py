"""Initiatives that are written alike are found over all years, with the passages that match; a hint, no verdict."""

from __future__ import annotations

import random
import unicodedata
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import text

from thidua_registration import jobs
from thidua_registration.domain.similarity import ALIKE, band_hashes, compared, syllables

from .test_initiatives import ENTRY

pytestmark = pytest.mark.anyio

OLD = (
    "Hiện nay hồ sơ địa chính lưu bằng giấy nên tra cứu mất nhiều thời gian. Giải pháp: quét toàn bộ hồ sơ, đặt mã "
    "vạch cho từng thửa đất, xây dựng phần mềm tra cứu theo tên chủ sử dụng và số tờ bản đồ. Kết quả: thời gian trả "
    "lời người dân giảm từ năm ngày xuống còn một ngày, tiết kiệm hai mươi triệu đồng mỗi năm."
)
NEW = OLD.replace("năm ngày", "7 ngày").replace("Hiện nay", "Tại đơn vị,").replace("hai mươi", "ba mươi")
OTHER = (
    "Xây dựng vườn rau sạch trong khuôn viên cơ quan để cải thiện bữa ăn trưa của viên chức, người lao động; phân công "
    "từng tổ công đoàn chăm sóc, thu hoạch và bàn giao cho bếp ăn tập thể hằng tuần."
)


def entry(code: str, content: str, **more: Any) -> dict[str, Any]:
    return {**ENTRY, "code": code, "title": f"Sáng kiến {code}", "content": content, **more}


async def test_an_earlier_initiative_of_another_unit_and_year_is_found_with_its_passages(ministry: Any) -> None:
    author = [{"person": "CB3", "share": 100}]
    of_2021 = entry("SK-2021", OLD, unit="stnmt-01", campaign=None, authors=author, first_applied_on="2021-02-01")
    await ministry.put("/initiatives", [of_2021, entry("SK-02", OTHER), entry("SK-03", NEW)])
    found = await ministry.get("/initiatives/vdd/SK-03/similar")
    alone = await ministry.get("/initiatives/vdd/SK-02/similar")
    content = await ministry.get("/initiatives/stnmt-01/SK-2021/content")
    (one,) = found["similar"]
    assert (one["unit_code"], one["code"], one["dated"], one["campaign"]) == ("stnmt-01", "SK-2021", "2021-02-01", None)
    assert "quét toàn bộ hồ sơ, đặt mã vạch cho từng thửa đất" in str(one["passages"])
    assert one["sentence"].startswith(f"{one['common']}/{one['whole']} âm tiết giống nhau, ")
    assert f"{one['copied']}/{one['shorter']} âm tiết của văn bản ngắn hơn nằm nguyên văn" in one["sentence"]
    assert found["advice"].startswith("Chỉ để tham khảo")
    assert alone["similar"] == []
    assert content["content"] == OLD


async def test_a_text_stays_until_another_comes_and_none_may_be_changed_once_sent(ministry: Any) -> None:
    await ministry.put("/initiatives", [entry("SK-01", OLD)])
    without = {key: value for key, value in entry("SK-01", "").items() if key != "content"}
    unchanged = await ministry.put("/initiatives", [without])
    kept = await ministry.get("/initiatives/vdd/SK-01/content")
    await ministry.office.post("/initiatives/moves", json=[{"unit": "vdd", "code": "SK-01", "move": "submit"}])
    refused = await ministry.office.put("/initiatives", json=[entry("SK-01", NEW)])
    same = await ministry.put("/initiatives", [entry("SK-01", OLD)])
    assert unchanged["taken"] == same["taken"] == {"unchanged": 1}
    assert kept["content"] == OLD
    assert "Đã nộp đơn" in refused.text


async def test_texts_without_hashes_or_with_those_of_an_older_method_are_read_each_day(
    ministry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PORTION_TEXTS", 1)
    await ministry.put("/initiatives", [entry("SK-01", OLD), entry("SK-02", NEW)])
    async with ministry.running.transaction("registration") as tx:
        await tx.execute(text("update initiative_text set method = 'older'"))
    before = await ministry.get("/initiatives/vdd/SK-02/similar")
    async with ministry.running.transaction("registration") as tx:
        await jobs.read_texts(ministry.clock.today(), tx)
    after = await ministry.get("/initiatives/vdd/SK-02/similar")
    assert [len(one["similar"]) for one in (before, after)] == [0, 1]


def test_syllables_are_the_same_in_either_spelling_of_vietnamese() -> None:
    assert syllables(unicodedata.normalize("NFD", "Hồ sơ, ĐỊA chính!")) == ["hồ", "sơ", "địa", "chính"]
    assert band_hashes("") == []
    assert compared("", "").is_alike is False


def test_texts_reworded_by_a_quarter_still_share_a_hash_and_strangers_do_not() -> None:
    words = random.Random(1).choices([f"âm{n}" for n in range(400)], k=150)
    changed = [f"khác{at}" if at % 4 == 0 else word for at, word in enumerate(words)]
    strange = random.Random(2).choices([f"lạ{n}" for n in range(400)], k=150)
    own, reworded, stranger = (set(band_hashes(" ".join(one))) for one in (words, changed, strange))
    assert own & reworded
    assert not own & stranger
    assert compared(" ".join(words), " ".join(changed)).is_alike


def test_a_text_of_which_six_in_ten_syllables_are_common_is_shown_and_one_below_is_not() -> None:
    edge, below = compared("a b c", "a b c d e f g"), compared("a b c", "a b c d e f g h")
    assert (edge.common, edge.whole, edge.is_alike, below.is_alike) == (6, 10, True, False)
    assert Fraction(edge.common, edge.whole) == ALIKE


def test_a_short_text_copied_into_one_four_times_as_long_is_shown() -> None:
    short = OLD[:240]
    long = f"{OTHER} {OTHER[::-1]} {short} {OTHER.upper()} " + OTHER.replace("vườn", "bếp")
    found = compared(short, long)
    assert Fraction(found.common, found.whole) < ALIKE <= Fraction(found.copied, found.shorter)
    assert found.is_alike
    assert set(band_hashes(short)) & set(band_hashes(long))

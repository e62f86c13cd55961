"""The doors every service has: replay by key, If-Match, problems in two languages, dead letters."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from thidua_runtime.records import Outgoing
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .small import SMALL

pytestmark = pytest.mark.anyio

WISH = {"id": "a", "name": "Vụ Pháp chế"}


@pytest.fixture
async def small(suite: SuiteFactory) -> AsyncIterator[RunningSuite]:
    async with suite(SMALL) as running:
        yield running


async def test_a_repeated_idempotency_key_gets_the_first_answer_and_changes_nothing(small: RunningSuite) -> None:
    async with small.client("small") as client:
        answers = [await client.post("/units", json=WISH, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
        assert [a.status_code for a in answers] == [200, 200]
        assert answers[0].json() == answers[1].json() == {"id": "a", "actor": "Nguyễn Văn An"}
        assert answers[0].headers["etag"] == answers[1].headers["etag"] == '"4"'
        assert [a.headers.get("idempotency-replayed") for a in answers] == [None, "true"]
        other = await client.post("/units", json={**WISH, "name": "Khác"}, headers={"Idempotency-Key": "k-1"})
        assert other.status_code == 422
        assert other.json()["type"] == "urn:thidua:problem:key-reused"


async def test_a_key_of_one_actor_says_nothing_to_another(small: RunningSuite) -> None:
    async with small.client("small") as one, small.client("small", actor="Trần Thị Bình") as two:
        await one.post("/units", json=WISH, headers={"Idempotency-Key": "k-1"})
        answer = await two.post("/units", json=WISH, headers={"Idempotency-Key": "k-1"})
    assert answer.json()["actor"] == "Trần Thị Bình"


async def test_an_outdated_revision_is_refused_in_vietnamese_and_english(small: RunningSuite) -> None:
    async with small.client("small") as client:
        answer = await client.post("/units", json=WISH, headers={"If-Match": '"2"'})
        fresh = await client.post("/units", json=WISH, headers={"If-Match": '"3"'})
        garbled = await client.post("/units", json=WISH, headers={"If-Match": '"soon"'})
    assert (answer.status_code, fresh.status_code, garbled.status_code) == (412, 200, 400)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:thidua:problem:stale"
    assert problem["detail"] == "Bản ghi đã được sửa (phiên bản 3, bạn đang sửa 2); hãy tải lại rồi sửa tiếp."
    assert problem["detail_en"].startswith("The record changed meanwhile")


async def test_a_body_with_mistakes_names_each_place(small: RunningSuite) -> None:
    async with small.client("small") as client:
        answer = await client.post("/units", json={"id": 5})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("Dữ liệu gửi lên có 2 lỗi")
    assert answer.json()["errors"] == [
        {"where": "body.id", "reason": "phải là văn bản", "reason_en": "Input should be a valid string"},
        {"where": "body.name", "reason": "thiếu giá trị bắt buộc", "reason_en": "Field required"},
    ]
    assert answer.json()["detail"].endswith("lỗi đầu tiên: body.id: phải là văn bản")
    assert answer.json()["detail_en"].endswith("the first: body.id: Input should be a valid string")


async def test_a_body_that_is_no_json_is_told_so_in_vietnamese(small: RunningSuite) -> None:
    async with small.client("small") as client:
        answer = await client.post("/units", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.json()["detail"].endswith("không phải là JSON")


async def test_a_body_without_a_length_is_refused_while_it_is_read(small: RunningSuite) -> None:
    megabyte, sent = bytes(1_000_000), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 200:
            sent += 1
            yield megabyte

    async with small.client("small") as client:
        answer = await client.post("/units", content=endless(), headers={"Content-Type": "application/json"})
        stated = await client.post("/units", content=b"{}", headers={"Content-Length": "64000001"})
    assert (answer.status_code, stated.status_code) == (413, 413)
    assert answer.json() == stated.json()
    assert answer.json()["detail"].startswith("Nội dung gửi lên lớn hơn 64 MB")
    assert sent < 70


async def test_writing_needs_a_role_and_a_unit_stays_within_itself(small: RunningSuite) -> None:
    async with small.client("small", role="appraiser") as client:
        kept_out = await client.post("/units", json=WISH)
        assert (kept_out.status_code, kept_out.json()["detail_en"].isascii()) == (403, True)
        assert "the role appraiser may not do this" in kept_out.json()["detail_en"]
    async with small.client("small", role="unit:b") as client:
        assert (await client.post("/units", json=WISH)).status_code == 403
        assert (await client.post("/units", json={**WISH, "id": "b"})).status_code == 200
        assert (await client.post("/units", json=WISH, headers={"Authorization": ""})).status_code == 401


async def test_addresses_that_do_not_exist_are_problems_too(small: RunningSuite) -> None:
    async with small.client("small") as client:
        answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Không có địa chỉ này.")


async def test_a_refused_event_is_listed_retried_and_discarded_with_a_reason(small: RunningSuite) -> None:
    await small.deliver_raw(_task(b'"weight":"2"'), _task(b'"weight":"oops"', b"2"))
    await small.settle()
    async with small.client("small", role="operator") as client:
        letters = (await client.get("/operation/dead-letters")).json()
        assert [(one["aggregate"], one["reason"]) for one in letters] == [
            ("van-phong/2", "contract"), ("van-phong/1", "refused"),
        ]  # fmt: skip
        retried = await client.post(f"/operation/dead-letters/{letters[1]['id']}/retry")
        again = (await client.get("/operation/dead-letters")).json()
        assert retried.json() == {"id": letters[1]["id"], "state": "retried", "waits_as": again[0]["id"]}
        assert (await client.get("/operation/dead-letters?state=nonsense")).status_code == 422
        assert len((await client.get("/operation/dead-letters?state=retried")).json()) == 1
        assert [one["aggregate"] for one in again] == ["van-phong/1", "van-phong/2"]
        gone = await client.post(f"/operation/dead-letters/{again[0]['id']}/discard", json={"reason": "nguồn thử"})
        assert gone.status_code == 200
        assert [one["id"] for one in (await client.get("/operation/dead-letters")).json()] == [again[1]["id"]]
        assert (await client.post(f"/operation/dead-letters/{again[0]['id']}/retry")).status_code == 409
        assert (await client.post("/operation/dead-letters/999/retry")).status_code == 404


async def test_a_stream_without_a_record_counts_as_followed_and_an_unknown_one_is_no_follower(
    small: RunningSuite,
) -> None:
    async with small.client("small", role="operator") as client:
        states = {
            one["stream"]: (one["state"], one["lag"]) for one in (await client.get("/operation/followers")).json()
        }
        unknown = await client.post("/operation/followers/nix/resume")
    assert set(states.values()) == {("running", 0)}
    assert (unknown.status_code, "“nix”" in unknown.json()["detail"]) == (404, True)
    assert unknown.json()["detail_en"].isascii()


async def test_of_a_secret_task_a_dead_letter_keeps_only_hash_and_length(small: RunningSuite) -> None:
    secret = _task(b'"weight":"oops","secret":true,"title":"Tuy\xe1\xbb\x87t m\xe1\xba\xadt"')
    garbled = Outgoing("tasks", "u", "u", (), b'{"secret":true,"title":"T\xc3\xa0i li\xe1\xbb\x87u"')
    await small.deliver_raw(secret, garbled)
    await small.settle()
    async with small.transaction("small") as tx:
        rows = (await tx.connection.exec_driver_sql("select * from thidua.dead_letter order by id")).fetchall()
    assert [(row.body, row.body_length, len(row.body_hash)) for row in rows] == [
        (None, len(secret.body or b""), 32), (None, len(garbled.body or b""), 32),
    ]  # fmt: skip
    assert all("mật" not in str(row) and "Tài" not in str(row) for row in rows)
    async with small.client("small", role="operator") as client:
        assert (await client.post(f"/operation/dead-letters/{rows[0].id}/retry")).status_code == 409


def _task(fields: bytes, number: bytes = b"1") -> Outgoing:
    start = b'{"source":"van-phong","source_id":"%s","version":1,"unit":"u","deadline":"2022-03-31",' % number
    return Outgoing("tasks", "u", "u", (), start + fields + b"}")


async def test_beyond_this_machine_even_reading_needs_a_token(suite: SuiteFactory) -> None:
    async with suite(SMALL, http_host="0.0.0.0") as running, running.client("small", role="reader") as client:
        assert (await client.get("/operation/dead-letters")).status_code == 200
        del client.headers["Authorization"]
        assert (await client.get("/operation/dead-letters")).status_code == 401
        assert (await client.get("/health/ready")).status_code == 200

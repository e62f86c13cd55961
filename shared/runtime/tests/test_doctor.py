"""`thidua doctor`: every finding is a sentence, and what is wrong says what to do."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from sqlalchemy import MetaData

from thidua_runtime.doctor import examine
from thidua_runtime.service import Service
from thidua_runtime.settings import read_settings

NOTHING = Service(name="monitoring", owns=(), follows={}, metadata=MetaData(), migrations="", api=APIRouter())


@pytest.mark.anyio
async def test_a_database_that_is_away_is_one_finding_and_names_the_setting() -> None:
    found = await examine(NOTHING, read_settings({"THIDUA_DATABASE_URL": "postgresql://thidua@127.0.0.1:1/x"}))
    by_name = {one.what: one for one in found}
    assert set(by_name) == {"doors", "criteria sets", "database", "topics"}
    assert not by_name["database"].good
    assert by_name["database"].found.startswith("PostgreSQL did not answer: ")
    assert by_name["database"].found.endswith("is THIDUA_DATABASE_URL right?")
    assert "sqlalchemy" not in by_name["database"].found
    assert "nobody may write yet: name a file in THIDUA_API_TOKENS_FILE" in by_name["doors"].found
    assert "name one broker, host:port" in by_name["topics"].found

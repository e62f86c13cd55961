from datetime import date

import pytest
from fastapi import APIRouter
from sqlalchemy import MetaData, text
from thidua.contracts import Campaign, Unit
from thidua.contracts.organisation import DatedCode
from thidua_runtime import replicas
from thidua_runtime.database import Transaction
from thidua_runtime.records import Batch
from thidua_runtime.service import Service
from thidua_runtime.testing import SuiteFactory


def unit(code: str, version: int = 0) -> Unit:
    return Unit(
        id=code,
        name="Vụ Đất đai",
        kind="vu",
        codes=(DatedCode(code=code, valid_from=date(2022, 1, 1)),),
        valid_from=date(2022, 1, 1),
        version=version,
    )


META = MetaData()
replicas.table(META, Unit, columns={"code": "body->'codes'->0->>'code'"}, indexed=("code",))


async def shout(batch: Batch[Unit], tx: Transaction) -> None:
    await replicas.keep(batch, tx)
    tx.publish(
        [
            Campaign(
                id=u.id,
                code=u.id,
                title=u.name,
                year=2022,
                starts_on=date(2022, 1, 1),
                ends_on=date(2022, 12, 31),
                registration_due=date(2022, 3, 31),
            )
            for u in batch.states
        ]
    )


SERVICE = Service(
    name="echo",
    owns=(Campaign,),
    follows={Unit: (shout,)},
    metadata=META,
    migrations="thidua_runtime:no_migrations",
    api=APIRouter(),
)


@pytest.mark.anyio
async def test_a_unit_delivered_comes_back_as_a_campaign(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        async with running.transaction("echo") as tx:
            await tx.connection.run_sync(META.create_all)
        await running.deliver(unit("a"), unit("b"), unit("a"))
        await running.settle()
        assert [c["id"] for c in await running.published("campaigns")] == ["a", "b"]
        async with running.client("echo") as client:
            print((await client.get("/operation/followers")).text)
            print((await client.get("/operation/nope")).text)
            print((await client.get("/health/ready")).text)
        async with running.transaction("echo") as tx:
            rows = await tx.rows(text("select code, version from replica_units order by code"))
            assert [r.code for r in rows] == ["a", "b"]

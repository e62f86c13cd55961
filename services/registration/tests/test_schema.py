import pytest

from thidua_registration.service import SERVICE
from thidua_runtime.testing import SuiteFactory, schema_difference


@pytest.mark.anyio
async def test_the_migrations_end_at_the_schema_of_the_tables(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        assert await schema_difference(running, "registration") == []

import time
from collections import Counter, defaultdict

import pytest
from thidua_sample.play import play
from thidua_sample.subset import only_clusters


@pytest.mark.anyio
@pytest.mark.timeout(900)
async def test_small_year(open_house, year):
    year = only_clusters(year)
    t = time.time()
    spent = defaultdict(float)
    n = Counter()
    async with open_house() as house:
        async def advance(to):
            t0 = time.time()
            house.clock.set(to)
            await house.running.settle()
            t1 = time.time()
            spent["settle1"] += t1 - t0
            for service in house.running.suite.services.values():
                for job in service.service.jobs:
                    from thidua_runtime.jobs import run_if_due, run_now
                    t2 = time.time()
                    if job.interval_seconds is None:
                        await run_if_due(job, service.database, service.holder)
                    else:
                        await run_now(job, service.database, service.holder)
                    spent[f"{service.service.name}.{job.name}"] += time.time() - t2
            t3 = time.time()
            await house.running.settle()
            spent["settle2"] += time.time() - t3
            n["advance"] += 1

        ans = type(house.doors)._answer

        async def timed(self, method, path, role, **more):
            t0 = time.time()
            try:
                return await ans(self, method, path, role, **more)
            finally:
                key = method + path.split("?")[0][:28]
                spent[key] += time.time() - t0
                n[key] += 1

        type(house.doors)._answer = timed
        try:
            await play(year, house.doors, advance, lambda *a: None)
        finally:
            type(house.doors)._answer = ans
        print(time.time() - t)
        for k, v in sorted(spent.items(), key=lambda x: -x[1])[:30]:
            print(k, round(v, 1), n[k])

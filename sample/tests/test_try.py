import time
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from thidua_sample.play import _play_months
from thidua_sample.play.organisation import enter_organisation
from thidua_sample.play.stage import Stage
from thidua_sample.play.working import approve_corrections


@pytest.mark.anyio
@pytest.mark.timeout(900)
async def test_registration_part_is_played_through_the_doors(open_house, year):
    year = replace(year, facts=(), decisions=())
    t = time.time()
    seen = {}

    def told(phase, done, total):
        seen.setdefault(phase, time.time() - t)

    async with open_house("registration", "monitoring") as house:
        adv = house.advance
        spent = defaultdict(float)

        async def advance(to):
            t0 = time.time()
            await adv(to)
            spent["advance"] += time.time() - t0
            print(to.date(), round(time.time() - t0, 2), round(time.time() - t, 1))

        ans = type(house.doors)._answer

        async def timed(self, method, path, role, **more):
            t0 = time.time()
            try:
                return await ans(self, method, path, role, **more)
            finally:
                spent[path.split("/")[2].split("?")[0]] += time.time() - t0

        type(house.doors)._answer = timed
        stage = Stage(year, house.doors, advance, told)
        await enter_organisation(stage)
        await _play_months(stage, None)
        print(time.time() - t)
        d = stage.doors
        months = (await d.get("/monitoring/months"))["months"]
        print([(m["month"], m["state"], m["corrections"]) for m in months])
        n = await approve_corrections(stage)
        print(n, time.time() - t)
        states = Counter([x["standing"] async for x in d.pages("/monitoring/tasks")])
        print(states, sum(states.values()))
        print(dict(spent))

import time
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from rich.console import Console
from thidua_sample.play import play
from thidua_sample.reading import collect
from thidua_sample.show import show
from thidua_sample.subset import only_clusters


@pytest.mark.anyio
@pytest.mark.timeout(900)
async def test_small_year(open_house, year):
    year = only_clusters(year)
    t = time.time()
    seen = {}

    def told(phase, done, total):
        if phase not in seen:
            seen[phase] = 0
            print(phase, round(time.time() - t, 1))

    async with open_house() as house:
        await play(year, house.doors, house.advance, told)
        print(time.time() - t)
        r = await collect(house.doors)
        show(r, Console(width=200))
        print(r.counts)

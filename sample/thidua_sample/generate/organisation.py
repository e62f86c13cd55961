"""The ministry, its 27 units and the 63 provincial departments of 2022, and their clusters."""

from __future__ import annotations

import csv
from datetime import date
from importlib import resources
from io import StringIO
from typing import Final

from thidua.contracts import Document
from thidua_sample.generate.records import LABEL, SampleCluster, SampleUnit

MINISTRY: Final = "btnmt"
VALID_FROM: Final = date(2021, 1, 1)

# Leaders of 2022 that a source names and that are among the units of the sample. The leaders of
# Khối II and VI are companies and offices outside the 27 units, Khối VII is named in no source.
LEADERS: Final = {
    "Khối I": "btnmt-05",
    "Khối III": "btnmt-10",
    "Khối IV": "btnmt-19",
    "Khối V": "btnmt-23",
    "Cụm I": "stnmt-31",
}
DEPUTIES: Final = {"Khối I": "btnmt-07"}


def paper(number: str, dated: date, issuer: str = "") -> Document:
    """Return an invented document; its issuer carries the label, so that nobody takes it for a real one."""
    return Document(number=number, dated=dated, issuer=f"{issuer} ({LABEL})" if issuer else LABEL)


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("thidua_sample").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text)))


def units() -> tuple[SampleUnit, ...]:
    """Return the ministry and the 90 units that take part, in the order of their codes."""
    return tuple(
        SampleUnit(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent=row["parent"] or None,
            cluster=row["cluster"] or None,
            illustrative=row["cluster_status"] == "illustrative",
            source=row["source"],
        )
        for row in _rows("units_2022.csv")
    )


def cluster_code(name: str) -> str:
    """Return the code of a cluster: "Khối III" is `khoi-iii`.

    >>> cluster_code("Cụm IX")
    'cum-ix'
    """
    word, number = name.split(" ", 1)
    return f"{ {'Khối': 'khoi', 'Cụm': 'cum'}[word] }-{number.lower()}"


def clusters(members: tuple[SampleUnit, ...]) -> tuple[SampleCluster, ...]:
    """Return the clusters of 2022 in order of first appearance, marks of illustrative members kept."""
    names = dict.fromkeys(unit.cluster for unit in members if unit.cluster)
    return tuple(
        SampleCluster(
            code=cluster_code(name),
            name=name,
            members=tuple((unit.code, unit.illustrative) for unit in members if unit.cluster == name),
            leader=LEADERS.get(name),
            deputy=DEPUTIES.get(name),
        )
        for name in names
    )

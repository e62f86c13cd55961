"""The sample year as a pure function of a seed: no clock, no network, no dependence on hashes."""

from thidua_sample.generate.records import LABEL, LABEL_ENGLISH, SampleYear
from thidua_sample.generate.year import generate

__all__ = ["LABEL", "LABEL_ENGLISH", "SampleYear", "generate"]

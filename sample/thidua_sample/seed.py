"""The seed of the published sample year; a module of its own, since reading it must cost nothing."""

from typing import Final

DEFAULT_SEED: Final = 2022

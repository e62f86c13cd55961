"""From a folder or an installed package to a checked criteria set; the file is judged before code is imported."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from thidua.criteria import checks
from thidua.criteria.canonical import canonical_json, content_hash
from thidua.criteria.case import ParameterChange
from thidua.criteria.code_checks import refuse_impure_code, why_no_function
from thidua.criteria.compiled import Rules, compile_rules
from thidua.criteria.errors import CriteriaSetNotFound, CriteriaSetRefused, ParameterRefused, Problem
from thidua.criteria.kinds.code import CodeRule, function
from thidua.criteria.manifest import DatedValue, Manifest, Parameter
from thidua.criteria.parameters import InForce, in_force, names_in, substituted
from thidua.criteria.refusals import place_of, problems_of
from thidua.criteria.strict import Name
from thidua.criteria.yaml_source import Source, decoded, read_yaml

FILE = "criteria.yaml"
GROUP = "thidua.criteria_sets"

_PARAMETERS = TypeAdapter(dict[Name, Parameter])
_Parameters = dict[str, tuple[DatedValue, ...]]


@dataclass(frozen=True)
class CriteriaSet:
    """A loaded set. `artefact`: "sha256:…" of its file and code, which a score names; `folder`: where it lies.

    `manifest` has the parameters in force on the first day of validity; `rules` gives those of a period.
    """

    id: str
    version: str
    title: str
    artefact: str
    folder: Path
    manifest: Manifest
    written: Mapping[str, Any]
    parameters: Mapping[str, tuple[DatedValue, ...]]
    _cache: dict[tuple[date, str], Rules] = field(default_factory=dict, repr=False, compare=False)

    def rules(self, on: date, changes: Mapping[str, ParameterChange] | None = None) -> Rules:
        """Return the compiled rules with the parameters in force on a day; the result is kept.

        Raises ParameterRefused if a campaign replaces what it may not, or by what cannot be used.
        """
        changes = changes or {}
        key = (
            on,
            repr(sorted((name, repr(one.value), one.reason) for name, one in changes.items())) if changes else "",
        )
        if key not in self._cache:
            self._cache[key] = self._compile(on, changes)
        return self._cache[key]

    def _compile(self, on: date, changes: Mapping[str, ParameterChange]) -> Rules:
        used = dict(_used(self.parameters, on))
        for name, change in changes.items():
            used[name] = self._replaced(name, used.get(name), change)
        try:
            manifest = _manifest(self.written, used)
        except (ValidationError, ValueError) as error:
            name = ", ".join(changes) or "of the set"
            raise ParameterRefused(name=name, set=self.id, why=_first_line(error)) from error
        return compile_rules(manifest, self.written, used)

    def _replaced(self, name: str, old: InForce | None, change: ParameterChange) -> InForce:
        if old is None:
            raise ParameterRefused(name=name, set=self.id, why="the set has no such parameter")
        if not any(value.campaign_may_change for value in self.parameters[name]):
            raise ParameterRefused(name=name, set=self.id, why="the set does not allow it")
        return InForce(name, _as_written(old.value, change.value), old.source, old.mark, change.reason)

    def as_json(self) -> dict[str, Any]:
        """Return the file as JSON-able matter, for the published stream."""
        plain: dict[str, Any] = _plain(self.written)
        return plain


def load_criteria_set(place: str | Path, *, imports: bool = True) -> CriteriaSet:
    """Load a set from its folder, or from an importable package that holds criteria.yaml.

    A folder with an `__init__.py` is the package of that name. `imports=False` judges the file and the text of
    the code and imports nothing: such a set can be shown and asked what it reads, and scores where it has no code.
    Raises CriteriaSetNotFound if there is none, CriteriaSetRefused with every place to mend.
    """
    folder = folder_of(place)
    source = read_yaml(decoded((folder / FILE).read_bytes(), FILE), FILE)
    package = place if isinstance(place, str) and folder != Path(place) else _package_in(folder)
    return _loaded(source, folder, package, imports)


def _loaded(source: Source, folder: Path, package: str | None, imports: bool) -> CriteriaSet:
    if not isinstance(source.tree, dict):
        what = "the file is empty" if source.tree is None else "the file is no mapping"
        raise CriteriaSetRefused(source.file, (Problem(1, 1, f"{what}; write format: 1 first"),))
    parameters = _read_parameters(source)
    manifest = _checked(source, parameters)
    calls = _calls(manifest)
    if calls and package is not None:
        refuse_impure_code(folder, package)
    source.refuse(_code_problems(source, calls, package, folder))
    if imports:
        source.refuse(_import_problems(source, calls, folder))
    return CriteriaSet(
        id=manifest.id,
        version=manifest.version,
        title=manifest.title,
        artefact=_artefact(folder),
        folder=folder,
        manifest=manifest,
        written=source.tree,
        parameters=parameters,
    )


def installed_criteria_sets() -> dict[str, str]:
    """Return the installed sets, id → package, from the entry points; nothing is imported."""
    found = importlib.metadata.entry_points(group=GROUP)
    return {point.name: point.module for point in sorted(found, key=lambda point: point.name)}


def folder_of(place: str | Path) -> Path:
    """Return the folder of a set; nothing is imported. Raises CriteriaSetNotFound."""
    path = Path(place)
    if (path / FILE).is_file():
        return path
    if isinstance(place, str) and place.replace("_", "a").replace(".", "a").isalnum():
        spec = _spec(place)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(location) / FILE).is_file():
                return Path(location)
    raise CriteriaSetNotFound(place=place)


def _spec(package: str) -> Any:
    try:
        return importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None


def _package_in(folder: Path) -> str | None:
    return folder.resolve().name if (folder / "__init__.py").is_file() else None


def _artefact(folder: Path) -> str:
    files = sorted([folder / FILE, *folder.rglob("*.py")])
    content = {str(file.relative_to(folder)): content_hash(file.read_bytes()) for file in files}
    return content_hash(canonical_json(content))


def _read_parameters(source: Source) -> _Parameters:
    written = source.tree.get("parameters", {})
    try:
        return _PARAMETERS.validate_python(written)
    except ValidationError as error:
        for one in error.errors():
            path = ("parameters", *place_of(one["loc"], written))
            source.refuse([source.problem(path, str(one.get("ctx", {}).get("error", one["msg"])))])
        raise


def _used(parameters: Mapping[str, tuple[DatedValue, ...]], on: date) -> Iterator[tuple[str, InForce]]:
    for name, values in parameters.items():
        value = in_force(values, on)
        if value is not None:
            yield name, InForce(name, value.value, value.source, value.mark)


def _manifest(written: Mapping[str, Any], used: Mapping[str, InForce]) -> Manifest:
    values = {name: one.value for name, one in used.items()}
    tree = {key: part if key == "parameters" else substituted(part, values) for key, part in written.items()}
    return Manifest.model_validate(_with_defaults(tree))


def _with_defaults(tree: dict[str, Any]) -> dict[str, Any]:
    defaults, inputs = tree.get("fact_defaults"), tree.get("inputs")
    if not isinstance(defaults, dict) or not isinstance(inputs, dict):
        return tree
    filled = {name: _with_default(one, defaults) for name, one in inputs.items()}
    return tree | {"inputs": filled}


def _with_default(declared: Any, defaults: Mapping[str, Any]) -> Any:
    if not isinstance(declared, dict) or "fact" not in declared:
        return declared
    # Who counts by default does not hold for a fact that names its own staters without them.
    staters = declared.get("stated_by")
    left_out = {"over"} if declared["fact"] == "log" else set()
    counts = defaults.get("counts")
    if staters is not None and "counts" not in declared and isinstance(counts, list) and not set(counts) & set(staters):
        left_out.add("counts")
    return {key: value for key, value in defaults.items() if key not in left_out} | declared


def _checked(source: Source, parameters: _Parameters) -> Manifest:
    problems = list(_parameter_problems(source, parameters))
    manifests: list[Manifest] = []
    for day in _days_of_change(source, parameters):
        try:
            manifests.append(_manifest(source.tree, dict(_used(parameters, day))))
        except ValidationError as error:
            problems += problems_of(error, source)
        else:
            problems += [source.problem(path, text) for path, text in checks.problems(manifests[-1])]
    source.refuse(problems)
    return manifests[0]


def _days_of_change(source: Source, parameters: _Parameters) -> list[date]:
    valid = source.tree.get("valid")
    first = valid.get("from") if isinstance(valid, dict) else None
    start = first if isinstance(first, date) else date.max
    later = {value.first for values in parameters.values() for value in values if value.first}
    return [start, *sorted(day for day in later if day > start)]


def _parameter_problems(source: Source, parameters: _Parameters) -> Iterator[Problem]:
    rest = {key: part for key, part in source.tree.items() if key != "parameters"}
    used = set(names_in(rest))
    start = _days_of_change(source, parameters)[0]
    for path, name in _references(rest, ()):
        if name not in parameters:
            known = ", ".join(f"${one}" for one in sorted(parameters)) or "none is declared"
            yield source.problem(path, f"the parameter ${name} is not declared; declared: {known}")
        elif in_force(parameters[name], start) is None:
            yield source.problem(path, f"${name} has no value on {start}; add one that starts by then")
    for name in sorted(set(parameters) - used):
        yield source.problem(
            ("parameters", name), f'the parameter "{name}" is not used; write ${name} somewhere, or take it out'
        )


def _references(written: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    items = written.items() if isinstance(written, dict) else enumerate(written) if isinstance(written, list) else ()
    for step, value in items:
        if isinstance(value, str):
            for name in names_in(value):
                yield (*path, step), name
        else:
            yield from _references(value, (*path, step))


_Calls = list[tuple[tuple[str | int, ...], str]]


def _calls(manifest: Manifest) -> _Calls:
    lists: checks.Lines = (("criteria", manifest.criteria), ("adjustments", manifest.adjustments))
    placed = [((key, place), line.rule) for key, lines in lists for place, line in enumerate(lines)]
    return [((*path, "rule", "call"), rule.call) for path, rule in placed if isinstance(rule, CodeRule)]


def _code_problems(source: Source, calls: _Calls, package: str | None, folder: Path) -> Iterator[Problem]:
    for path, call in calls:
        sentence = _why_not_callable(call, package) or why_no_function(folder, call)
        if sentence:
            yield source.problem(path, sentence)


def _why_not_callable(call: str, package: str | None) -> str | None:
    if package is None:
        return "a folder without a package has no code; install the set as a distribution, or use another kind"
    if call.partition(":")[0].split(".")[0] != package.split(".")[0]:
        return f"{call} is outside the package {package}; put the function into the set's own package"
    return None


def _import_problems(source: Source, calls: _Calls, folder: Path) -> Iterator[Problem]:
    for path, call in calls:
        try:
            with _importable(folder):
                found = function(call)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            # The module is foreign code: whatever it raises while it is imported stops this set and no other.
            yield source.problem(path, f"{call} cannot be imported: {error}")
        else:
            home = Path(sys.modules[found.__module__].__file__ or "/")
            if not home.resolve().is_relative_to(folder.resolve()):
                yield source.problem(path, f"another package of the name {folder.name} is loaded; start a new process")


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    # Only while the set's own modules are imported: nothing else may be found there.
    parent = str(folder.resolve().parent)
    sys.path.insert(0, parent)
    try:
        yield
    finally:
        sys.path.remove(parent)


def _as_written(old: Any, new: Any) -> Any:
    # A case is JSON: a campaign's date comes back as text and must become a date where one stood before.
    if isinstance(old, date) and isinstance(new, str):
        try:
            return date.fromisoformat(new)
        except ValueError:
            return new
    return new


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    return str(error)


def _plain(written: Any) -> Any:
    if isinstance(written, dict):
        return {key: _plain(value) for key, value in written.items()}
    if isinstance(written, list):
        return [_plain(value) for value in written]
    return written.isoformat() if isinstance(written, date) else written

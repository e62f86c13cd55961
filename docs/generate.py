"""Writes the reference tables of this folder from the code: run it after changing a setting, error, command or stream.

    python docs/generate.py

Each table stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; the text around it is
written by hand. `tests/docs/` fails while a table differs from the code.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import typer
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from thidua.cli import load_commands
from thidua.contracts import STREAMS, State
from thidua.errors import ThiduaError
from thidua.testkit.rules import RULES
from thidua_runtime.columns import columns_of
from thidua_runtime.installed import installed_services
from thidua_runtime.kafka.wanted import DAY_MS, WANTED
from thidua_runtime.service import Service, load_service
from thidua_runtime.settings import PREFIX, Settings

ROOT: Final = Path(__file__).resolve().parent.parent
DISTRIBUTIONS: Final = ("shared/sdk", "shared/runtime", "services", "sample")
READ_BY_SETTINGS: Final = ("database_url", "migration_database_url")
INBOX_OWNERS: Final = "*inbox*: whoever has the tasks"


def settings() -> str:
    """Return the settings, one row each, as `thidua_runtime.settings` declares them."""
    rows = []
    for name, field in Settings.model_fields.items():
        is_secret = SecretStr.__name__ in str(field.annotation)
        meaning = f"{field.description} Secret: may be given as `{PREFIX}{name.upper()}_FILE`." if is_secret else ""
        rows.append((f"`{PREFIX}{name.upper()}`", _default(field.default), meaning or str(field.description)))
    return _table(("name", "default", "meaning"), rows)


def errors() -> str:
    """Return every error of the suite, by the module it stands in."""
    parts = []
    for module, classes in sorted(_errors_by_module().items()):
        if not classes:
            continue
        rows = [
            (f"`{one.code()}`", str(one.status), one.reader.value, _sentences(one), _first_paragraph(one.__doc__))
            for one in classes
        ]
        parts.append(f"### `{module}`\n\n{_table(('code', 'HTTP', 'reader', 'sentence', 'when'), rows)}")
    return "\n\n".join(parts)


def commands() -> str:
    """Return every command of `thidua` with its help line and what it takes."""
    root: Any = typer.main.get_command(load_commands())
    rows = [
        (f"`{name}`", _line(command.help), ", ".join(_taken(command)) or "–")
        for name, command in sorted(_leaves("thidua", root))
    ]
    return _table(("command", "what it does", "takes"), rows)


def streams() -> str:
    """Return every stream with owner, key and meaning, as `thidua.contracts` declares them."""
    rows = [
        (
            f"`{name}`",
            model.owner or INBOX_OWNERS,
            _line(_doc_of(model, "key")).rstrip("."),
            _partition_part(model),
            _first_paragraph(model.__doc__),
        )
        for name, model in STREAMS.items()
    ]
    return _table(("stream", "owner", "key", "partition by", "says"), rows)


def services() -> str:
    """Return what each installed service owns and follows, and its jobs, as its `service.py` says."""
    rows = [_service_row(load_service(name)) for name in installed_services()]
    return _table(("service", "owns", "follows", "jobs"), rows)


def tiers() -> str:
    """Return the rules of the conformance tiers, as `thidua.testkit.rules` has them."""
    rows = [(one.tier, f"[{one.key}](#{one.key})", one.promise) for one in RULES]
    return _table(("tier", "rule", "promise"), rows)


def import_columns() -> str:
    """Return the columns of every kind of import file, as the row models of the services have them."""
    parts = []
    for service in map(load_service, installed_services()):
        for kind, model in service.imports.items():
            rows = [
                (f"`{one.name}`", " · ".join(one.titles), "yes" if one.is_required else "no", one.form)
                for one in columns_of(model)
            ]
            head = f"`{kind}` ({service.name}): {_first_paragraph(model.__doc__)}"
            parts.append(f"{head}\n\n{_table(('column', 'Vietnamese', 'must', 'a cell is'), rows)}")
    return "\n\n".join(parts)


def topics() -> str:
    """Return every topic with its partitions and what is kept, as `thidua topics apply` makes it."""
    rows = []
    for name, topic in WANTED.items():
        inbox = topic.settings["cleanup.policy"] == "delete"
        days = int(topic.settings["retention.ms"]) // DAY_MS if inbox else 0
        kept = f"{days} days, stamped by the broker" if inbox else "compacted: the newest record per key"
        rows.append((f"`{name}`", str(topic.partitions), kept))
    return _table(("stream", "partitions", "kept"), rows)


def flow() -> str:
    """Return who follows whose streams as a Mermaid diagram, from what each service follows."""
    lines = ["```mermaid", "flowchart LR"]
    for service in map(load_service, installed_services()):
        by_owner: dict[str, list[str]] = {}
        for model in service.follows:
            by_owner.setdefault(model.owner or "source", []).append(model.stream)
        for owner, names in sorted(by_owner.items()):
            shown = '["e-office, import, API"]' if owner == "source" else ""
            lines.append(f'  {owner}{shown} -- "{", ".join(names)}" --> {service.name}')
    return "\n".join([*lines, "```"])


def unread_settings() -> str:
    """Return the settings that no code reads yet, so that nobody trusts in them."""
    code = "\n".join(
        file.read_text(encoding="utf-8")
        for folder in DISTRIBUTIONS
        for file in (ROOT / folder).rglob("*.py")
        if file.name != "settings.py" and "tests" not in file.relative_to(ROOT).parts
    )
    unread = [name for name in Settings.model_fields if name not in READ_BY_SETTINGS and f".{name}" not in code]
    listed = ", ".join(f"`{PREFIX}{name.upper()}`" for name in unread)
    return f"Declared, but without effect in this release: {listed}." if unread else "Each of them is in use."


BLOCKS: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "settings": ("docs/operations.md", settings),
    "errors": ("docs/errors.md", errors),
    "commands": ("docs/commands.md", commands),
    "streams": ("docs/architecture.md", streams),
    "services": ("docs/architecture.md", services),
    "topics": ("docs/operations.md", topics),
    "flow": ("docs/architecture.md", flow),
    "tiers": ("docs/conformance.md", tiers),
    "import columns": ("docs/integrators.md", import_columns),
    "unread settings": ("docs/operations.md", unread_settings),
}
"""Every generated table: the file it stands in, and what makes it."""


def error_classes() -> tuple[type[ThiduaError], ...]:
    """Return every subclass of ThiduaError in the suite's sources, wherever it is defined."""
    return tuple(one for classes in _errors_by_module().values() for one in classes)


def written(name: str) -> str:
    """Return a generated table as it stands in its file; raises LookupError where its marks are missing."""
    file = ROOT / BLOCKS[name][0]
    found = _block(name).search(file.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{file.name} has no place for the generated table {name}")
    return found[2].strip()


def rewrite(name: str) -> bool:
    """Put a table anew into its file; return whether that changed it."""
    path, make = BLOCKS[name]
    file = ROOT / path
    text = file.read_text(encoding="utf-8")
    written(name)
    table = make()
    new = _block(name).sub(lambda found: f"{found[1]}\n{table}\n{found[3]}", text)
    file.write_text(new, encoding="utf-8")
    return new != text


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(\n<!-- end of {name} -->)", re.DOTALL)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---" for _ in head], *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _first_paragraph(text: str | None) -> str:
    return _line((text or "").split("\n\n", 1)[0])


def _default(value: object) -> str:
    return "–" if value in (None, "", PydanticUndefined) else f"`{value}`"


def _doc_of(model: type[State], name: str) -> str:
    return next(str(vars(one)[name].__doc__) for one in model.__mro__ if name in vars(one))


def _partition_part(model: type[State]) -> str:
    # The base takes what stands before the first slash; a stream that differs says so itself.
    if "partition_key" in vars(model):
        return _line(_doc_of(model, "partition_key")).rstrip(".")
    return "first part of the key" if "/" in _doc_of(model, "key") else "the key"


def _service_row(service: Service) -> tuple[str, ...]:
    owned = ", ".join(f"`{model.stream}`" for model in service.owns) or "–"
    followed = ", ".join(f"`{model.stream}`" for model in service.follows) or "–"
    jobs = ", ".join(f"`{job.name}` ({job.every})" for job in service.jobs) or "–"
    return f"`{service.name}`", owned, followed, jobs


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield name, command
        return
    for word, one in inner.items():
        yield from _leaves(f"{name} {word}", one)


def _taken(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.name == "help":
            continue
        if parameter.param_type_name == "argument":
            word = parameter.human_readable_name if hasattr(parameter, "human_readable_name") else parameter.name
            yield f"`{str(word).upper()}`" if parameter.required else f"`[{str(word).upper()}]`"
        else:
            yield f"`{max(parameter.opts, key=len)}`"


def _sentences(error: type[ThiduaError]) -> str:
    both = [error.sentence, error.english] if error.english and error.english != error.sentence else [error.sentence]
    return "<br>".join(_line(one).replace("<", "&lt;") for one in both)


def _errors_by_module() -> dict[str, tuple[type[ThiduaError], ...]]:
    found: dict[str, tuple[type[ThiduaError], ...]] = {}
    for module, names in _names_of_errors().items():
        loaded = importlib.import_module(module)
        classes = tuple(getattr(loaded, name) for name in names)
        # The base is never raised: it only says what all others have.
        found[module] = tuple(one for one in classes if issubclass(one, ThiduaError) and one is not ThiduaError)
    return found


def _names_of_errors() -> dict[str, list[str]]:
    """Find subclasses by reading the sources: importing every module of the suite would take seconds."""
    bases = {module: _bases(file) for module, file in _modules()}
    known = {ThiduaError.__name__}
    while True:
        more = {n for classes in bases.values() for n, parents in classes.items() if known & parents} - known
        if not more:
            break
        known |= more
    named = {module: [name for name in classes if name in known] for module, classes in bases.items()}
    return {module: names for module, names in named.items() if names}


def _modules() -> Iterator[tuple[str, Path]]:
    for folder in DISTRIBUTIONS:
        for file in sorted((ROOT / folder).rglob("thidua*/**/*.py")):
            if "tests" in file.relative_to(ROOT).parts:
                continue
            if file.name == "errors.py" or "ThiduaError" in file.read_text(encoding="utf-8"):
                yield _dotted(file), file


def _dotted(file: Path) -> str:
    parts = file.with_suffix("").parts
    start = next(place for place, part in enumerate(parts) if part.startswith("thidua") and _is_package(parts, place))
    return ".".join(part for part in parts[start:] if part != "__init__")


def _is_package(parts: tuple[str, ...], place: int) -> bool:
    return Path(*parts[: place + 1], "__init__.py").exists()


def _bases(file: Path) -> dict[str, set[str]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }


if __name__ == "__main__":
    for block in BLOCKS:
        sys.stdout.write(f"{block}: {'rewritten' if rewrite(block) else 'unchanged'}\n")

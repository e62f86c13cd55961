"""Install every distribution alone and import it: a workspace hides dependencies that nobody declared.

Each wheel is built and installed with its declared dependencies into an environment of its own; the
distributions of this workspace come from the wheels just built, all else from the pinned list.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv/bin/uv"
IMPORT = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
"""


def run(*command: str | Path) -> None:
    """Run a command; its output is shown only when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def build(distributions: list[Path], wheels: Path) -> None:
    """Build the wheel of every distribution."""
    for folder in distributions:
        run(UV, "build", "--wheel", "-q", "--no-build-isolation", "--python", ROOT / ".venv/bin/python",
            "--out-dir", wheels, folder)  # fmt: skip


def import_alone(folder: Path, wheels: Path, scratch: Path) -> None:
    """Install one distribution with what it declares, and import every module of it."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    name = project["project"]["name"]
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    environment = scratch / name
    run(UV, "venv", "-q", "--python", ROOT / ".venv/bin/python", environment)
    python = environment / "bin/python"
    # Modules for tests may need more; what they need is declared as an extra of that name.
    wanted = f"{name}[testing]" if "testing" in project["project"].get("optional-dependencies", {}) else name
    run(UV, "pip", "install", "-q", "--python", python, "--find-links", wheels, "-c", ROOT / "requirements.txt", wanted)
    run(python, "-W", "error::SyntaxWarning", "-c", IMPORT, *packages)
    print(f"alone: {name}", flush=True)


def main() -> None:
    """Build, install and import every distribution named on the command line."""
    distributions = [ROOT / name for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder) / "wheels"
        build(distributions, wheels)
        for distribution in distributions:
            import_alone(distribution, wheels, Path(folder))


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Compiles what shared/sdk/pyproject.toml names and puts it beside its sources; without a C compiler all stays Python.
set -euo pipefail
cd "$(dirname "$0")/.."

compiler=${CC:-$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_config_var("CC") or "cc")')}
headers=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')
if ! command -v "${compiler%% *}" > /dev/null || ! [ -e "$headers/Python.h" ]; then
  find shared/sdk -name '*.so' -delete
  echo "No C compiler (${compiler%% *}) or no Python.h: scoring stays plain Python, at half its speed (apt-get install gcc python3-dev, then make venv)."
  exit
fi
# In a copy: the build moves pyproject.toml away while it compiles, and what is ended halfway must leave nothing behind.
copy=$(mktemp -d .venv/compile.XXXXXX)
trap 'rm -rf "$copy"' EXIT
touch "$copy/began"
cp -R shared/sdk/pyproject.toml shared/sdk/README.md shared/sdk/thidua "$copy"
find "$copy" -name '*.so' -delete
(cd "$copy" && HATCH_BUILD_HOOK_ENABLE_MYPYC=1 ../bin/python -m hatchling build -t wheel --hooks-only > log 2>&1) || { cat "$copy/log" >&2; exit 1; }
# As old as the sources that it was made of: whoever changed one since then is told.
find "$copy" -name '*.so' -exec touch -r "$copy/began" {} +
find shared/sdk -name '*.so' -delete
(cd "$copy" && find . -name '*.so') | while read -r one; do mv "$copy/$one" "shared/sdk/$one"; done
mv "$copy/began" .venv/.ready

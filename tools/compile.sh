#!/usr/bin/env bash
# Compiles what shared/sdk/pyproject.toml names and installs it in place; without a C compiler all stays Python.
set -euo pipefail
cd "$(dirname "$0")/.."

find shared/sdk -name '*.so' -delete
headers=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')
if ! command -v cc > /dev/null || ! [ -e "$headers/Python.h" ]; then
  echo "No C compiler or no Python.h: scoring stays plain Python, at half its speed (apt-get install gcc python3-dev, then make venv)."
  exit
fi
HATCH_BUILD_HOOK_ENABLE_MYPYC=1 .venv/bin/uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e shared/sdk

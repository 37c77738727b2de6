#!/usr/bin/env bash
# Renews requirements/ci.txt, the newest versions that pyproject.toml allows with the sha256 of each of
# their files, and docs/licences.md: `requirements/renew.sh`. Needs PyPI; leaves nothing else behind.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install -q uv pip-audit
"$tools/bin/uv" pip compile pyproject.toml --extra test --universal --python-version 3.11 --upgrade \
    --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements/ci.txt
# Known holes in what was locked; it asks PyPI, and says so when it cannot.
"$tools/bin/pip-audit" --requirement requirements/ci.txt --disable-pip --progress-spinner off || true
"$tools/bin/uv" venv -q "$tools/locked"
"$tools/bin/uv" pip install -q --python "$tools/locked" --require-hashes -r requirements/ci.txt
"$tools/locked/bin/python" docs/make_licences.py

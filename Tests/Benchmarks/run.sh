#!/usr/bin/env bash
# Measures Ambar beside psql and DuckDB on one machine in one run: Tests/Benchmarks/run.sh [ROWS]
# Data and the Python environment are kept in .build/bench between runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-10000000}
work=$PWD/.build/bench
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet duckdb numpy pyarrow
fi
if [ ! -f "$work/retail-$rows/done" ]; then
  echo "making $rows rows of retail data"
  "$work/venv/bin/python" Tests/Benchmarks/generate_retail.py "$rows" "$work/retail-$rows" --no-parquet
  touch "$work/retail-$rows/done"
fi
exec "$work/venv/bin/python" Tests/Benchmarks/bench.py --ambar .build/release/ambar --data "$work/retail-$rows" \
  --rows "$rows" --work "$work"

#!/usr/bin/env bash
# Measures Ambar beside its peers on one machine in one run: Tests/Benchmarks/run.sh [ROWS] [store|flow|queries|latency|all]
# Data and the Python environment are kept in .build/bench between runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-10000000}
part=${2:-all}
work=$PWD/.build/bench
mkdir -p "$work"
if ! "$work/venv/bin/python" -c "import duckdb, chdb, numpy, pyarrow" 2>/dev/null; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet duckdb chdb numpy pyarrow tpchgen-cli
fi
if [ ! -f "$work/retail-$rows/done" ]; then
  echo "making $rows rows of retail data"
  "$work/venv/bin/python" Tests/Benchmarks/generate_retail.py "$rows" "$work/retail-$rows" --no-parquet
  touch "$work/retail-$rows/done"
fi
if [ ! -f "$work/tpch/done" ]; then
  echo "making TPC-H data of scale factor 1"
  "$work/venv/bin/tpchgen-cli" -s 1 --output-dir "$work/tpch"
  touch "$work/tpch/done"
fi
if [ "$part" = store ] || [ "$part" = all ]; then
  "$work/venv/bin/python" Tests/Benchmarks/storage.py --ambar .build/release/ambar --tpch "$work/tpch" \
    --retail "$work/retail-$rows" --work "$work"
fi
if [ "$part" = queries ] || [ "$part" = all ]; then
  "$work/venv/bin/python" Tests/Benchmarks/queries.py --ambar .build/release/ambar --tpch "$work/tpch" \
    --retail "$work/retail-$rows" --work "$work"
fi
if [ "$part" = latency ] || [ "$part" = all ]; then
  "$work/venv/bin/python" Tests/Benchmarks/latency.py --ambar .build/release/ambar --retail "$work/retail-$rows" --work "$work"
fi
if [ "$part" = flow ] || [ "$part" = all ]; then
  "$work/venv/bin/python" Tests/Benchmarks/flow.py --ambar .build/release/ambar --data "$work/retail-$rows" \
    --rows "$rows" --work "$work"
fi

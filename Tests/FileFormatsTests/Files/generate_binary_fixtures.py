"""Writes the Parquet and Arrow fixtures of this directory with pyarrow 26, and beside them the expected
values as text: one row a line, values separated by tabs, NULL as \\N, numbers as integers (DECIMAL unscaled,
DATE in days, TIMESTAMP in microseconds), floating point as the bits in hexadecimal.

Run it in this directory: python3 generate_binary_fixtures.py
"""
import decimal
import struct
import uuid

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

decimal.getcontext().prec = 60


def mix(row, salt):
    x = (row * 2654435761 + salt * 40503 + 12345) & 0xFFFFFFFF
    x ^= x >> 15
    x = (x * 2246822519) & 0xFFFFFFFF
    x ^= x >> 13
    return x


WORDS = ["", "a", "касса", "склад", "Оптовый покупатель", "abcdefghijkl", "abcdefghijklm", "😀 smile", "x" * 40]


def wide(row, salt):
    return mix(row, salt) << 32 | mix(row, salt + 1)


def signed(number, bits):
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def scaled(number, scale):
    return decimal.Decimal(number).scaleb(-scale)


def half(row):
    return struct.unpack("<e", struct.pack("<H", mix(row, 3) & 0xFBFF))[0]


def single(row):
    return struct.unpack("<f", struct.pack("<I", mix(row, 4) & 0xFF7FFFFF))[0]


def double(row):
    return struct.unpack("<d", struct.pack("<Q", wide(row, 5) & 0xFFEFFFFFFFFFFFFF))[0]


def big(row, digits):
    return signed(wide(row, 9) << 64 | wide(row, 11), 127) % 10**digits * (1 if row % 2 else -1)


def bits32(value):
    return "%08x" % struct.unpack("<I", struct.pack("<f", value))[0]


def bits64(value):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", value))[0]


# name, Arrow type, value of a row as (what pyarrow takes, expected text)
def columns():
    def integer(bits, is_signed):
        def value(row):
            n = wide(row, bits)
            n = signed(n, bits) if is_signed else n & ((1 << bits) - 1)
            return n, str(n)
        return value

    def number(digits, scale):
        def value(row):
            n = big(row, digits)
            return scaled(n, scale), str(n)
        return value

    def moment(divisor, multiplier):
        def value(row):
            n = signed(wide(row, 20), 50)
            return n, str(n * multiplier if multiplier else n // divisor)
        return value

    text = lambda row: (WORDS[mix(row, 1) % len(WORDS)] + str(row % 7),) * 2
    day = lambda row: (signed(mix(row, 2), 18), str(signed(mix(row, 2), 18)))
    flag = lambda row: (mix(row, 6) % 3 == 0, "true" if mix(row, 6) % 3 == 0 else "false")
    key = lambda row: (uuid.UUID(int=wide(row, 13) << 64 | wide(row, 15)).bytes,
                       str(wide(row, 13) << 64 | wide(row, 15)))
    return [
        ("flag", pa.bool_(), flag),
        ("int8", pa.int8(), integer(8, True)),
        ("int16", pa.int16(), integer(16, True)),
        ("int32", pa.int32(), integer(32, True)),
        ("int64", pa.int64(), integer(64, True)),
        ("uint8", pa.uint8(), integer(8, False)),
        ("uint16", pa.uint16(), integer(16, False)),
        ("uint32", pa.uint32(), integer(32, False)),
        ("uint64", pa.uint64(), integer(64, False)),
        ("half", pa.float16(), lambda row: (half(row), bits32(half(row)))),
        ("single", pa.float32(), lambda row: (single(row), bits32(single(row)))),
        ("double", pa.float64(), lambda row: (double(row), bits64(double(row)))),
        ("decimal7", pa.decimal128(7, 2), number(7, 2)),
        ("decimal15", pa.decimal128(15, 3), number(15, 3)),
        ("decimal38", pa.decimal128(38, 10), number(38, 10)),
        ("day", pa.date32(), day),
        ("milli", pa.timestamp("ms"), moment(1, 1000)),
        ("micro", pa.timestamp("us", tz="UTC"), moment(1, 1)),
        ("nano", pa.timestamp("ns"), moment(1000, 0)),
        ("text", pa.string(), text),
        ("long", pa.large_string(), text),
        ("key", pa.binary(16), key),
    ]


def is_null(row, index):
    return mix(row, 50 + index) % 4 == 0


def table(chosen, rows, nullable, first=0):
    fields, arrays = [], []
    for index, (name, kind, value) in enumerate(chosen):
        values = [None if nullable and is_null(r, index) else value(r)[0] for r in range(first, first + rows)]
        if name == "half":
            import numpy
            values = [None if v is None else numpy.float16(v) for v in values]
        array = pa.array(values, type=kind)
        if name == "key":
            array = pa.ExtensionArray.from_storage(pa.uuid(), array)
            kind = pa.uuid()
        fields.append(pa.field(name, kind, nullable=nullable))
        arrays.append(array)
    return pa.table(arrays, schema=pa.schema(fields))


def expected(path, chosen, rows, nullable):
    with open(path, "w", newline="\n") as file:
        for row in range(rows):
            file.write("\t".join(
                "\\N" if nullable and is_null(row, index) else value(row)[1]
                for index, (name, kind, value) in enumerate(chosen)) + "\n")


def parquet_types():
    chosen = columns()
    for nullable, kind in ((True, "optional"), (False, "required")):
        expected(f"types_{kind}.tsv", chosen, 90, nullable)
        data = table(chosen, 90, nullable)
        for codec in ("none", "snappy", "gzip", "zstd", "lz4"):
            for version in ("1.0", "2.0"):
                pq.write_table(
                    data, f"types_{codec}_v{version[0]}_{kind}.parquet", compression=codec,
                    data_page_version=version, row_group_size=50, data_page_size=256, write_batch_size=16,
                    store_decimal_as_integer=codec in ("gzip", "zstd"),
                    use_dictionary=codec != "gzip", write_statistics=codec == "none",
                    write_page_checksum=codec in ("snappy", "zstd", "none"), store_schema=False)


def parquet_encodings():
    all_columns = {name: (name, kind, value) for name, kind, value in columns()}
    steady = ("steady", pa.int64(), lambda row: (row * 1000 + row % 3, str(row * 1000 + row % 3)))
    coarse = ("coarse", pa.decimal128(19, 2), lambda row: (scaled(row % 20 - 9, 2), str(row % 20 - 9)))
    word = ("word", pa.string(), lambda row: ("числа 1234567"[:mix(row, 1) % 14],) * 2)
    all_columns.update(steady=steady, coarse=coarse, word=word)
    cases = {
        "dictionary": (True, None, ["word", "coarse"]),
        "delta": (False, {"int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED",
                          "steady": "DELTA_BINARY_PACKED", "day": "DELTA_BINARY_PACKED"},
                  ["int32", "int64", "day", "steady"]),
        "lengths": (False, {"text": "DELTA_LENGTH_BYTE_ARRAY"}, ["text"]),
        "prefixes": (False, {"text": "DELTA_BYTE_ARRAY", "key": "DELTA_BYTE_ARRAY"}, ["text", "key"]),
        "split": (False, {"single": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT",
                          "int32": "BYTE_STREAM_SPLIT", "decimal7": "BYTE_STREAM_SPLIT"},
                  ["single", "double", "int32", "decimal7"]),
        "runs": (False, {"flag": "RLE"}, ["flag"]),
    }
    rows = {"dictionary": 2200, "delta": 600, "lengths": 1200, "prefixes": 450, "split": 500, "runs": 5000}
    for name, (dictionary, encodings, names) in cases.items():
        chosen = [all_columns[n] for n in names]
        for nullable, kind in ((True, "optional"), (False, "required")):
            expected(f"encoding_{name}_{kind}.tsv", chosen, rows[name], nullable)
            data = table(chosen, rows[name], nullable)
            for version in ("1.0", "2.0"):
                pq.write_table(
                    data, f"encoding_{name}_v{version[0]}_{kind}.parquet", compression="zstd",
                    compression_level=15, data_page_version=version, use_dictionary=dictionary,
                    column_encoding=encodings, data_page_size=1500, write_batch_size=64,
                    write_statistics=False, store_schema=False)


def parquet_others():
    # A dictionary that overflows: codes first, plain values behind.
    words = [f"value number {mix(row, 1) % 400}" for row in range(3000)]
    pq.write_table(
        pa.table({"word": words}), "fallback.parquet", compression="zstd", dictionary_pagesize_limit=4000,
        data_page_size=2000, write_batch_size=64, write_statistics=False, store_schema=False)
    moments = pa.array([0, -1, 1, 1_700_000_000_123_456_789, -62_135_596_800_000_000 * 10], pa.timestamp("ns"))
    pq.write_table(
        pa.table({"at": moments}), "int96.parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    pq.write_table(
        pa.table({"n": pa.array([None, None], pa.null()), "b": pa.array([b"x", b"yz"], pa.binary())}),
        "nothing.parquet", store_schema=False)
    pq.write_table(
        pa.table({"id": [1, 2], "tags": [["a"], []], "where": [{"x": 1, "y": 2}, None], "last": ["p", "q"]}),
        "nested.parquet", store_schema=False)
    pq.write_table(pa.table({"id": pa.array([], pa.int32())}), "empty.parquet", store_schema=False)
    pq.write_table(pa.table({"id": [1]}), "brotli.parquet", compression="brotli", store_schema=False)
    pq.write_table(
        pa.table({"t": pa.array([1], pa.time64("us"))}), "time.parquet", store_schema=False)


def arrow_write(path, data, stream=False, compression=None, rows=40):
    options = ipc.IpcWriteOptions(compression=compression)
    opened = ipc.new_stream if stream else ipc.new_file
    with opened(path, data.schema, options=options) as writer:
        writer.write_table(data, max_chunksize=rows)


def arrow_files():
    chosen = columns()
    for nullable, kind in ((True, "optional"), (False, "required")):
        data = table(chosen, 90, nullable)
        for compression in (None, "zstd", "lz4"):
            arrow_write(f"types_{compression or 'none'}_{kind}.arrow", data, compression=compression)
    arrow_write("types_stream.arrows", table(chosen, 90, True), stream=True)
    words = ["касса", None, "сайт", "a marketplace of others", "касса"] * 5
    odd = pa.table({
        "word": pa.array(words).dictionary_encode(),
        "code": pa.array(range(25), pa.int64()).dictionary_encode(),
        "tags": pa.array([["a", "b"]] * 25),
        "view": pa.array([None if w is None else w * 2 for w in words], pa.string_view()),
        "none": pa.array([None] * 25, pa.null()),
        "span": pa.array([(row, -row, row * 1_500_000) for row in range(25)], pa.month_day_nano_interval()),
        "late": pa.array([-1, 0, 86_400_000] * 8 + [None], pa.date64()),
        "second": pa.array([-5] * 25, pa.timestamp("s")),
        "small": pa.array([scaled(-123, 2)] * 25, pa.decimal256(20, 2)),
    })
    arrow_write("others.arrow", odd, compression="zstd", rows=10)
    arrow_write("empty.arrow", odd.slice(0, 0).drop(["tags"]))


if __name__ == "__main__":
    arrow_files()
    parquet_types()
    parquet_encodings()
    parquet_others()

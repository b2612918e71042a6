"""The peers of the measurement `streams` of `cargo xtask bench`: read all rows of a pipe in blocks.

    bench_streams.py READER DIM < DATA

READER is `pandas`, `pyarrow` or `numpy`; DATA is gzip CSV with the label first, for numpy RecordIO with records of equal length.
Prints a line of JSON: the number of rows, and the sum of their labels, by which the caller sees that all were read.
"""

import gzip
import json
import sys

BLOCK_BYTES = 1 << 22


def pandas_blocks(stream, dim):
    import pandas

    data = gzip.GzipFile(fileobj=stream)
    names = range(dim + 1)
    for block in pandas.read_csv(data, header=None, names=names, dtype="float32", chunksize=100_000):
        yield block[0].to_numpy()


def pyarrow_blocks(stream, dim):
    import pyarrow
    from pyarrow import csv

    names = [str(column) for column in range(dim + 1)]
    types = csv.ConvertOptions(column_types={name: pyarrow.float32() for name in names})
    options = csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES)
    data = pyarrow.CompressedInputStream(pyarrow.PythonFile(stream, "r"), "gzip")
    for block in csv.open_csv(data, read_options=options, convert_options=types):
        yield block.column(0).to_numpy(zero_copy_only=False)


def numpy_blocks(stream, dim):
    """No reader of RecordIO, but what numpy could do at best: it is told where in a record the numbers are."""
    import numpy

    head = stream.read(8)
    length = 8 + (int.from_bytes(head[4:], "little") + 3) // 4 * 4
    first = head + stream.read(length - 8)
    # The label's tensor is the record's last field, before the padding; a float32.
    end = 8 + int.from_bytes(first[4:8], "little")
    features = first.index(b"values") + len(b"values")
    packed = (4 * dim).to_bytes(1, "little") if dim < 32 else bytes([4 * dim & 0x7F | 0x80, 4 * dim >> 7])
    start = first.index(b"\x0a" + packed, features) + 1 + len(packed)
    record = numpy.dtype(
        {"names": ["features", "label"], "formats": [("<f4", dim), "<f4"], "offsets": [start, end - 4], "itemsize": length}
    )
    rest = first
    while data := stream.read(BLOCK_BYTES):
        data = rest + data
        whole = len(data) // length * length
        rows = numpy.frombuffer(data[:whole], record)
        # A copy of its own, as a reader would return it.
        rows["features"].copy()
        rest = data[whole:]
        yield rows["label"]


BLOCKS = {"pandas": pandas_blocks, "pyarrow": pyarrow_blocks, "numpy": numpy_blocks}

if __name__ == "__main__":
    n_rows, label_sum = 0, 0.0
    for labels in BLOCKS[sys.argv[1]](sys.stdin.buffer, int(sys.argv[2])):
        n_rows += len(labels)
        label_sum += float(labels.sum(dtype="float64"))
    print(json.dumps({"rows": n_rows, "label_sum": label_sum}))

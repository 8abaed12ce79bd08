"""The safetensors format (its reference, version 0.8.0), as a checkpoint and as weights of another program."""

import json
import struct

from corpus import BAD_DATA, CHECKPOINT, IMPORT, Case, Turns, accepted, refused
from formats import floats, little, opened, safetensors


def cases(base):
    turns = Turns(CHECKPOINT)
    tensors, metadata = opened(base.body)
    right = json.loads(base.body[8 : 8 + int.from_bytes(base.body[:8], "little")])
    data = b"".join(content for *_, content in tensors)
    head = len(base.body) - len(data)
    first, second = "fc1.weight", "fc2.weight"

    def case(mutation, content, text, imports=True, count=1):
        runs = refused(BAD_DATA, text, "{in}/some.safetensors", *turns.next(count), *([IMPORT] if imports else []))
        return Case(f"safetensors/{mutation}", {"some.safetensors": content}, runs)

    # The length of the header.
    yield case("empty", b"", "byte 0: expected a safetensors file, found an empty file|found an empty file")
    for size in [1, 7]:
        yield case(f"of-{size}-bytes", base.body[:size], f"byte 0: expected 8 bytes for the header length, found {size} bytes?|something else", imports=False)
    yield case("length-0", little(0, 8) + base.body[8:], r"byte 8: expected a JSON object as header", imports=False)
    yield case("length-1", little(1, 8) + base.body[8:], r"byte 9: expected ")
    for name, length in [("beyond-the-end", len(base.body)), ("one-beyond-the-end", len(base.body) - 7)]:
        yield case(f"length-{name}", little(length, 8) + base.body[8:], f"byte 8: expected a header of {length} bytes, found {len(base.body) - 8} bytes")
    for name, length in [("over-the-limit", 100_000_001), ("2-63", 1 << 63), ("2-64", (1 << 64) - 1)]:
        yield case(f"length-{name}", little(length, 8) + base.body[8:], f"byte 0: expected a header of at most 100000000 bytes, found a header length of {length}")
    yield case("length-of-100-mb", little(100_000_000, 8) + base.body[8:], f"byte 8: expected a header of 100000000 bytes, found {len(base.body) - 8} bytes")
    yield case("only-a-length", little(40, 8), "byte 8: expected a header of 40 bytes, found no bytes", imports=False)

    # The text of the header.
    def header(mutation, words, text, imports=True, **more):
        words = words if isinstance(words, (str, bytes)) else json.dumps(words)
        return case(mutation, safetensors(tensors, header=words, **more), text, imports)

    def changed(name=first, **fields):
        copy = json.loads(json.dumps(right))
        for field, value in fields.items():
            if value is None:
                del copy[name][field]
            else:
                copy[name][field] = value
        return copy

    whole = json.dumps(right)
    yield header("mark-in-front", b"\xef\xbb\xbf" + whole.encode(), "byte 8: expected JSON in UTF-8 without a byte order mark, found a byte order mark", imports=False)
    yield header("is-an-array", "[1, 2]", r"byte 8: expected a JSON object as header", imports=False)
    yield header("is-a-number", "12345678", r"byte 8: expected a JSON object as header", imports=False)
    yield header("trailing-comma", whole[:-1] + ",}", r"byte \d+: expected a key in quotation marks")
    yield header("comma-missing", whole.replace('", "', '" "', 1), r"byte \d+: expected ',' or '}'|byte \d+: expected")
    yield header("colon-missing", whole.replace('": ', '" ', 1), r"byte \d+: expected ':' after the key \"__metadata__\"")
    yield header("single-quotes", whole.replace('"', "'"), r"byte 9: expected a key in quotation marks")
    yield header("not-closed", whole[:-1], r"byte \d+: expected ',' or '}'")
    yield header("closed-twice", whole + "}", r"byte \d+: expected the end of the JSON text")
    yield header("nul-padding", safetensors(tensors, header=whole, pad=False)[8:8] + whole.encode() + bytes(8 - len(whole) % 8), "byte [0-9]+: expected the header padded with spaces, found NUL padding", pad=False)
    yield header("not-utf-8", whole.encode().replace(first.encode(), b"\xff\xfe"), r"byte \d+: expected UTF-8, found byte 0xff")
    yield header("overlong-utf-8", whole.encode().replace(first.encode(), b"\xc0\xaf"), r"byte \d+: expected UTF-8, found byte 0xc0")
    yield header("half-a-surrogate", whole.replace(first, "\\ud800"), r"byte \d+: half a surrogate pair in a JSON string")
    yield header("unknown-escape", whole.replace(first, "\\x41"), r"byte \d+: no such escape in a JSON string")
    yield header("control-character", whole.replace(first, "a\nb"), r"byte \d+: expected control characters as escapes, found byte 0x0a")
    deep = "[" * 100_000 + "]" * 100_000
    yield header("deep", whole[:-1] + f', "x": {{"dtype": "F32", "shape": [], "data_offsets": [0, 0], "y": {deep}}}}}', r"byte \d+: more than 64 arrays or objects in each other")
    yield header("deep-objects", whole[:-1] + ', "x": ' + '{"a":' * 5000 + "1" + "}" * 5000 + "}", r"byte \d+: (more than 64 arrays or objects in each other|the tensor)")
    many = "{" + ",".join(f'"t{place}":{{"dtype":"F32","shape":[],"data_offsets":[0,4]}}' for place in range(20_000)) + "}"
    yield header("twenty-thousand-overlaps", many, r"byte \d+: expected data from 4 for the tensor \"t\d+\", found data_offsets from 0")

    # Tensors.
    twice = whole[:-1] + f', "{first}": {json.dumps(right[first])}}}'
    yield header("tensor-twice", twice, rf"byte \d+: the key \"{first}\" is there twice")
    yield header("tensor-twice-with-escapes", twice[::-1].replace(first[::-1], first.replace("f", "\\u0066")[::-1], 1)[::-1], rf"byte \d+: the key \"{first}\" is there twice")
    yield header("metadata-twice", whole[:-1] + ', "__metadata__": {}}', r"byte \d+: the key \"__metadata__\" is there twice")
    yield header("metadata-key-twice", whole.replace('"format": "pt"', '"format": "pt", "format": "pt"'), r"byte \d+: the key \"format\" is there twice")
    yield header("field-twice", whole.replace('"dtype": "F32"', '"dtype": "F32", "dtype": "F32"', 1), r"byte \d+: the key \"dtype\" is there twice")
    yield header("metadata-number", {**right, "__metadata__": {**metadata, "a": 1}}, r"byte \d+: expected a string as value of the metadata key \"a\"")
    yield header("metadata-list", {**right, "__metadata__": ["a"]}, r"byte \d+: expected an object or null for __metadata__")
    for field in ["dtype", "shape", "data_offsets"]:
        yield header(f"{field}-missing", changed(**{field: None}), rf"byte \d+: the tensor \"{first}\" has no {field}")
    for name, dtype in [("lower-case", "f32"), ("unknown", "F31"), ("empty", ""), ("numpy", "<f4")]:
        yield header(f"dtype-{name}", changed(dtype=dtype), rf"byte \d+: expected a safetensors dtype such as \"F32\", found \"{dtype}\"")
    yield header("dtype-number", changed(dtype=32), r"byte \d+: expected a string as dtype")
    for name, shape in [("fraction", [4, 64.0]), ("negative", [-4, -64]), ("text", ["4", 64]), ("too-wide", [1 << 64]), ("exponent", None)]:
        words = changed(shape=shape) if shape else whole.replace('"shape": [4, 64]', '"shape": [4, 64e0]')
        yield header(f"shape-{name}", words, rf"byte \d+: (expected integers from 0 to 2\^63 - 1 in|the number .* is out of range).*")
    yield header("shape-number", changed(shape=256), rf"byte \d+: expected an array for the shape of \"{first}\"")
    yield header("shape-of-65", changed(shape=[1] * 65), rf"byte \d+: expected at most 64 numbers in the shape of \"{first}\", found more")
    yield header("shape-overflow", changed(shape=[1 << 32, 1 << 32]), rf"byte \d+: .*\"{first}\".*too large|byte \d+: the shape .*{first}")
    yield header("shape-overflow-by-zero", changed(shape=[1 << 32, 1 << 32, 0]), rf"byte \d+: .*\"{first}\".*too large|byte \d+: the shape .*{first}")
    begin, end = right[first]["data_offsets"]
    yield header("offsets-of-1", changed(data_offsets=[0]), rf"byte \d+: expected two data_offsets for \"{first}\", found 1")
    yield header("offsets-of-3", changed(data_offsets=[begin, end, end]), rf"byte \d+: expected at most 2 numbers in the data_offsets of \"{first}\", found more")
    yield header("offsets-negative", changed(data_offsets=[-4, end]), rf"byte \d+: expected integers from 0 to 2\^63 - 1 in the data_offsets of \"{first}\"")
    yield header("offsets-falling", changed(data_offsets=[end, begin]), rf"byte \d+: expected (rising data_offsets|data from) .*")
    yield header("size-less", changed(shape=[4, 63]), rf"byte \d+: expected 1008 bytes \(F32 \[4, 63\]\) for the tensor \"{first}\", found 1024 bytes")
    yield header("size-more", changed(shape=[4, 65]), rf"byte \d+: expected 1040 bytes \(F32 \[4, 65\]\) for the tensor \"{first}\", found 1024 bytes")
    yield header("dtype-of-another-size", changed(dtype="F64"), rf"byte \d+: expected 2048 bytes \(F64 \[4, 64\]\) for the tensor \"{first}\", found 1024 bytes")
    yield header("overlap", changed(second, data_offsets=[begin, begin + right[second]["data_offsets"][1] - right[second]["data_offsets"][0]]), rf"byte \d+: expected (data from \d+|.* bytes .*) for the tensor")
    yield header("first-offset-4", {name: (value if name == "__metadata__" else {**value, "data_offsets": [place + 4 for place in value["data_offsets"]]}) for name, value in right.items()}, r"byte \d+: expected data from 0 for the tensor .*, found data_offsets from 4")
    yield case("hole", safetensors(tensors, header=json.dumps({**right, "x": {"dtype": "U8", "shape": [4], "data_offsets": [len(data) + 4, len(data) + 8]}}), tail=bytes(8)), rf"byte \d+: expected data from {len(data)} for the tensor \"x\", found data_offsets from {len(data) + 4}")
    yield case("trailing", base.body + b"more", f"byte {len(base.body)}: expected the end of the file after the last tensor, found 4 bytes more")
    yield case("cut", base.body[:-4], r"byte \d+: expected data up to \d+ for the tensor \".*\", found a file with \d+ bytes of data")
    yield case("cut-in-half", base.body[: head + len(data) // 2], r"byte \d+: expected data up to \d+ for the tensor")
    yield case("without-data", base.body[:head], r"byte \d+: expected data up to \d+ for the tensor")
    yield case("four-bits-odd", safetensors([("x", "F4", [3], b"\0\0")]), r"byte \d+: .*\"x\"")
    yield case("long-name", safetensors(tensors, header=json.dumps({**right, "n" * 100_000: {"dtype": "F31", "shape": [], "data_offsets": [0, 0]}})), "expected a safetensors dtype", imports=False)

    # Other formats.
    for name, content, phrase in [
        ("html", b"<!DOCTYPE html><html><body>not found</body></html>", "an HTML page"), ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a Git LFS pointer"),
        ("hdf5", b"\x89HDF\r\n\x1a\n" + bytes(90), "an HDF5 file"), ("gzip", b"\x1f\x8b\x08" + b"\xff" * 90, "gzip-compressed data"), ("png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 90, "a PNG image"), ("sqlite", b"SQLite format 3\0" + bytes(90), "an SQLite database"),
    ]:
        yield case(f"is-{name}", content, f"this is {phrase}.*, not safetensors|found {phrase}")
    yield case("is-pytorch", b"PK\3\4" + b"\xff" * 90, "this is a zip archive, not safetensors; weights of another program become a checkpoint with graft import", imports=False)
    yield case("is-a-pickle", b"\x80\2}q\0." + b"\xff" * 90, "this is a Python pickle, not safetensors; weights of another program become a checkpoint with graft import", imports=False)
    yield case("is-an-index", json.dumps({"metadata": {"total_size": 9}, "weight_map": {"a": "model-00001.safetensors"}}).encode(), "JSON text|index")

    # Values.
    def values(mutation, change, text):
        copy = [(name, dtype, shape, change(content) if name == first else content) for name, dtype, shape, content in tensors]
        return case(mutation, safetensors(copy, metadata), text, imports=False)

    for name, value in [("nan", float("nan")), ("infinity", float("inf")), ("minus-infinity", float("-inf"))]:
        yield values(f"weight-{name}", lambda content, value=value: content[:40] + floats([value]) + content[44:], rf"the tensors do not fit the model: {first} has a value that is not a finite number")
    doubles = [(name, "F64" if name == first else dtype, shape, struct.pack(f"<{len(content) // 4}d", *[1e300] * (len(content) // 4)) if name == first else content) for name, dtype, shape, content in tensors]
    yield case("double-beyond-single", safetensors(doubles, metadata), f"{first} has a value that is not a finite number", imports=False)
    for dtype, size in [("I32", 4), ("BOOL", 1), ("F8_E4M3", 1), ("C64", 8)]:
        copy = [(name, dtype if name == first else own, shape, bytes(len(content) // 4 * size) if name == first else content) for name, own, shape, content in tensors]
        yield case(f"weights-are-{dtype.lower()}", safetensors(copy, metadata), f"{first}|{dtype}", imports=False)

    # Odd but valid.
    def valid(mutation, content):
        return Case(f"safetensors/valid-{mutation}", {"some.safetensors": content}, accepted("{in}/some.safetensors", CHECKPOINT["show"], text="mlp:4"))

    yield valid("space-in-front", safetensors(tensors, header=" \t\n\r" + whole))
    yield valid("space-behind", safetensors(tensors, header=whole + "\n\t\r "))
    yield valid("not-padded", safetensors(tensors, header=whole, pad=False))
    yield valid("unknown-field", safetensors(tensors, header=json.dumps(changed(stride=[1, 2, {"a": None}]))))
    yield valid("order-of-the-header", safetensors(tensors, header=json.dumps(dict(reversed(right.items())))))
    yield valid("names-as-escapes", safetensors(tensors, header=whole.replace(first, first.replace("f", "\\u0066"))))
    halves = [(name, "F16", shape, struct.pack(f"<{len(content) // 4}e", *struct.unpack(f"<{len(content) // 4}f", content))) for name, _, shape, content in tensors]
    yield valid("half-precision", safetensors(halves, metadata))
    family, _ = opened(base.bytes("family.safetensors"))
    plain = safetensors(family)
    text = plain[8 : 8 + int.from_bytes(plain[:8], "little")].decode()

    def published(mutation, content):
        return Case(f"safetensors/valid-published-{mutation}", {"some.safetensors": content}, accepted("{in}/some.safetensors", IMPORT, text="resnet9-w16", leaves=("out.safetensors",)))

    yield published("plain", plain)
    yield published("space-in-front", safetensors(family, header=" \n" + text))
    yield published("with-a-prefix", safetensors([(f"module.{name}", *rest) for name, *rest in family]))
    yield published("metadata-null", safetensors(family, header='{"__metadata__": null, ' + text[1:]))
    yield published("counters", safetensors(family + [("bn1.num_batches_tracked", "I64", [], bytes(8))]))

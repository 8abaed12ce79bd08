"""NumPy's arrays: the NPY format (NumPy Enhancement Proposal 1), alone, in NPZ files and in folders."""

import struct

from corpus import BAD_DATA, DATA, MODEL, USAGE, Case, Run, Turns, accepted, refused
from formats import SIDE, TEST, TRAIN, arrays, floats, images, npy, npy_header, npz, zip_file

SHAPE = [TRAIN, SIDE, SIDE]


def cases(base):
    turns = Turns(DATA)
    pixels, labels = images(TRAIN)
    content = arrays()

    def case(mutation, changes, text, count=1, leave_out=(), code=BAD_DATA, named="set.npz", more=()):
        data = npz(changes, leave_out)
        commands = [[*command, *more] for command in turns.next(count)]
        return Case(f"npy/{mutation}", {"set.npz": data}, refused(code, text, "{in}/set.npz", *commands, named=named))

    def pictures(mutation, data, text):
        """The images for training, also alone in a file that predict reads."""
        result = case(mutation, {"x_train": data}, "(?=.*x_train).*" + text)
        result.files["some.npy"] = data
        result.runs += refused(BAD_DATA, text, "{in}/some.npy", ["predict", MODEL, "PATH", "--quiet", "--csv", "out.csv"])
        return result

    whole = content["x_train"]
    start = len(whole) - len(pixels)

    # The header.
    yield case("empty", {"x_train": b""}, "x_train.*expected 6 bytes for an NPY header, found no bytes")
    yield case("magic", {"x_train": b"\x93NUMPX" + whole[6:]}, r"byte 0 of .*x_train.*: expected an NPY array .*found other bytes")
    yield case("magic-is-png", {"x_train": b"\x89PNG\r\n\x1a\n" + whole[8:]}, r"byte 0 of .*x_train.*: expected an NPY array .*found a PNG image")
    yield pictures("magic-cut", whole[:7], "expected 1 byte for the NPY version|byte 7.*: expected")
    for version in [(0, 0), (1, 1), (3, 0), (9, 9)]:
        yield pictures(f"version-{version[0]}.{version[1]}", npy(SHAPE, pixels, version=bytes(version)), rf"byte 6.*: expected NPY version 1.0 or 2.0, found {version[0]}.{version[1]}")
    yield pictures("length-beyond-the-end", npy(SHAPE, b"", length=9000), "byte 10.*: expected 9000 bytes for the NPY header")
    yield pictures("length-over-the-limit", npy(SHAPE, pixels, length=60000), "byte 8.*: expected an NPY header of at most 10000 bytes, found 60000")
    yield pictures("length-2-31", npy(SHAPE, pixels, length=1 << 31, version=b"\2\0"), "byte 8.*: expected an NPY header of at most 10000 bytes, found 2147483648")
    yield pictures("length-cut", whole[:9], "byte 8.*: expected 2 bytes for the length of the NPY header, found 1 byte")
    yield pictures("header-cut", whole[:40], r"byte 10.*: expected \d+ bytes for the NPY header, found 30 bytes")

    def header(mutation, text_of_header, expected):
        return pictures(f"header-{mutation}", npy_header(text_of_header) + pixels, expected)

    fields = "'fortran_order': False, 'shape': (40, 8, 8)"
    yield header("is-no-dictionary", "hello", r"byte 10.*: expected \"\{\" in the NPY header")
    yield header("is-empty", "", r"byte \d+.*: expected \"\{\" in the NPY header")
    yield header("is-an-empty-dictionary", "{}", "expected an NPY header with descr, fortran_order and shape, found not all of them")
    yield header("without-descr", f"{{{fields}}}", "expected an NPY header with descr")
    yield header("without-shape", "{'descr': '|u1', 'fortran_order': False}", "expected an NPY header with descr, fortran_order and shape")
    yield header("unknown-key", f"{{'descr': '|u1', {fields}, 'author': 'me'}}", r"byte \d+.*: the NPY header has an unknown key \"author\"")
    yield header("key-twice", f"{{'descr': '|u1', 'descr': '|u1', {fields}}}", r"byte \d+.*: the NPY header has \"descr\" twice")
    yield header("text-without-end", "{'descr': '|u1, ", r"byte \d+.*: ")
    yield header("is-code", "__import__('os').system('true')", r"byte 10.*: expected \"\{\" in the NPY header")
    yield header("goes-on", f"{{'descr': '|u1', {fields}}} + 1", r"byte \d+.*: the NPY header goes on after its dictionary")
    yield header("fortran-is-1", "{'descr': '|u1', 'fortran_order': 1, 'shape': (40, 8, 8)}", r"byte \d+.*: expected True or False in the NPY header")
    yield header("fortran-order", "{'descr': '|u1', 'fortran_order': True, 'shape': (40, 8, 8)}", "byte 10.*: the array is in Fortran order; only C order is read")
    for name, shape, expected in [
        ("negative", "(-40, 8, 8)", r"byte \d+.*: expected a dimension from 0 to 9223372036854775807"), ("fraction", "(40.0, 8, 8)", r"byte \d+.*: expected .* in the NPY header"), ("huge", "(99999999999999999999, 8, 8)", r"byte \d+.*: expected a dimension from 0"),
        ("list", "[40, 8, 8]", r"byte \d+.*: expected \"\(\" in the NPY header"), ("text", "'40'", r"byte \d+.*: expected \"\(\""), ("open", "(40, 8, 8", r"byte \d+.*: expected \"\)\""), ("of-65", "(" + "1, " * 65 + ")", r"byte \d+.*: expected at most 64 dimensions"),
        ("overflow", "(4294967296, 4294967296, 4294967296)", "byte 10.*: the dimensions of the array are too large"), ("overflow-by-zero", "(4294967296, 4294967296, 0)", "too large|has no images|expected no bytes of elements"),
    ]:
        yield header(f"shape-{name}", f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}", expected)

    # Element types.
    for name, descr in [("big-endian", ">i2"), ("complex", "<c8"), ("void", "|V8"), ("time", "<M8[ns]"), ("u3", "<u3"), ("f16", "<f16"), ("f1", "|f1"), ("empty", ""), ("letters", "float32"), ("signless", "u1"), ("wide-text", "<U99999"), ("emoji", "\xf0\x9f\x98\x80")]:
        yield pictures(f"type-{name}", npy(SHAPE, pixels, descr=descr), "byte 10.*: expected elements that are little-endian integers or floats, or booleans .*, found \"")
    yield pictures("type-objects", npy(SHAPE, b"\x80\2]." * 640, descr="|O"), r"byte 10.*: the array holds Python objects \(\"\|O\"\)")
    yield header("type-records", f"{{'descr': [('a', '<i4')], {fields}}}", r"byte \d+.*: expected an array of integers, found an array of records")
    yield pictures("type-text", npy([40, 8, 8], b"a\0\0\0" * 2560, descr="<U1"), "expected images of numbers, found text")

    # Elements.
    yield pictures("one-short", whole[:-1], rf"byte {start}.*: expected 2560 bytes of elements \(\|u1 of shape \(40, 8, 8\)\), found 2559 bytes")
    yield pictures("one-long", whole + b"x", rf"byte {start}.*: expected 2560 bytes of elements .*, found 2561 bytes")
    yield pictures("claims-a-gigabyte", npy([1 << 24, 8, 8], pixels), r"byte \d+.*: expected 1073741824 bytes of elements .*, found 2560 bytes")
    bad = [0.5] * 2560
    for name, value in [("nan", float("nan")), ("infinity", float("inf")), ("minus-infinity", float("-inf"))]:
        bad[100] = value
        yield pictures(f"pixel-{name}", npy(SHAPE, floats(bad), descr="<f4"), r"expected finite pixels, found -?(nan|inf)\w* at index \[1, 4, 4\]")
    bad[100] = 1e30
    yield pictures("pixel-1e30", npy(SHAPE, floats(bad), descr="<f4"), "expected pixels from 0 to 255, from 0 to 1 or from -1 to 1, found floats from 0.5 to 1e")
    for value in [300, -5]:
        yield pictures(f"pixel-{value}", npy(SHAPE, struct.pack("<2560h", *[7] * 99, value, *[7] * 2460), descr="<i2"), rf"expected pixels from 0 to 255, found {value} at index \[1, 4, 3\]")
    for name, shape in [("no-images", [0, 8, 8]), ("no-rows", [40, 0, 8])]:
        yield pictures(name, npy(shape, b""), f"the dataset has no images: {' x '.join(map(str, shape))}")
    for name, shape in [("scalar", []), ("one-dimension", [2560]), ("five-dimensions", [40, 1, 1, 8, 8])]:
        yield pictures(f"of-{name}", npy(shape, pixels[: 1 if not shape else 2560]), r"expected images of shape \(count, rows, columns\)")
    yield case("channels-5", {"x_train": npy([40, 8, 8, 5], bytes(12800)), "x_test": npy([20, 8, 8, 5], bytes(6400))}, "channels|colours|8, 8, 5")

    # Labels.
    def label(mutation, data, text):
        return case(f"labels-{mutation}", {"y_train": data}, text)

    for name, values, found in [("negative", [-1], "-1"), ("too-large", [70000], "70000")]:
        yield label(name, npy([40], struct.pack("<40q", *[1] * 3, *values, *[2] * 36), descr="<i8"), rf"byte \d+ of .*y_train.*: expected labels from 0 to 65535, found {found} at index 3")
    for name, value, found in [("fraction", 1.5, "1.5"), ("nan", float("nan"), "nan"), ("infinity", float("inf"), "inf")]:
        yield label(name, npy([40], struct.pack("<40d", *[1] * 3, value, *[2] * 36), descr="<f8"), rf"byte \d+ of .*y_train.*: expected labels from 0 to 65535, found {found}\w* at index 3")
    yield label("fewer", npy([39], labels[:39]), "40 images .* but 39 labels")
    yield label("more", npy([41], labels + b"\1"), "40 images .* but 41 labels")
    yield label("none", npy([0], b""), "y_train.*: the dataset has no labels: 0")
    yield label("scalar", npy([], b"\1"), r"y_train.*: expected labels of shape \(count,\), or one-hot labels of shape \(count, classes\), found \(\)")
    yield label("of-three-dimensions", npy([40, 1, 1], labels), r"y_train.*: expected labels of shape \(count,\)")
    yield label("one-hot-twice", npy([40, 4], (b"\1\0\0\0" * 7 + b"\1\1\0\0" + b"\0\0\1\0" * 32)), r"y_train.*row 7|y_train.*7")
    yield label("one-hot-never", npy([40, 4], (b"\1\0\0\0" * 7 + b"\0\0\0\0" + b"\0\0\1\0" * 32)), r"y_train.*row 7|y_train.*7")
    yield label("objects", npy([40], b"\x80\2].", descr="|O"), r"y_train.*: the array holds Python objects")
    yield label("text-no-utf", npy([40], b"\xff\xff\xff\xff" * 40, descr="<U1"), "y_train.*")
    yield label("are-images", content["x_train"], r"y_train.*: expected labels of shape \(count,\), .*found \(40, 8, 8\)")
    yield case("images-are-labels", {"x_train": content["y_train"]}, r"x_train.*: expected images of shape .*, found \(40,\)")

    # Names.
    yield case("no-labels", {}, r"expected arrays under a usual name.*found \"x_train\" \(40, 8, 8\) uint8", leave_out=("y_train", "y_test"))
    yield case("no-test-labels", {}, "expected arrays under a usual name.*x_test", leave_out=("y_test",))
    yield case("unknown-names", {"a": content["x_train"], "b": content["y_train"]}, r"expected arrays under a usual name.*\"a\" \(40, 8, 8\) uint8, \"b\" \(40,\) uint8.*--keys", leave_out=tuple(content))
    yield case("keys-not-there", {}, r"expected an array \"imgs\", found \"x_train\"", more=["--keys", "images=imgs,labels=y_train"])
    yield Case("npy/keys-without-labels", {"set.npz": npz()}, [Run([*DATA["check"][:2], "{in}/set.npz", "--keys", "images=x_train"], USAGE, "does not name the labels", "--keys")])
    yield Case("npy/keys-unknown", {"set.npz": npz()}, [Run([*DATA["check"][:2], "{in}/set.npz", "--keys", "pictures=x_train"], USAGE, "found the key \"pictures\"", "--keys")])
    yield case("test-of-another-size", {"x_test": npy([TEST, 4, 16], images(TEST)[0])}, "expected images of 8 x 8 .*as for training, found 4 x 16")
    yield Case("npy/alone-empty", {"some.npy": b""}, refused(BAD_DATA, "an empty file|no bytes", "{in}/some.npy", ["predict", MODEL, "PATH", "--quiet"]))
    yield Case("npy/alone-as-data", {"some.npy": content["x_train"]}, refused(66, "a data set is", "{in}/some.npy", DATA["train"]))
    yield Case("npy/alone-another-size", {"some.npy": npy([5, 9, 9], bytes(405))}, refused(BAD_DATA, "expected 8 x 8 pixels as the model reads, found 9 x 9", "{in}/some.npy", ["predict", MODEL, "PATH", "--quiet"]))
    yield Case("npy/two-possible-arrays", {"some.npz": zip_file({"p.npy": content["x_train"], "q.npy": content["x_test"]})}, refused(BAD_DATA, "expected one array of images .*, found 2: \"p\", \"q\"", "{in}/some.npz", ["predict", MODEL, "PATH", "--quiet"]))
    folder = {f"set/{name}.npy": data for name, data in content.items()}
    yield Case("npy/folder-array-cut", {**folder, "set/x_train.npy": whole[:-1]}, refused(BAD_DATA, "expected 2560 bytes of elements", "{in}/set", *turns.next(2), named="x_train.npy"))
    yield Case("npy/folder-array-is-html", {**folder, "set/y_train.npy": b"<html>no</html>"}, refused(BAD_DATA, "found an HTML page", "{in}/set", *turns.next(2), named="y_train.npy"))

    # Odd but valid.
    def valid(mutation, changes, leave_out=()):
        return Case(f"npy/valid-{mutation}", {"set.npz": npz(changes, leave_out)}, accepted("{in}/set.npz", DATA["check"], text="40"))

    yield valid("version-2", {"x_train": npy(SHAPE, pixels, version=b"\2\0")})
    yield valid("one-hot", {"y_train": npy([40, 4], b"".join(bytes(int(place == label) for place in range(4)) for label in labels))})
    yield valid("column-of-labels", {"y_train": npy([40, 1], labels)})
    yield valid("float-labels", {"y_train": npy([40], floats(list(labels)), descr="<f4")})
    yield valid("words-as-labels", {name: npy([len(some)], b"".join(f"{label}".encode() + b"\0\0\0" for label in some), descr="<U1") for name, some in [("y_train", labels), ("y_test", images(TEST, 2)[1])]})
    yield valid("floats-from-0-to-1", {name: npy([count, 8, 8], floats([value / 255 for value in images(count, seed)[0]]), descr="<f4") for name, count, seed in [("x_train", 40, 1), ("x_test", 20, 2)]})
    yield valid("truth-values", {name: npy([count, 8, 8], bytes(int(value > 128) for value in images(count, seed)[0]), descr="|b1") for name, count, seed in [("x_train", 40, 1), ("x_test", 20, 2)]})
    yield Case("npy/valid-names-without-parts", {"set.npz": zip_file({"images.npy": whole, "labels.npy": content["y_train"]})}, accepted("{in}/set.npz", DATA["check"]))
    yield Case("npy/valid-one-image", {"some.npy": npy([8, 8], pixels[:64])}, accepted("{in}/some.npy", ["predict", MODEL, "PATH", "--quiet"], text="some.npy"))

"""IDX files: images and labels as MNIST is published."""

import gzip
import struct

from corpus import BAD_DATA, DATA, MISSING, MODEL, Case, Run, Turns, accepted, refused
from formats import SIDE, TRAIN, TEST, idx, idx_folder, images

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
FOREIGN = {
    "html": (b"<!DOCTYPE html><html><body>Sign in to the network</body></html>", "an HTML page"),
    "html-after-blanks": (b"\n\n  <HTML><head></head></HTML>" + bytes(40), "an HTML page"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG image"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(40), "a JPEG image"),
    "zip": (b"PK\3\4" + bytes(40), "a zip archive"),
    "pdf": (b"%PDF-1.7\n" + bytes(40), "a PDF document"),
    "json": (b'{"error": "not found"}', "JSON text"),
    "sqlite": (b"SQLite format 3\0" + bytes(40), "an SQLite database"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"),
    "xz": (b"\xfd7zXZ\0" + bytes(40), "xz-compressed data"),
    "bzip2": (b"BZh91AY&SY" + bytes(40), "bzip2-compressed data"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(40), "zstd-compressed data"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), "a 7z archive"),
    "numpy": (b"\x93NUMPY\1\0" + bytes(40), "a NumPy array"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file"),
    "pickle": (b"\x80\4\x95" + bytes(40), "a Python pickle"),
    "tar": (b"a".ljust(257, b"\0") + b"ustar" + bytes(300), "a tar archive"),
}


def cases(base):
    right = idx_folder()
    pixels, labels = images(TRAIN)
    turns = Turns(DATA)

    def folder(mutation, changes, text, file, code=BAD_DATA, count=2, **more):
        files = {f"set/{name}": data for name, data in {**right, **changes}.items() if data is not None}
        return Case(f"idx/{mutation}", files, refused(code, text, "{in}/set", *turns.next(count), named=file, **more))

    def image(mutation, data, text):
        """Also read by predict, whose file may have any name."""
        case = folder(mutation, {IMAGES: data}, text, IMAGES, count=1)
        case.runs += refused(BAD_DATA, text, f"{{in}}/set/{IMAGES}", ["predict", MODEL, "PATH", "--quiet", "--csv", "out.csv"])
        return case

    whole = right[IMAGES]
    header = "byte 0: expected an IDX header of at least 8 bytes, found %s"
    yield folder("empty", {IMAGES: b""}, "byte 0: expected an IDX header, found no bytes", IMAGES)
    yield folder("one-byte", {IMAGES: whole[:1]}, header % "1 byte", IMAGES)
    yield folder("three-bytes", {IMAGES: whole[:3]}, header % "3 bytes", IMAGES)
    for size in [4, 9, 15]:
        yield image(f"header-of-{size}", whole[:size], f"byte {size}: expected an IDX header of 16 bytes, found {size} bytes")
    yield folder("labels-header-of-5", {LABELS: right[LABELS][:5]}, "byte 5: expected an IDX header of 8 bytes, found 5 bytes", LABELS)
    yield folder("first-byte", {IMAGES: b"\1" + whole[1:]}, "byte 0: expected two zero bytes .* found 0x0100", IMAGES)
    yield folder("second-byte", {IMAGES: b"\0\7" + whole[2:]}, "byte 0: expected two zero bytes .* found 0x0007", IMAGES)
    for name, (content, phrase) in FOREIGN.items():
        yield folder(f"is-{name}", {IMAGES: content}, f"byte 0: this is {phrase}.*, not IDX", IMAGES, count=1)
    for kind, word in [(0x09, "signed bytes"), (0x0B, "16-bit integers"), (0x0C, "32-bit integers"), (0x0D, "32-bit floats"), (0x0E, "64-bit floats"), (0x0A, ""), (0x07, ""), (0xFF, "")]:
        found = rf"0x{kind:02x}" + (rf" \({word}\)" if word else "")
        yield image(f"type-{kind:02x}", whole[:2] + bytes([kind]) + whole[3:], f"byte 2: expected IDX type 0x08 .unsigned bytes., found {found}")
    for kind, letter in [(0x0D, "f"), (0x0E, "d")]:
        floats = struct.pack(f">{len(pixels)}{letter}", *([float("nan")] * len(pixels)))
        yield folder(f"nan-{letter}", {IMAGES: idx([TRAIN, SIDE, SIDE], floats, kind=kind)}, "byte 2: expected IDX type 0x08 .unsigned bytes.", IMAGES)
    for rank in [0, 5, 255]:
        yield image(f"rank-{rank}", idx([TRAIN, SIDE, SIDE], pixels, rank=rank), f"byte 3: expected 1 to 4 dimensions, found {rank}")
    yield folder("rank-2", {IMAGES: idx([TRAIN, 64], pixels)}, r"byte 3: expected an images file \(0x00000803\), found 2 dimensions", IMAGES)
    yield folder("rank-4", {IMAGES: idx([TRAIN, 1, SIDE, SIDE], pixels)}, r"byte 3: expected an images file \(0x00000803\), found 4 dimensions", IMAGES)
    yield folder("rank-1-as-images", {IMAGES: idx([len(pixels)], pixels)}, "are images and labels swapped", IMAGES)
    yield folder("swapped", {IMAGES: right[LABELS], LABELS: right[IMAGES]}, "byte 3: .*are images and labels swapped", IMAGES)
    yield folder("labels-are-images", {LABELS: right[IMAGES]}, r"byte 3: expected a labels file \(0x00000801\).*swapped", LABELS)
    yield image("overflow", idx([0xFFFFFFFF] * 3, pixels), "byte 4: the dimensions 4294967295 x 4294967295 x 4294967295 are too large")
    yield image("overflow-4", idx([0xFFFFFFFF] * 4, pixels), "byte 4: the dimensions .* are too large")
    yield image("over-the-limit", idx([0xFFFFFFFF, 1, 1], pixels), "byte 4: expected at most 2147483648 bytes of data, found dimensions of 4294967295 x 1 x 1")
    yield image("just-too-large", idx([1 << 21, 32, 32], pixels), f"byte {16 + len(pixels)}: expected 2147483648 bytes of data .2097152 x 32 x 32., found {len(pixels)} bytes")
    for name, dimensions in [("no-images", [0, SIDE, SIDE]), ("no-rows", [TRAIN, 0, SIDE]), ("no-columns", [TRAIN, SIDE, 0])]:
        yield image(name, idx(dimensions, b""), f"byte 4: the dataset has no images: {' x '.join(map(str, dimensions))}")
    yield folder("no-labels", {LABELS: idx([0], b"")}, "byte 4: the dataset has no labels: 0", LABELS)
    due = f"expected {len(pixels)} bytes of data .{TRAIN} x {SIDE} x {SIDE}., found"
    yield image("one-short", whole[:-1], f"byte {16 + len(pixels) - 1}: {due} {len(pixels) - 1} bytes")
    yield image("one-long", whole + b"\0", f"byte {16 + len(pixels)}: {due} {len(pixels) + 1} bytes")
    yield image("no-data", whole[:16], f"byte 16: {due} no bytes")
    yield image("twice", whole + whole, f"byte {16 + len(pixels)}: {due} {2 * len(pixels) + 16} bytes")
    yield image("little-endian", whole[:4] + struct.pack("<III", TRAIN, SIDE, SIDE) + pixels, "byte 4: ")
    yield folder("labels-one-short", {LABELS: right[LABELS][:-1]}, "byte 47: expected 40 bytes of data .40., found 39 bytes", LABELS)
    yield folder("labels-one-long", {LABELS: right[LABELS] + b"\1"}, "byte 48: expected 40 bytes of data .40., found 41 bytes", LABELS)
    yield folder("fewer-labels", {LABELS: idx([TRAIN - 1], labels[:-1])}, "40 images in .* but 39 labels", LABELS)
    yield folder("more-labels", {LABELS: idx([TRAIN + 1], labels + b"\1")}, "40 images in .* but 41 labels", LABELS)
    yield folder("more-images", {IMAGES: idx([TRAIN + 1, SIDE, SIDE], pixels + bytes(64))}, "41 images in .* but 40 labels", LABELS)
    yield folder("test-images-of-another-size", {"t10k-images-idx3-ubyte": idx([TEST, 4, 16], images(TEST)[0])}, "expected images of 8 x 8 .*as for training, found 4 x 16", "t10k-images")
    yield folder("test-labels-short", {"t10k-labels-idx1-ubyte": right["t10k-labels-idx1-ubyte"][:20]}, "byte 20: expected 20 bytes of data", "t10k-labels")
    yield folder("train-images-of-another-size", {IMAGES: idx([TRAIN, 4, 16], pixels)}, "expected images of 4 x 16 .*as for training, found 8 x 8", "t10k-images")
    yield Case("idx/predict-another-size", {"wide.idx": idx([2, 4, 16], pixels[:128])}, refused(BAD_DATA, "expected 8 x 8 pixels as the model reads, found 4 x 16", "{in}/wide.idx", ["predict", MODEL, "PATH", "--quiet"]))
    yield Case("idx/predict-labels", {"labels.idx": right[LABELS]}, refused(BAD_DATA, "byte 3: expected an images file .*swapped", "{in}/labels.idx", ["predict", MODEL, "PATH", "--quiet"]))

    # Files that are missing, or are no files.
    for name in right:
        yield folder(f"lacks-{name.split('-ubyte')[0]}", {name: None}, f"lacks {name}.gz", "set", code=MISSING)
    for name, special, text in [("folder", lambda path: path.mkdir(), "lacks"), ("link-loop", lambda path: path.symlink_to(path.name), "symbolic links"), ("link-to-nothing", lambda path: path.symlink_to("nowhere"), "lacks")]:
        yield folder(f"images-are-a-{name}", {IMAGES: special}, text, "set", code=MISSING, count=2)

    # Known names: the labels have a limit.
    digits = {f"set/{name}": data for name, data in right.items()}
    place = 8 + 17
    for value in [10, 255]:
        wrong = bytearray(right[LABELS])
        wrong[place] = value
        yield Case(
            f"idx/label-{value}", {**digits, f"set/{LABELS}": bytes(wrong)},
            [Run(["data", "check", "mnist", "--data-dir", "{in}/set", "--offline"], BAD_DATA, f"byte {place}: expected a label from 0 to 9, found {value}", LABELS),
             Run(["train", "--data-dir", "{in}/set", "--offline", "--model", "mlp:4", "--quiet", "--out", "m.safetensors"], BAD_DATA, f"byte {place}: expected a label from 0 to 9, found {value}", LABELS)])
    one = {**digits, f"set/{LABELS}": idx([TRAIN], bytes(TRAIN)), "set/t10k-labels-idx1-ubyte": idx([TEST], bytes(TEST))}
    yield Case("idx/one-class", one, refused(BAD_DATA, "one class|a single class|the only class", "{in}/set", DATA["train"], named="set", notes="warning: .*"))
    yield Case("idx/data-dir-is-empty", {"set/x": b""}, [Run(["train", "--data-dir", "{in}/set", "--offline", "--quiet", "--out", "m.safetensors"], MISSING, "expected train-images-idx3-ubyte", "set")])
    yield Case("idx/data-dir-is-a-file", {"set": b"x"}, [Run(["train", "--data-dir", "{in}/set", "--offline", "--quiet", "--out", "m.safetensors"], MISSING, "no such folder|not a folder|Not a directory", "set")])
    yield Case("idx/variable-names-nothing", {}, [Run(["data", "check", "mnist", "--offline"], MISSING, "no such folder .given by GRAFT_DATA.", "nowhere", environment={"GRAFT_DATA": "{in}/nowhere"})])

    # QMNIST: labels as rows of eight numbers.
    qmnist = qmnist_files()
    for mutation, changes, text, file in [
        ("magic", {"qmnist-train-labels-idx2-int": b"\0\0\x0c\1" + qmnist["qmnist-train-labels-idx2-int"][4:]}, "byte 0: expected IDX of 32-bit integers in two dimensions", "qmnist-train-labels"),
        ("short", {"qmnist-train-labels-idx2-int": qmnist["qmnist-train-labels-idx2-int"][:-4]}, "byte 12: expected 1280 bytes of labels, found 1276 bytes", "qmnist-train-labels"),
        ("width-0", {"qmnist-train-labels-idx2-int": struct.pack(">III", 0x0C02, 40, 0)}, "byte 4: expected labels of 1 to 64 numbers, found 40 of 0", "qmnist-train-labels"),
        ("digit-10", {"qmnist-train-labels-idx2-int": qmnist["qmnist-train-labels-idx2-int"][:12] + struct.pack(">I", 10) + qmnist["qmnist-train-labels-idx2-int"][16:]}, "byte 12: expected digits from 0 to 9, found 10", "qmnist-train-labels"),
        ("overflow", {"qmnist-train-labels-idx2-int": struct.pack(">III", 0x0C02, 0xFFFFFFFF, 64)}, "byte 12: expected 1099511627520 bytes of labels, found no bytes", "qmnist-train-labels"),
        ("empty", {"qmnist-train-labels-idx2-int": b""}, "byte 0: expected 4 bytes for the IDX magic number, found no bytes", "qmnist-train-labels"),
    ]:
        yield Case(f"idx/qmnist-labels-{mutation}", {f"set/{name}": data for name, data in {**qmnist, **changes}.items()}, [Run(["data", "check", "qmnist", "--data-dir", "{in}/set", "--offline"], BAD_DATA, text, file)])

    # Odd but valid.
    plain = {f"set/{name}": data for name, data in right.items()}
    yield Case("idx/valid-plain", plain, accepted("{in}/set", DATA["check"], text="40"))
    yield Case("idx/valid-dotted-names", {f"set/{name.replace('-idx', '.idx')}": data for name, data in right.items()}, accepted("{in}/set", DATA["check"], text="40"))
    yield Case("idx/valid-packed", {f"set/{name}.gz": gzip.compress(data, mtime=0) for name, data in right.items()}, accepted("{in}/set", DATA["check"], text="40"))
    yield Case("idx/valid-in-raw", {f"set/raw/{name}": data for name, data in right.items()}, accepted("{in}/set", DATA["check"], text="40"))
    yield Case("idx/valid-predict", {"some.bin": whole}, accepted("{in}/some.bin", ["predict", MODEL, "PATH", "--quiet"], text=r"some.bin\[39\]"))


def qmnist_files():
    files = {}
    for part, count, seed in [("train", TRAIN, 1), ("test", TEST, 2)]:
        pixels, labels = images(count, seed, side=28)
        files[f"qmnist-{part}-images-idx3-ubyte"] = idx([count, 28, 28], pixels)
        files[f"qmnist-{part}-labels-idx2-int"] = struct.pack(">III", 0x0C02, count, 8) + b"".join(struct.pack(">8I", label, *[0] * 7) for label in labels)
    return files

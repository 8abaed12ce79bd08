"""Published data sets in forms of their own: CIFAR's binary version in tar, USPS's text in bzip2, EMNIST's archive."""

import bz2
import gzip

from corpus import BAD_DATA, DATA, MISSING, Case, Run, Turns, accepted, refused
from formats import bzip2_zeros, cifar, cifar_files, cifar_rows, cifar_tar, emnist, idx, images, member, tar_entry, usps, usps_text, zeros_packed

TAR = "cifar-10-binary.tar.gz"


def cases(base):
    turns = Turns(DATA)

    # CIFAR.
    def tar(mutation, data, text, count=2):
        return Case(f"tar/{mutation}", {TAR: data}, refused(BAD_DATA, text, "{in}/" + TAR, *turns.next(count)))

    whole = cifar_tar()
    yield tar("empty", b"", "byte 0: expected 2 bytes for the gzip identification, found no bytes")
    yield tar("is-plain-tar", whole, "byte 0: expected gzip")
    yield tar("is-html", b"<html>no</html>", "byte 0: .*(HTML page|expected gzip identification 1f 8b, found 3c 68)")
    yield tar("gzip-cut", cifar()[:-100], r"byte \d+: the compressed data breaks off before its end")
    yield tar("gzip-checksum", member(whole, checksum=7, packed=None), r"byte \d+: expected unpacked data with CRC-32 0x00000007")
    yield tar("holds-nothing", cifar(b""), "byte 0.*: expected a tar header, found no bytes")
    yield tar("holds-html", cifar(b"<html>no</html>".ljust(512)), r"byte 0.*: expected a tar header with checksum \d+, found another one")
    yield tar("header-cut", cifar(whole[:300]), "byte 0.*: expected a tar header, found 300 bytes")
    yield tar("without-end", cifar(whole[:-1024]), r"byte \d+.*: expected a tar header, found no bytes")
    yield tar("cut-in-a-file", cifar(whole[:5000]), r"byte 512.*: expected 12292 bytes of a file, found 4488 bytes")
    for name, size in [("size-not-octal", b"00000009999\0"), ("size-of-letters", b"abcdefghijk\0"), ("size-negative", b"-0000000001\0"), ("size-base-256", b"\x80" + bytes(10) + b"\x40")]:
        yield tar(name, cifar(tar_entry("x", b"1234", size=size) + whole), "byte 124.*: expected the size of a file in octal digits, found other bytes")
    yield tar("size-beyond-the-end", cifar(tar_entry("x", b"1234", size=b"77777777777\0") + whole), r"byte 124: expected a file of at most 201326592 bytes, found 8589934591 bytes")
    yield tar("checksum", cifar(tar_entry("x", b"1234", checksum=1) + whole), r"byte 0.*: expected a tar header with checksum \d+, found another one")
    yield tar("bomb", member(b"", packed=zeros_packed(600 << 20, tar_entry("x", b"", size=b"06000000000\0"))), "byte 124: expected a file of at most 201326592 bytes, found 805306368 bytes")
    yield tar("batch-missing", cifar(leave_out=("data_batch_3.bin",)), "it has no data_batch_3.bin")
    yield tar("test-missing", cifar(leave_out=("test_batch.bin",)), "it has no test_batch.bin")
    yield tar("batch-is-a-folder", cifar(leave_out=("data_batch_3.bin",), entries=[tar_entry("c/data_batch_3.bin", b"", kind=b"5")]), "it has no data_batch_3.bin")
    yield tar("batch-is-a-link", cifar(leave_out=("data_batch_3.bin",), entries=[tar_entry("c/data_batch_3.bin", b"", kind=b"2")]), "it has no data_batch_3.bin")
    yield tar("batch-cut", cifar(changes={"data_batch_2.bin": cifar_rows()[:-1]}), r"data_batch_2.bin: expected rows of 3073 bytes, found 12291 bytes")
    yield tar("batch-empty", cifar(changes={"data_batch_2.bin": b""}), r"data_batch_2.bin: expected rows of 3073 bytes, found no bytes")
    wrong = bytearray(cifar_rows())
    wrong[3073] = 10
    yield tar("label-10", cifar(changes={"data_batch_2.bin": bytes(wrong)}), "data_batch_2.bin: byte 3073: expected labels from 0 to 9, found 10")
    hundred = b"".join(bytes([0, label]) + bytes(3072) for label in (0, 100))
    yield Case("tar/hundred-label-100", {"set/train.bin": hundred, "set/test.bin": hundred}, refused(BAD_DATA, "byte 3075: expected labels from 0 to 99, found 100", "{in}/set", *turns.next(2), named="train.bin"))
    folder = {f"set/{name}": data for name, data in cifar_files().items()}
    yield Case("tar/folder-lacks-a-batch", {name: data for name, data in folder.items() if "batch_4" not in name}, refused(MISSING, "lacks data_batch_4.bin", "{in}/set", *turns.next(2)))
    yield Case("tar/folder-batch-cut", {**folder, "set/data_batch_4.bin": cifar_rows()[:3072]}, refused(BAD_DATA, "expected rows of 3073 bytes, found 3072 bytes", "{in}/set", *turns.next(2), named="data_batch_4.bin"))
    yield Case("tar/of-pictures", {"photos.tar": tar_entry("a/1.png", b"x") + bytes(1024)}, refused(MISSING, "a data set is .*\\.zip", "{in}/photos.tar", *turns.next(2)))
    yield Case("tar/of-pictures-packed", {"photos.tar.gz": gzip.compress(tar_entry("a/1.png", b"x") + bytes(1024), mtime=0)}, refused(MISSING, "a data set is .*\\.zip", "{in}/photos.tar.gz", *turns.next(2)))

    # USPS.
    right = {"set/usps.bz2": usps(), "set/usps.t.bz2": usps(usps_text(10, seed=6))}

    def usps_case(mutation, data, text, code=BAD_DATA, file="usps.bz2"):
        files = {**right, f"set/{file}": data}
        commands = [["data", "check", "usps", "--data-dir", "PATH", "--offline"], ["train", "--data", "usps", "--data-dir", "PATH", "--offline", "--model", "mlp:4", "--quiet", "--out", "out.safetensors"]]
        return Case(f"usps/{mutation}", {name: content for name, content in files.items() if content is not None}, refused(code, text, "{in}/set", *commands, named=file if code == BAD_DATA else "set"))

    packed = usps()
    yield usps_case("empty", b"", "byte 0: this is an empty file, not a bzip2 file")
    yield usps_case("is-text", usps_text(), "byte 0: this is other data, not a bzip2 file")
    yield usps_case("is-gzip", gzip.compress(usps_text(), mtime=0), "byte 0: this is gzip-compressed data, not a bzip2 file")
    yield usps_case("magic-cut", packed[:3], r"byte \d+: (expected more bzip2 data, found the end of the file|the bzip2 data is damaged)")
    yield usps_case("cut", packed[: len(packed) // 2], rf"byte {len(packed) // 2}: expected more bzip2 data, found the end of the file")
    yield usps_case("level-0", packed[:3] + b"0" + packed[4:], r"byte \d+: the bzip2 data is damaged")
    yield usps_case("block-mark", packed[:4] + b"\0" + packed[5:], r"byte \d+: the bzip2 data is damaged")
    yield usps_case("checksum", packed[:10] + b"\1\2\3\4" + packed[14:], r"byte \d+: the bzip2 data is damaged")
    yield usps_case("garbage", packed + b"more", rf"byte {len(packed)}: expected the end of the bzip2 file, found 4 bytes more")
    yield usps_case("bomb", bzip2_zeros(65 << 20), "expected at most 67108864 bytes unpacked, found more")
    yield usps_case("no-lines", bz2.compress(b"\n\n"), "it has no lines")
    lines = usps_text().split(b"\n")
    for name, line in [("label-0", b"0 1:0.5"), ("label-11", b"11 1:0.5"), ("label-word", b"one 1:0.5"), ("label-missing", b"1:0.5"), ("label-huge", b"99999999999999999999 1:0")]:
        yield usps_case(name, bz2.compress(b"\n".join(lines[:3] + [line] + lines[3:])), "line 4: expected a label from 1 to 10")
    for name, line in [("index-0", b"1 0:0.5"), ("index-257", b"1 257:0.5"), ("index-word", b"1 a:0.5"), ("value-2", b"1 5:2"), ("value-nan", b"1 5:nan"), ("value-word", b"1 5:x"), ("value-missing", b"1 5:"), ("two-colons", b"1 5:0:1"), ("no-colon", b"1 5")]:
        yield usps_case(name, bz2.compress(b"\n".join(lines[:3] + [line] + lines[3:])), "line 4: expected index:value with an index from 1 to 256 and a value from -1 to 1")
    yield usps_case("test-missing", None, "lacks usps.t.bz2", code=MISSING, file="usps.t.bz2")

    # EMNIST.
    def emnist_case(mutation, data, text, named="gzip.zip", kind="emnist-digits"):
        return Case(f"emnist/{mutation}", {"set/gzip.zip": data}, refused(BAD_DATA, text, "{in}/set", ["data", "check", kind, "--data-dir", "PATH", "--offline"], ["train", "--data", kind, "--data-dir", "PATH", "--offline", "--model", "mlp:4", "--quiet", "--out", "out.safetensors"], named=named))

    name = "emnist-digits-train-images-idx3-ubyte"
    yield emnist_case("is-html", b"<html>no", "this is an HTML page, not a zip archive")
    yield emnist_case("cut", emnist()[:-40], "expected the end of a zip directory, found none")
    yield emnist_case("file-missing", emnist(leave_out=(f"gzip/{name}.gz",)), f"it has no {name}.gz")
    yield emnist_case("other-split", emnist(), "it has no emnist-letters-train-images-idx3-ubyte.gz", kind="emnist-letters")
    yield emnist_case("file-is-html", emnist({name: b"<html>no"}), f"gzip.zip: {name}.gz: byte 0: this is an HTML page, not IDX")
    yield emnist_case("file-gzip-cut", emnist({name: gzip.compress(bytes(9000), mtime=0)[:-6]}), f"gzip.zip: {name}.gz: byte ")
    yield emnist_case("file-is-labels", emnist({name: gzip.compress(idx([4], b"abcd"), mtime=0)}), f"gzip.zip: {name}.gz: byte 3: .*are images and labels swapped")
    yield emnist_case("file-bomb", emnist({name: member(b"", packed=zeros_packed(1 << 30, idx([40, 28, 28], b"")))}), f"gzip.zip: {name}.gz: byte .*found at least")
    labels = "emnist-digits-train-labels-idx1-ubyte"
    yield emnist_case("labels-fewer", emnist({labels: gzip.compress(idx([39], bytes(39)), mtime=0)}), f"{labels}.gz: 40 images in .* but 39 labels")
    yield emnist_case("label-10", emnist({labels: gzip.compress(idx([40], b"\x0a" + bytes(39)), mtime=0)}), f"{labels}.gz: byte 8: expected a label from 0 to 9, found 10")
    yield Case("emnist/letters-label-0", {f"set/{path}": data for path, data in letters_files().items()}, [Run(["data", "check", "emnist-letters", "--data-dir", "{in}/set", "--offline"], BAD_DATA, "expected labels from 1 on, found 0", "emnist-letters-train-labels")])

    # Odd but valid.
    yield Case("tar/valid", {TAR: cifar(changes={"readme.html": b"<html>"})}, accepted("{in}/" + TAR, DATA["check"], text="20"))
    yield Case("tar/valid-folder", folder, accepted("{in}/set", DATA["check"], text="20"))
    yield Case("usps/valid-values-left-out", {**right, "set/usps.bz2": usps(b"\r\n".join(b"%d 1:-1 256:1" % label for label in range(1, 11)) + b"\r\n")}, accepted("{in}/set", ["data", "check", "usps", "--data-dir", "PATH", "--offline"], notes="warning: .*"))
    yield Case("emnist/valid", {"set/gzip.zip": emnist()}, accepted("{in}/set", ["data", "check", "emnist-digits", "--data-dir", "PATH", "--offline"], notes="warning: .*"))


def letters_files():
    files = {}
    for part, count, seed in [("train", 40, 1), ("test", 20, 2)]:
        pixels, labels = images(count, seed, side=28)
        files[f"emnist-letters-{part}-images-idx3-ubyte"] = idx([count, 28, 28], pixels)
        files[f"emnist-letters-{part}-labels-idx1-ubyte"] = idx([count], labels)
    return files

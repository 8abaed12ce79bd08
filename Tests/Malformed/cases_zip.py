"""Zip archives (PKWARE APPNOTE 6.3.10), which hold the arrays of an NPZ file, and pictures."""

import zipfile

from corpus import BAD_DATA, DATA, MODEL, Case, Turns, accepted, refused
from formats import RawZip, arrays, deflate, images, little, npy, npy_header, npz, photos, zeros_packed, zip_file


def cases(base):
    turns = Turns(DATA)
    content = arrays()

    def case(mutation, data, text, count=1, **more):
        runs = refused(BAD_DATA, text, "{in}/set.npz", *turns.next(count), **more)
        return Case(f"zip/{mutation}", {"set.npz": data}, runs)

    def raw(changed="y_train", method=0, **changes):
        """An archive whose entry `changed` has other fields."""
        archive = RawZip()
        for name, data in content.items():
            archive.add(f"{name}.npy", data, **({"method": method, **changes} if name == changed else {}))
        return archive

    whole = raw().end()
    directory = len(raw().body)
    end = len(whole) - 22

    # The end record.
    yield case("empty", b"", "an empty file")
    yield case("cut-in-half", whole[: len(whole) // 2], r"byte \d+: expected the end of a zip directory, found none: cut off\?")
    yield case("without-end", whole[:end], f"byte {end}: expected the end of a zip directory, found none")
    yield case("end-cut", whole[:-1], f"byte {len(whole) - 1}: expected the end of a zip directory, found none")
    yield case("comment-lies", raw().end(comment=5), "expected the end of a zip directory, found none")
    yield case("more-after-the-end", whole + b"more", "expected the end of a zip directory, found none")
    yield case("only-end", RawZip().end(), "expected arrays under a usual name.*found no arrays|empty zip archive")
    yield case("count-more", raw().end(count=5), "expected 4 bytes for a zip directory entry|expected a zip directory entry")
    yield case("count-less", raw().end(count=3), r"byte \d+: expected the end of the zip directory, found \d+ bytes")
    yield case("count-of-65535", raw().end(count=0xFFFF), r"byte \d+: expected .*zip directory entry")
    yield case("counts-differ", raw().end(here=3), f"byte {end}: split zip archives are not supported")
    yield case("second-disk", raw().end(disk=1), f"byte {end}: split zip archives are not supported")
    yield case("directory-size", raw().end(size=10), rf"byte {end + 12}: expected a zip directory that ends at byte {end}, found 10 bytes from {directory}")
    yield case("directory-offset", raw().end(offset=directory + 4), rf"byte {end + 12}: expected a zip directory that ends at byte {end}, found \d+ bytes from {directory + 4}")
    yield case("directory-beyond-the-end", raw().end(offset=0xFFFFFFF0), rf"byte {end + 12}: expected a zip directory that ends at byte {end}, found \d+ bytes from 4294967280")
    locator = b"PK\6\7" + little(0)
    yield case("zip64-record-far-away", raw().end(before=locator + little(1 << 62, 8) + little(1)), r"byte \d+: expected a ZIP64 end record before byte \d+, found 4611686018427387904")
    yield case("zip64-record-too-wide", raw().end(before=locator + little((1 << 64) - 1, 8) + little(1)), r"byte \d+: expected the position of the ZIP64 end record, found 18446744073709551615")
    yield case("zip64-record-elsewhere", raw().end(before=locator + little(0, 8) + little(1)), r"byte 0: expected a ZIP64 end record \(0x06064b50\), found 0x04034b50")

    # Entries of the directory.
    yield case("entry-signature", raw(central=b"PK\1\3").end(), r"byte \d+: expected a zip directory entry \(0x02014b50\), found 0x03014b50")
    yield case("two-of-one-name", raw().add("y_train.npy", content["y_train"]).end(), r"byte \d+: the zip archive has two entries \"y_train.npy\"")
    yield case("zip64-numbers-missing", raw(size=0xFFFFFFFF).end(), r"byte \d+: a ZIP64 entry has no ZIP64 numbers")
    yield case("zip64-numbers-cut", raw(size=0xFFFFFFFF, extra=little(1, 2) + little(4, 2) + b"abcd").end(), r"byte \d+: expected 8 bytes for a zip entry's size, found 4 bytes")
    yield case("zip64-numbers-too-wide", raw(size=0xFFFFFFFF, extra=little(1, 2) + little(8, 2) + b"\xff" * 8).end(), r"byte \d+: expected a zip entry's size, found 18446744073709551615")
    yield case("zip64-size-huge", raw(size=0xFFFFFFFF, packed_size=0xFFFFFFFF, extra=little(1, 2) + little(16, 2) + little(1 << 40, 8) * 2).end(), "y_train")
    yield case("extra-field-lies", raw(size=0xFFFFFFFF, extra=little(9, 2) + little(0xFFF, 2)).end(), r"byte \d+: expected 4095 bytes for a zip extra field, found no bytes")
    for flags, name in [(1, "encrypted"), (0x41, "strongly-encrypted")]:
        yield case(name, raw(flags=flags).end(), r"byte \d+.*: the zip entry \"y_train.npy\" is encrypted")
    for method in [1, 9, 12, 14, 93, 99]:
        yield case(f"method-{method}", raw(method=method).end(), rf"byte \d+.*: expected zip compression method 0 \(stored\) or 8 \(deflate\), found {method}")
    yield case("entry-after-the-directory", raw(offset=directory + 50).end(), r"byte \d+.*: the zip entry \"y_train.npy\" does not precede the directory")
    yield case("entry-elsewhere", raw(offset=3).end(), r"byte 3 .*: expected a zip entry \(0x04034b50\), found 0x")
    yield case("local-signature", raw(local=b"PK\3\5").end(), r"byte \d+.*: expected a zip entry \(0x04034b50\), found 0x05034b50")
    yield case("local-name-lies", raw(local_name=0xFFFF).end(), r"byte \d+.*: expected 65535 bytes for a zip entry's name and extra field")
    yield case("stored-sizes-differ", raw(packed_size=20).end(), r"byte \d+.*: expected \d+ bytes stored in \"y_train.npy\", found 20 bytes")
    yield case("packed-size-huge", raw(method=8, packed_size=1 << 30).end(), r"byte \d+.*: expected 1073741824 bytes for the zip entry \"y_train.npy\"")
    yield case("checksum", raw(checksum=7).end(), r"byte \d+.*: expected \"y_train.npy\" with CRC-32 0x00000007, found 0x")
    size = len(content["y_train"])
    yield case("size-one-less", raw(method=8, size=size - 1).end(), r"y_train.*: expected (\d+ bytes in|40 bytes of elements)")
    yield case("size-one-more", raw(method=8, size=size + 1).end(), r"y_train.*: expected (\d+ bytes in|40 bytes of elements)")
    yield case("deflate-damaged", raw(method=8, packed=b"\7" + deflate(content["y_train"])).end(), r"byte \d+.*y_train.*: the compressed data is damaged")
    yield case("deflate-cut", raw(method=8, packed=deflate(content["y_train"])[:-9]).end(), r"byte \d+.*y_train.*: the compressed data breaks off before its end")
    long = raw().add("a" * 60000 + ".npy", b"x").end()
    yield case("name-of-60000-doubled", raw().add("a" * 60000 + ".npy", b"x").add("a" * 60000 + ".npy", b"x").end(), r"byte \d+: the zip archive has two entries \"aaa")
    yield Case("zip/name-of-60000", {"set.npz": long}, refused(BAD_DATA, "expected", "{in}/set.npz", [*DATA["check"], "--keys", "images=" + "a" * 5000 + ",labels=y_train"]))
    yield case("names-with-control-characters", zip_file({"\x1b[2J\n\r.npy": b"x", "b.npy": b"y"}), "expected arrays under a usual name")
    yield case("no-arrays", zip_file({"readme.txt": b"x"}), "expected arrays under a usual name.*found no arrays")
    yield case("is-a-zip-of-a-zip", zip_file({"set.npz": npz()}), "expected arrays under a usual name.*found no arrays")

    # Bombs: an array of gigabytes of zeros.
    def bomb(count, labels=None):
        header = npy_header(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, 8, 8), }}")
        packed = zeros_packed(count * 64, header)
        archive = RawZip().add("x_train.npy", b"", method=8, packed=packed, size=len(header) + count * 64)
        return archive.add("y_train.npy", npy([40], images(40)[1]) if labels is None else labels).end()

    yield case("bomb-of-1-gib", bomb(1 << 24), "16777216 images .*but 40 labels", count=2)
    yield case("bomb-over-the-limit", bomb((1 << 25) + 1), "x_train: expected at most 2147483648 bytes, found 2147483840 bytes")
    yield case("bomb-that-lies", RawZip().add("x_train.npy", b"", method=8, packed=zeros_packed(1 << 30, npy([40, 8, 8], b"")), size=len(npy([40, 8, 8], b"")) + 2560).add("y_train.npy", content["y_train"]).end(), "x_train.npy.*found more|x_train.*CRC")

    # Archives of pictures.
    def pictures(mutation, data, text, named="set.zip"):
        return Case(f"zip/pictures-{mutation}", {"set.zip": data}, refused(BAD_DATA, text, "{in}/set.zip", DATA["train"], named=named) + refused(BAD_DATA, text, "{in}/set.zip", ["predict", "{base}/photo-model.safetensors", "PATH", "--quiet", "--csv", "out.csv"], named=named))

    own = {f"set/{name}": data for name, data in photos().items()}

    def raw_pictures(**changes):
        archive = RawZip()
        for name, data in own.items():
            archive.add(name, data, **(changes if name == "set/cats/3.png" else {}))
        return archive.end()

    yield pictures("cut", zip_file(own)[:-30], "expected the end of a zip directory, found none")
    yield pictures("of-text", zip_file({"a/x.txt": b"x"}), "there is no picture in")
    yield pictures("empty", RawZip().end(), "there is no picture in|empty zip archive")
    yield pictures("checksum", raw_pictures(checksum=7), r"cats/3.png.*CRC-32 0x00000007", named="set.zip: set/cats/3.png")
    yield pictures("encrypted", raw_pictures(flags=1), "cats/3.png.*encrypted", named="set.zip: set/cats/3.png")
    yield pictures("bomb", raw_pictures(method=8, packed=zeros_packed(1 << 30, own["set/cats/3.png"]), size=1 << 31), "cats/3.png.*expected at most", named="set.zip: set/cats/3.png")
    yield pictures("bomb-of-zeros", raw_pictures(method=8, packed=zeros_packed(1 << 30), size=1 << 20), "cats/3.png.*expected a JPEG, PNG", named="set.zip: set/cats/3.png")
    yield pictures("damaged-picture", zip_file({**own, "set/cats/3.png": own["set/cats/3.png"][:-5]}), "cats/3.png: byte .*breaks off", named="set.zip: set/cats/3.png")
    yield pictures("is-a-tar", b"a".ljust(257, b"\0") + b"ustar" + bytes(300), "this is a tar archive, not a zip archive")
    yield pictures("is-html", b"<html>no</html>", "this is an HTML page, not a zip archive")

    # Odd but valid.
    def valid(mutation, data):
        return Case(f"zip/valid-{mutation}", {"set.npz": data}, accepted("{in}/set.npz", DATA["check"], text="40"))

    yield valid("deflated", npz(method=zipfile.ZIP_DEFLATED))
    yield valid("comment", raw().end(comment=4, tail=b"PK\5\6"))
    yield valid("bytes-in-front", prefixed(content))
    yield valid("zip64-numbers", raw(size=0xFFFFFFFF, packed_size=0xFFFFFFFF, extra=little(1, 2) + little(16, 2) + little(size, 8) * 2).end())
    yield valid("foreign-extra-field", raw(extra=little(0x5455, 2) + little(5, 2) + b"\1abcd").end())
    yield valid("other-files-beside", raw().add("readme.txt", b"hello").add("folder/", b"").end())
    yield Case("zip/valid-pictures", {"set.zip": zip_file({**own, "__MACOSX/._1.png": b"x", "set/.DS_Store": b"x"})}, accepted("{in}/set.zip", DATA["check"], text="16"))
    yield Case("zip/valid-predict", {"some": npz()}, accepted("{in}/some", ["predict", MODEL, "PATH", "--quiet"], text=r"some\[19\]"))


def prefixed(content):
    """Bytes before the first entry, which all offsets count."""
    archive = RawZip()
    archive.body += b"PK\3\4 not an entry"
    for name, data in content.items():
        archive.add(f"{name}.npy", data)
    return archive.end()

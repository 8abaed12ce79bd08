"""gzip files (RFC 1952), which pack the images of a data set."""

import gzip
import zlib

from corpus import BAD_DATA, DATA, MODEL, Case, Turns, accepted, refused
from formats import SIDE, TRAIN, deflate, idx, idx_folder, little, member, zeros_packed

PLAIN = "train-images-idx3-ubyte"
PACKED = PLAIN + ".gz"
# Flags of a header.
TEXT, CHECKSUM, EXTRA, NAME, COMMENT = 1, 2, 4, 8, 16


def cases(base):
    right = idx_folder()
    content = right[PLAIN]
    others = {f"set/{name}": data for name, data in right.items() if name != PLAIN}
    turns = Turns(DATA)

    def case(mutation, data, text, count=1, **more):
        runs = refused(BAD_DATA, text, "{in}/set", *turns.next(count), named=PACKED, **more)
        runs += refused(BAD_DATA, text, f"{{in}}/set/{PACKED}", ["predict", MODEL, "PATH", "--quiet", "--csv", "out.csv"], **more)
        return Case(f"gzip/{mutation}", {**others, f"set/{PACKED}": data}, runs)

    packed = deflate(content)
    whole = member(content)
    end = 10 + len(packed)

    # The header.
    yield case("method-0", member(content, method=0), r"byte 2: expected gzip compression method 8 \(deflate\), found 0")
    yield case("method-9", member(content, method=9), r"byte 2: expected gzip compression method 8 \(deflate\), found 9")
    for bit in [5, 6, 7]:
        yield case(f"reserved-flag-{bit}", member(content, flags=1 << bit), f"byte 3: expected gzip flags with the reserved bits 0, found 0x{1 << bit:02x}")
    for size in [2, 3, 4, 7, 9]:
        yield case(f"header-of-{size}", whole[:size], rf"byte ({size}|4): expected .* for the gzip")
    yield case("extra-field-cut", member(content, EXTRA, middle=little(4, 2) + b"ab")[:14], "byte 12: expected 4 bytes for the gzip extra field, found 2 bytes")
    yield case("extra-field-lies", member(content, EXTRA, middle=little(0xFFFF, 2) + b"ab"), "byte 12: expected 65535 bytes for the gzip extra field")
    yield case("extra-length-cut", member(content, EXTRA)[:11], "byte 10: expected 2 bytes for the length of the gzip extra field, found 1 byte")
    yield case("name-without-end", whole[:3] + bytes([NAME]) + whole[4:10] + b"a" * 40, "byte 50: expected a zero byte after the gzip file name, found the end of the file")
    yield case("name-of-70000", member(content, NAME, middle=b"a" * 70000 + b"\0"), "byte 10: .*gzip file name")
    yield case("comment-without-end", whole[:3] + bytes([COMMENT]) + whole[4:10] + b"a" * 40, "byte 50: expected a zero byte after the gzip comment, found the end of the file")
    yield case("comment-of-70000", member(content, COMMENT, middle=b"a" * 70000 + b"\0"), "byte 10: .*gzip comment")
    yield case("header-checksum", member(content, CHECKSUM, middle=b"\1\2"), "byte 10: expected a gzip header with checksum 0x0201, found 0x")
    yield case("header-checksum-cut", member(content, CHECKSUM, middle=b"\1\2")[:11], "byte 10: expected 2 bytes for the gzip header checksum, found 1 byte")
    yield case("first-byte", b"\x1e" + whole[1:], "byte 0: expected two zero bytes at the start of an IDX file|expected a JPEG")

    # The compressed data.
    for name, size in [("none", 10), ("one-byte", 11), ("half", 10 + len(packed) // 2), ("without-last", end - 1)]:
        yield case(f"data-cut-{name}", whole[:size], f"byte {size}: the compressed data breaks off before its end")
    yield case("block-type-3", member(content, packed=b"\7" + packed), r"byte 1\d: the compressed data is damaged \(invalid block type\)")
    yield case("stored-lengths", member(content, packed=b"\1\5\0\5\0hello"), r"byte \d+: the compressed data is damaged \(invalid stored block lengths\)")
    yield case("too-many-codes", member(content, packed=b"\xfc\xff\xff" + packed), r"byte \d+: the compressed data is damaged")
    yield case("distance-too-far", member(content, packed=b"\x03\x02\x00" + packed), r"byte \d+: the compressed data is damaged")
    flipped = bytearray(whole)
    flipped[10 + len(packed) // 3] ^= 0x10
    yield case("one-bit", bytes(flipped), r"byte \d+.*: ")
    yield case("is-zlib", zlib.compress(content), "zlib stream")
    yield case("is-raw-deflate", packed, "expected two zero bytes|expected a JPEG|bytes of something else")
    yield case("twice-packed", gzip.compress(whole, mtime=0), "this is gzip-compressed data, not IDX")
    yield case("holds-html", gzip.compress(b"<!doctype html><p>not here", mtime=0), "byte 0 of the unpacked data: this is an HTML page, not IDX")
    yield case("holds-nothing", gzip.compress(b"", mtime=0), "byte 0 of the unpacked data: expected an IDX header, found no bytes")
    yield case("holds-a-header", gzip.compress(content[:9], mtime=0), "byte 9 of the unpacked data: expected an IDX header of 16 bytes, found 9 bytes")
    yield case("holds-one-less", gzip.compress(content[:-1], mtime=0), f"byte {len(content) - 1} of the unpacked data: expected {len(content) - 16} bytes of data")
    yield case("holds-one-more", gzip.compress(content + b"\0", mtime=0), f"byte {len(content)} of the unpacked data: expected {len(content) - 16} bytes of data .*found at least {len(content) - 15} bytes")

    # What follows it.
    yield case("checksum", member(content, checksum=1), f"byte {end}: expected unpacked data with CRC-32 0x00000001, found 0x")
    for name, size in [("less", len(content) - 1), ("more", len(content) + 1), ("wide", 0xFFFFFFFF)]:
        yield case(f"size-{name}", member(content, size=size), f"byte {end + 4}: expected {size} bytes of unpacked data, found {len(content)} bytes")
    yield case("no-checksum", whole[:end], f"byte {end}: expected 4 bytes for the CRC-32 after the compressed data, found no bytes")
    yield case("checksum-cut", whole[: end + 2], f"byte {end}: expected 4 bytes for the CRC-32 after the compressed data, found 2 bytes")
    yield case("size-cut", whole[: end + 6], f"byte {end + 4}: expected 4 bytes for the unpacked size after the CRC-32, found 2 bytes")
    yield case("garbage", whole + b"x", f"byte {len(whole)}: expected the end of the gzip file, found 1 byte of trailing garbage")
    yield case("garbage-after-zeros", whole + bytes(100) + b"junk", f"byte {len(whole) + 100}: expected the end of the gzip file, found 4 bytes of trailing garbage")
    half = len(content) // 2
    first, second = member(content[:half]), member(content[half:])
    yield case("second-checksum", first + member(content[half:], checksum=7), f"byte {len(first) + len(second) - 8}: expected unpacked data with CRC-32 0x00000007")
    yield case("second-cut", first + second[:-20], r"byte \d+: the compressed data breaks off before its end")
    yield case("second-flags", first + member(content[half:], flags=0x80), f"byte {len(first) + 3}: expected gzip flags with the reserved bits 0")
    yield case("second-method", first + member(content[half:], method=0), f"byte {len(first) + 2}: expected gzip compression method 8")

    # Bombs.
    def bomb(header, zeros):
        return member(b"", packed=zeros_packed(zeros, header), size=len(header) + zeros)

    yield case("bomb-small-header", bomb(idx([TRAIN, SIDE, SIDE], b""), 1 << 30), f"byte {len(content)} of the unpacked data: expected {len(content) - 16} bytes of data .*found at least")
    yield case("bomb-over-the-limit", bomb(idx([1 << 22, 32, 32], b""), 1 << 24), "byte 4 of the unpacked data: expected at most 2147483648 bytes")
    yield case("bomb-without-header", bomb(b"", 1 << 28), "byte 2 of the unpacked data: expected IDX type|byte 3 of the unpacked data|byte 2: expected IDX type")
    yield case("bomb-of-members", member(content) + member(bytes(1 << 16)) * 2000, f"byte {len(content)} of the unpacked data: expected {len(content) - 16} bytes of data")

    # Odd but valid.
    def valid(mutation, data):
        files = {**others, f"set/{PACKED}": data}
        runs = accepted("{in}/set", DATA["check"], text="40") + accepted(f"{{in}}/set/{PACKED}", ["predict", MODEL, "PATH", "--quiet"], text=r"\[39\]")
        return Case(f"gzip/valid-{mutation}", files, runs)

    yield valid("two-members", first + second)
    yield valid("a-member-for-each-byte", b"".join(member(content[place : place + 7]) for place in range(0, len(content), 7)))
    yield valid("empty-member-first", member(b"") + whole)
    yield valid("empty-member-last", whole + member(b""))
    yield valid("zeros-after", whole + bytes(1000))
    yield valid("text-flag", member(content, TEXT))
    middle = little(4, 2) + b"abcd" + b"name\0" + b"comment\0"
    header = b"\x1f\x8b\x08" + bytes([TEXT | CHECKSUM | EXTRA | NAME | COMMENT]) + b"\0\0\0\0\0\3" + middle
    yield valid("all-flags", member(content, TEXT | CHECKSUM | EXTRA | NAME | COMMENT, middle=middle + little(zlib.crc32(header) & 0xFFFF, 2)))
    yield valid("stored-blocks", member(content, packed=deflate(content, 0)))
    yield valid("plain-under-gz", content)



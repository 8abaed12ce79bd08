"""PNG pictures ("Portable Network Graphics, third edition")."""

import struct
import zlib

from corpus import BAD_DATA, DATA, IMAGE, MODEL, PHOTO_MODEL, Case, Turns, accepted, refused
from formats import PNG_SIGNATURE, SIDE, chunk, big, photos, png, png_header, rows, zeros_packed

PICTURE = "cats/3.png"


def cases(base):
    data_turns = Turns({name: command for name, command in DATA.items() if name not in ("check", "show")})
    image_turns = Turns(IMAGE)
    others = {f"set/{name}": data for name, data in photos().items()}

    def case(mutation, data, text, **more):
        """In a folder of pictures for each class, and as an image to predict."""
        runs = refused(BAD_DATA, text, "{in}/set", *data_turns.next(), named=PICTURE, **more)
        runs += refused(BAD_DATA, text, f"{{in}}/set/{PICTURE}", *image_turns.next(), **more)
        return Case(f"png/{mutation}", {**others, f"set/{PICTURE}": data}, runs)

    whole = png()
    packed = zlib.compress(rows(), 9)
    start = 8 + 25  # The first byte after the header's chunk.

    # The signature.
    yield case("empty", b"", "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found an empty file")
    yield case("signature-cut", whole[:6], "byte 0: expected .*PNG")
    yield case("line-ends", whole.replace(b"\r\n", b"\n"), "byte 0: expected a PNG image, found a PNG whose line ends were changed in a transfer")
    yield case("line-ends-doubled", whole[:4] + b"\r\r\n\x1a\r\n" + whole[8:], "byte 0: expected a PNG image, found a PNG whose line ends were changed in a transfer")
    yield case("signature-bit", b"\x09" + whole[1:], "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture")
    yield case("only-signature", PNG_SIGNATURE, "byte 8: damaged PNG: the file breaks off")
    for name, content, phrase in [("html", b"<html><body>no", "an HTML page"), ("pdf", b"%PDF-1.4 ", "a PDF document"), ("gif", base.pictures["small.gif"], "a GIF image"), ("bmp", base.pictures["small.bmp"], "a BMP image"), ("tiff", base.pictures["small.tif"], "a TIFF image"), ("lfs", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"), ("svg", b'<?xml version="1.0"?><svg/>', "an HTML page|SVG|XML"), ("heic", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(40), "a HEIC image"), ("avif", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(40), "an AVIF image"), ("ico", b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0" + bytes(40), "an icon"), ("gzip-of-png", zlib_gzip(whole), "gzip-compressed data with a PNG image inside"), ("zip", b"PK\3\4" + bytes(40), "a zip archive")]:
        yield case(f"is-{name}", content, f"byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found ({phrase})")

    # The header.
    yield case("header-not-first", png(header=chunk("tEXt", b"a\0b") + png_header()), "byte 8: damaged PNG: it does not begin with a header of 13 bytes")
    yield case("header-of-12", png(header=chunk("IHDR", bytes(12))), "byte 8: damaged PNG: it does not begin with a header of 13 bytes")
    yield case("header-of-14", png(header=chunk("IHDR", bytes(14))), "byte 8: damaged PNG: it does not begin with a header of 13 bytes")
    yield case("header-twice", png(png_header()), "damaged PNG: .*IHDR|damaged PNG: .*header")
    yield case("header-checksum", png(header=png_header()[:-1] + b"\1"), "byte 8: damaged PNG: the checksum of its header is wrong")
    for name, changes, text in [
        ("width-0", {"width": 0}, "expected a width and a height of .*, found 0 x 8"), ("height-0", {"height": 0}, "expected a width and a height of .*, found 8 x 0"),
        ("width-2-31", {"width": 1 << 31}, "2147483648 x 8 pixels is larger than the limit"), ("height-2-32", {"height": (1 << 32) - 1}, "8 x 4294967295 pixels is larger than the limit"),
        ("side-over-the-limit", {"width": 1_000_001, "height": 1}, "1000001 x 1 pixels is larger than the limit"),
        ("depth-3", {"depth": 3}, "byte 24: .*depth"), ("depth-0", {"depth": 0}, "byte 24: .*depth"), ("depth-32", {"depth": 32}, "byte 24: .*depth"),
        ("palette-depth-16", {"depth": 16, "color": 3}, "byte 24: .*depth"), ("colour-depth-4", {"depth": 4, "color": 2}, "byte 24: .*depth"),
        ("colour-1", {"color": 1}, "byte 25: .*colour type"), ("colour-5", {"color": 5}, "byte 25: .*colour type"), ("colour-7", {"color": 7}, "byte 25: .*colour type"), ("colour-255", {"color": 255}, "byte 25: .*colour type"),
        ("compression-1", {"compression": 1}, "byte 26: .*compression"), ("filtering-1", {"filtering": 1}, "byte 27: .*filter"), ("interlacing-2", {"interlacing": 2}, "byte 28: .*interlac"),
    ]:
        yield case(name, png(header=png_header(**changes)), text)
    for side in [50_000, 65_535, 9_000]:
        yield case(f"claims-{side}", png(header=png_header(side, side)), f"{side} x {side} pixels")
    yield case("claims-8000", png(header=png_header(8000, 8000)), "damaged PNG: its bytes cannot hold the 8000 x 8000 pixels that it claims")

    bomb = png(header=png_header(50_000, 50_000, depth=1), data=chunk("IDAT", zeros_packed(50_000 * 6251, wrapped=True)))
    yield case("bomb-50000", bomb, "50000 x 50000 pixels is larger than the limit")

    # The chunks.
    for name, size in [("header", 20), ("header-checksum", 31), ("chunk-length", start + 2), ("chunk-type", start + 6), ("data", start + 20), ("data-checksum", len(whole) - 14), ("end", len(whole) - 6), ("end-checksum", len(whole) - 1)]:
        yield case(f"cut-in-{name}", whole[:size], r"byte \d+: damaged PNG: the file breaks off")
    yield case("no-end", png(end=b""), f"byte {len(whole) - 12}: damaged PNG: the file breaks off")
    yield case("chunk-beyond-the-end", png(data=chunk("IDAT", packed, length=1 << 20)), f"byte {start}: damaged PNG: the file breaks off")
    yield case("chunk-of-2-31", png(data=chunk("IDAT", packed, length=1 << 31)), f"byte {start}: damaged PNG: the file breaks off")
    yield case("chunk-of-2-32", png(data=chunk("IDAT", packed, length=(1 << 32) - 1)), f"byte {start}: damaged PNG: the file breaks off")
    yield case("chunk-length-one-less", png(data=chunk("IDAT", packed, length=len(packed) - 1)), r"damaged PNG: ")
    yield case("data-checksum", png(data=chunk("IDAT", packed, checksum=1)), "damaged PNG: IDAT: CRC error")
    yield case("end-checksum", png(end=chunk("IEND", b"", checksum=1)), "damaged PNG: IEND: CRC error")
    yield case("unknown-critical", png(chunk("ABCD", b"x")), "damaged PNG: ABCD: unhandled critical chunk")
    yield case("type-with-a-digit", png(chunk("t3Xt", b"x")), "damaged PNG: .*(invalid|bad) chunk type")
    yield case("type-with-zero", png(chunk(b"tE\0t", b"x")), "damaged PNG: .*(invalid|bad) chunk type")
    yield case("no-data", png(data=b""), "damaged PNG: ")
    yield case("empty-data", png(data=chunk("IDAT", b"")), "damaged PNG: ")
    yield case("data-in-two-places", png(data=chunk("IDAT", packed[:9]) + chunk("tEXt", b"a\0b") + chunk("IDAT", packed[9:])), r"byte \d+: damaged PNG: its data are in two places, with a chunk \"tEXt\" between")

    # The pixels.
    stream = rows()
    yield case("rows-missing", png(data=chunk("IDAT", zlib.compress(stream[:-9]))), "damaged PNG: (Not enough image data|Not enough compressed data|IDAT: Not enough)")
    yield case("one-sample-missing", png(data=chunk("IDAT", zlib.compress(stream[:-1]))), "damaged PNG: .*(Not enough)")
    yield case("stream-cut", png(data=chunk("IDAT", packed[:-12])), "damaged PNG: ")
    yield case("stream-checksum", png(data=chunk("IDAT", packed[:-4] + b"\0\0\0\1")), "damaged PNG: .*incorrect data check")
    yield case("stream-header", png(data=chunk("IDAT", b"\x79\x9c" + packed[2:])), "damaged PNG: .*incorrect header check")
    yield case("stream-window", png(data=chunk("IDAT", b"\x88\x1c" + packed[2:])), "damaged PNG: .*(invalid window size|header)")
    yield case("stream-is-raw-deflate", png(data=chunk("IDAT", packed[2:-4])), "damaged PNG: .*(header check|compression method|window size)")
    yield case("stream-is-garbage", png(data=chunk("IDAT", b"garbage")), "damaged PNG: ")
    for filtering in [5, 255]:
        yield case(f"row-filter-{filtering}", png(data=chunk("IDAT", zlib.compress(rows(filtering=filtering)))), "damaged PNG: .*bad adaptive filter value")
    yield case("interlaced-rows-missing", png(header=png_header(interlacing=1), data=chunk("IDAT", zlib.compress(adam7()[:-5]))), "damaged PNG: .*(Not enough)")

    # Palettes.
    indices = chunk("IDAT", zlib.compress(rows(value=lambda x, y: (x + y) % 3)))
    indexed = png_header(color=3)
    palette = chunk("PLTE", bytes(range(9)))
    yield case("palette-missing", png(header=indexed, data=indices), "damaged PNG: .*(PLTE|palette)")
    yield case("palette-of-4-bytes", png(chunk("PLTE", bytes(4)), header=indexed, data=indices), "damaged PNG: .*PLTE")
    yield case("palette-of-257", png(chunk("PLTE", bytes(771)), header=indexed, data=indices), "damaged PNG: .*PLTE")
    yield case("palette-empty", png(chunk("PLTE", b""), header=indexed, data=indices), "damaged PNG: .*(PLTE|palette)")
    yield case("palette-after-data", png(header=indexed, data=indices + palette), "damaged PNG: .*(PLTE|palette)")
    yield case("palette-checksum", png(chunk("PLTE", bytes(9), checksum=1), header=indexed, data=indices), "damaged PNG: PLTE: CRC error")
    yield case("index-beyond-the-palette", png(chunk("PLTE", bytes(6)), header=indexed, data=indices), "damaged PNG: a pixel has palette index 2, the palette has 2 colours")
    yield case("palette-twice", png(palette, palette, header=indexed, data=indices), "damaged PNG: .*PLTE")
    yield Case("png/another-size", {"p.png": png(header=png_header(9, 8), data=chunk("IDAT", zlib.compress(rows(9, 8))))}, refused(BAD_DATA, "expected 8 x 8 pixels as the model reads, found 8 x 9", "{in}/p.png", ["predict", MODEL, "PATH", "--quiet"]))

    # Odd but valid.
    def valid(mutation, data, notes=""):
        runs = accepted("{in}/p.png", ["predict", PHOTO_MODEL, "PATH", "--quiet"], text="p.png", notes=notes)
        return Case(f"png/valid-{mutation}", {"p.png": data}, runs)

    yield valid("interlaced", png(header=png_header(interlacing=1), data=chunk("IDAT", zlib.compress(adam7()))))
    yield valid("a-byte-a-chunk", png(data=b"".join(chunk("IDAT", packed[place : place + 1]) for place in range(len(packed)))))
    yield valid("16-bit", png(header=png_header(depth=16), data=chunk("IDAT", zlib.compress(rows(samples=2)))))
    yield valid("1-bit", png(header=png_header(depth=1), data=chunk("IDAT", zlib.compress(b"\0\x55" * 8))))
    yield valid("opacity", png(header=png_header(color=6), data=chunk("IDAT", zlib.compress(rows(samples=4)))))
    yield valid("transparent-grey", png(chunk("tRNS", b"\0\x1e")))
    yield valid("text-checksum", png(chunk("tEXt", b"a\0b", checksum=1)))
    yield valid("text-bomb", png(chunk("zTXt", b"a\0\0" + zeros_packed(1 << 30, wrapped=True))))
    yield valid("profile-bomb", png(chunk("iCCP", b"a\0\0" + zeros_packed(1 << 30, wrapped=True))))
    yield valid("gamma", png(chunk("gAMA", big(45455))))
    yield valid("orientation", png(chunk("eXIf", b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0")))
    yield valid("animation", png(chunk("acTL", big(1) + big(0)), chunk("fcTL", struct.pack(">IIIIIHHBB", 0, SIDE, SIDE, 0, 0, 1, 10, 0, 0))))
    yield valid("more-after-the-end", png() + b"PK\3\4 and more")
    yield valid("more-in-the-stream", png(data=chunk("IDAT", packed + b"more")))
    yield valid("end-with-data", png(end=chunk("IEND", b"x")))
    yield valid("one-pixel", png(header=png_header(1, 1), data=chunk("IDAT", zlib.compress(b"\0\x80"))), notes="warning: .*all its pixels are 128.*")
    yield Case("png/valid-called-jpg", {"p.jpg": png()}, accepted("{in}/p.jpg", ["predict", PHOTO_MODEL, "PATH", "--quiet"], text="p.jpg"))


def adam7():
    """The rows of the seven passes of 8 x 8 grey pixels."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return b"".join(b"\0" + bytes((30 * x + y) & 255 for x in range(left, SIDE, across)) for left, top, across, down in passes for y in range(top, SIDE, down))


def zlib_gzip(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()

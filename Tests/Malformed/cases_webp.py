"""WebP pictures (RFC 9649), and pictures of Netpbm's formats."""

import struct

from corpus import BAD_DATA, DATA, IMAGE, PHOTO_MODEL, Case, Turns, accepted, refused
from formats import little, photos


def riff(*chunks, size=None, kind=b"WEBP"):
    body = kind + b"".join(name + little(len(data) if length is None else length) + data + bytes(len(data) % 2) for name, data, length in chunks)
    return b"RIFF" + little(len(body) if size is None else size) + body


def cases(base):
    data_turns = Turns({name: command for name, command in DATA.items() if name not in ("check", "show")})
    image_turns = Turns(IMAGE)
    others = {f"set/{name}": data for name, data in photos().items() if name != "cats/5.png"}

    def case(mutation, data, text, file="cats/5.webp", **more):
        runs = refused(BAD_DATA, text, "{in}/set", *data_turns.next(), named=file, **more)
        runs += refused(BAD_DATA, text, f"{{in}}/set/{file}", *image_turns.next(), **more)
        return Case(mutation, {**others, f"set/{file}": data}, runs)

    lossy, lossless, alpha = (base.pictures[f"{name}.webp"] for name in ("lossy", "lossless", "alpha"))
    damage = "damaged WebP: "
    off = "damaged WebP: the file breaks off"
    for name, data in [("lossy", lossy), ("lossless", lossless), ("alpha", alpha)]:
        for size in [12, 16, 20, 28, len(data) // 2, len(data) - 3]:
            yield case(f"webp/{name}-cut-{size}", data[:size], off if size != 12 else damage)
    yield case("webp/riff-of-11", lossy[:11], "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture")
    yield case("webp/riff-size-0", lossy[:4] + little(0) + lossy[8:], damage)
    yield case("webp/riff-size-huge", lossy[:4] + b"\xff\xff\xff\xff" + lossy[8:], damage)
    yield case("webp/riff-size-less", lossy[:4] + little(20) + lossy[8:], damage)
    yield case("webp/is-wave", riff((b"fmt ", bytes(16), None), kind=b"WAVE"), "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture")
    yield case("webp/no-chunks", riff(), damage)
    yield case("webp/unknown-chunk", riff((b"ABCD", bytes(16), None)), damage)
    stream = lossy[20:]
    yield case("webp/chunk-size-lies", riff((b"VP8 ", stream, 1 << 20)), damage)
    yield case("webp/chunk-size-huge", riff((b"VP8 ", stream, 0xFFFFFFFF)), damage)
    yield case("webp/start-code", riff((b"VP8 ", stream[:3] + b"\0\0\0" + stream[6:], None)), damage)
    yield case("webp/inter-frame", riff((b"VP8 ", bytes([stream[0] | 1]) + stream[1:], None)), damage)
    yield case("webp/version-7", riff((b"VP8 ", bytes([stream[0] | 0x0E]) + stream[1:], None)), damage)
    yield case("webp/width-0", riff((b"VP8 ", stream[:6] + b"\0\0" + stream[8:], None)), damage)
    yield case("webp/height-0", riff((b"VP8 ", stream[:8] + b"\0\0" + stream[10:], None)), damage)
    yield case("webp/partition-lies", riff((b"VP8 ", bytes([stream[0], 0xFF, 0xFF]) + stream[3:], None)), damage)
    yield case("webp/16383-lossy", riff((b"VP8 ", stream[:6] + struct.pack("<HH", 0x3FFF, 0x3FFF) + stream[10:], None)), "16383 x 16383 pixels is larger than the limit")
    bits = lossless[20:]
    yield case("webp/lossless-signature", riff((b"VP8L", b"\0" + bits[1:], None)), damage)
    yield case("webp/lossless-version", riff((b"VP8L", bits[:4] + bytes([bits[4] | 0xE0]) + bits[5:], None)), damage)
    yield case("webp/lossless-16384", riff((b"VP8L", b"\x2f" + little(0x0FFFFFFF) + bits[5:], None)), "16384 x 16384 pixels is larger than the limit")
    # One colour alone: five codes of a single symbol each.
    flat = b"\x2f" + little(7999 | 7999 << 14) + b"\x88\x88\x08\0\0\0\0\0"
    yield case("webp/flat-8000-cut", riff((b"VP8L", flat[:7], None)), damage)
    noise = bytearray(bits)
    for place in range(8, len(noise), 3):
        noise[place] ^= 0xA5
    yield case("webp/lossless-noise", riff((b"VP8L", bytes(noise), None)), damage)
    extended = alpha[20:30]
    chunks = alpha[30:]
    yield case("webp/canvas-2-24", riff((b"VP8X", extended[:4] + b"\xff" * 6, None)) + chunks, damage + "|larger than the limit")
    yield case("webp/canvas-of-another-size", riff((b"VP8X", extended[:4] + b"\x1f\0\0\x1f\0\0", None))[:4] + little(len(alpha) - 8) + b"WEBPVP8X" + little(10) + extended[:4] + b"\x1f\0\0\x1f\0\0" + chunks, damage)
    yield case("webp/extended-without-picture", riff((b"VP8X", extended, None)), damage)
    yield case("webp/extended-of-4", riff((b"VP8X", extended[:4], None)), damage)
    place = alpha.index(b"ALPH") + 8
    yield case("webp/alpha-method", alpha[:place] + bytes([alpha[place] | 2]) + alpha[place + 1 :], damage)
    yield case("webp/alpha-length", alpha[: place - 4] + little(1 << 20) + alpha[place:], damage)
    yield case("webp/animated", base.pictures["animated.webp"], "an animated WebP picture: only still ones are read")

    def valid(mutation, data, file="p.webp", notes=""):
        return Case(mutation, {file: data}, accepted("{in}/" + file, ["predict", PHOTO_MODEL, "PATH", "--quiet"], text=file, notes=notes))

    yield valid("webp/valid-lossless", lossless)
    yield valid("webp/valid-alpha", alpha)
    yield valid("webp/valid-exif-lies", riff((b"VP8X", b"\x08\0\0\0\x0f\0\0\x0f\0\0", None), (b"VP8 ", stream, None), (b"EXIF", b"MM\0*\xff\xff\xff\xf0", None)))
    yield valid("webp/valid-called-jpg", lossy, file="p.jpg")

    # Netpbm.
    def netpbm(mutation, data, text):
        return case(f"netpbm/{mutation}", data, text, file="cats/5.pgm")

    body = bytes(range(64))
    yield netpbm("cut", b"P5 8 8 255\n" + body[:-1], "byte 11: expected 64 bytes of pixels, found 63")
    yield netpbm("no-pixels", b"P5 8 8 255\n", "byte 11: expected 64 bytes of pixels, found 0")
    yield netpbm("no-largest", b"P5 8 8", "byte 6: expected the largest value, a number from 1 to 65535")
    yield netpbm("only-magic", b"P5", "byte 2: expected the width, a number from 1 to 1000000")
    yield netpbm("width-0", b"P5 0 8 255\n" + body, "byte 3: expected the width, a number from 1 to 1000000")
    yield netpbm("height-negative", b"P5 8 -8 255\n" + body, "byte 5: expected the height, a number from 1 to 1000000")
    yield netpbm("width-of-twenty-digits", b"P5 99999999999999999999 8 255\n" + body, "byte 3: expected the width, a number from 1 to 1000000")
    yield netpbm("area", b"P5 50000 50000 255\n" + body, "50000 x 50000 pixels is larger than the limit")
    yield netpbm("claims", b"P6 8000 8000 255\n" + body, "byte 17: expected 192000000 bytes of pixels, found 64")
    yield netpbm("largest-0", b"P5 8 8 0\n" + body, "byte 7: expected the largest value, a number from 1 to 65535")
    yield netpbm("largest-65536", b"P5 8 8 65536\n" + body * 2, "byte 7: expected the largest value, a number from 1 to 65535")
    yield netpbm("pixel-too-large", b"P5 8 8 50\n" + body, "byte 61: expected a pixel of at most 50, found 51")
    yield netpbm("comment-without-end", b"P5 #" + b"a" * 100, "byte 104: expected the width")
    yield netpbm("plain-with-letters", b"P2 2 2 255\n1 2 x 4", "byte 15: expected a pixel, a number from 0 to 255")
    yield netpbm("plain-cut", b"P2 2 2 255\n1 2 3", "bytes cannot hold the 2 x 2 pixels|expected a pixel")
    yield netpbm("plain-too-large", b"P2 2 2 255\n1 2 256 4", "byte 15: expected a pixel, a number from 0 to 255")
    yield netpbm("plain-claims", b"P2 8000 8000 255\n1 2 3", "its bytes cannot hold the 8000 x 8000 pixels that it claims")
    for magic in [b"P1", b"P4", b"P7"]:
        yield netpbm(f"is-{magic.decode().lower()}", magic + b" 8 8 255\n" + body, "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture")
    yield valid("netpbm/valid-comments", b"P5 # a comment\n8 # another\r8\n255\n" + body, "p.pgm")
    yield valid("netpbm/valid-plain", b"P2\n2 2\n255\n0 60\n200 255", "p.pgm", notes="warning: .*")
    yield valid("netpbm/valid-16-bit", b"P5 8 8 1000\n" + b"".join(struct.pack(">H", value * 15) for value in body), "p.pgm")

"""JPEG pictures (ITU-T T.81), and the EXIF blocks in them."""

import struct

from corpus import BAD_DATA, DATA, IMAGE, PHOTO_MODEL, Case, Turns, accepted, refused
from formats import photos

PICTURE = "dogs/2.jpg"


def segments(data):
    """The segments before the first scan, as [marker, bytes], and the rest, which begins with the scan's marker."""
    place, found = 2, []
    while data[place + 1] != 0xDA:
        length = struct.unpack(">H", data[place + 2 : place + 4])[0]
        found.append([data[place + 1], data[place + 4 : place + 2 + length]])
        place += 2 + length
    return found, data[place:]


def joined(parts, rest, start=b"\xff\xd8"):
    return start + b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data for marker, data in parts) + rest


def exif(value, kind=3, count=1, start=8, entries=1, order=b"MM"):
    return b"Exif\0\0" + order + struct.pack(">HIHHHIHH", 42, start, entries, 0x0112, kind, count, value, 0) + bytes(4)


def cases(base):
    data_turns = Turns({name: command for name, command in DATA.items() if name not in ("check", "show")})
    image_turns = Turns(IMAGE)
    others = {f"set/{name}": data for name, data in photos().items() if name != "dogs/2.png"}
    grey, colour = base.pictures["grey.jpg"], base.pictures["colour.jpg"]
    parts, scan = segments(grey)
    markers = [marker for marker, _ in parts]
    frame = markers.index(0xC0)

    def case(mutation, data, text, **more):
        runs = refused(BAD_DATA, text, "{in}/set", *data_turns.next(), named=PICTURE, **more)
        runs += refused(BAD_DATA, text, f"{{in}}/set/{PICTURE}", *image_turns.next(), **more)
        return Case(f"jpeg/{mutation}", {**others, f"set/{PICTURE}": data}, runs)

    def changed(place, change, source=parts, rest=scan):
        copy = [list(part) for part in source]
        copy[place][1] = change(copy[place][1])
        return joined(copy, rest)

    def without(*gone):
        return joined([part for part in parts if part[0] not in gone], scan)

    # The file breaks off.
    for name, size in [("start", 2), ("marker", 3), ("length", 5), ("first-segment", 12), ("tables", 60)]:
        text = "byte 0: expected a JPEG" if size < 3 else r"byte \d+: .*(segment|marker|breaks off)"
        yield case(f"cut-in-{name}", grey[:size], text)
    place = 2
    for marker, data in parts:
        if marker in (0xC0, 0xC4):
            yield case(f"cut-in-{'frame' if marker == 0xC0 else f'codes-{place}'}", grey[: place + 6], rf"byte {place + 4}: expected {len(data)} bytes for a segment, found 2 bytes")
        place += 4 + len(data)
    scan_start = len(grey) - len(scan)
    yield case("cut-before-scan", grey[:scan_start], rf"byte {scan_start}: .*(marker|breaks off)")
    yield case("cut-in-scan-header", grey[: scan_start + 6], "(damaged JPEG|JPEG that cannot be read): ")
    yield case("cut-in-scan", grey[: scan_start + 10 + (len(scan) - 12) // 2], "damaged JPEG: the file breaks off")
    yield case("cut-before-end", grey[:-2], "damaged JPEG: the file breaks off")
    yield case("cut-in-end", grey[:-1], "damaged JPEG: the file breaks off")
    yield case("progressive-cut", base.pictures["progressive.jpg"][:-30], "damaged JPEG: the file breaks off")
    yield case("only-end", b"\xff\xd8\xff\xd9", "damaged JPEG: its size is missing")

    # Lengths of segments.
    def with_length(target, length):
        output = b"\xff\xd8"
        place = 0
        for marker, data in parts:
            own = struct.pack(">H", length) if marker == target else struct.pack(">H", len(data) + 2)
            if marker == target and not place:
                place = len(output) + 2
            output += b"\xff" + bytes([marker]) + own + data
        return output + scan, place

    for marker, name in [(0xE0, "application"), (0xDB, "quantization"), (0xC0, "frame"), (0xC4, "codes")]:
        for length in [0, 1]:
            data, place = with_length(marker, length)
            yield case(f"{name}-length-{length}", data, f"byte {place}: expected .*length of a segment.*(of 2|from 2|at least 2).*, found {length}")
        data, place = with_length(marker, 0xFFFF)
        yield case(f"{name}-length-65535", data, f"byte {place + 2}: expected 65533 bytes for a segment")
    for length in [0, 1, 0xFFFF]:
        yield case(f"scan-length-{length}", grey[: scan_start + 2] + struct.pack(">H", length) + grey[scan_start + 4 :], "(damaged JPEG|JPEG that cannot be read): ")
    yield case("frame-length-2", changed(frame, lambda data: b""), r"byte \d+: expected .*precision")
    yield case("frame-length-8", changed(frame, lambda data: data[:6]), r"byte \d+: expected .*component")

    # The frame.
    def frame_with(**fields):
        def change(data):
            precision, height, width, count = struct.unpack(">BHHB", data[:6])
            own = {"precision": precision, "height": height, "width": width, "count": count, "rest": data[6:], **fields}
            return struct.pack(">BHHB", own["precision"], own["height"], own["width"], own["count"]) + own["rest"]

        return changed(frame, change)

    yield case("frame-missing", without(0xC0), "damaged JPEG: its size is missing")
    yield case("frame-twice", joined(parts[: frame + 1] + [parts[frame]] + parts[frame + 1 :], scan), "(damaged JPEG|JPEG that cannot be read): ")
    yield case("width-0", frame_with(width=0), r"expected a width and a height of .*, found 0 x 16")
    yield case("height-0", frame_with(height=0), r"expected a width and a height of .*, found 16 x 0")
    yield case("65535-x-65535", frame_with(width=65535, height=65535), r"65535 x 65535 pixels is larger than the limit")
    yield case("50000-x-50000", frame_with(width=50000, height=50000), r"50000 x 50000 pixels is larger than the limit")
    yield case("claims-8000", frame_with(width=8000, height=8000), "damaged JPEG: its bytes cannot hold the 8000 x 8000 pixels that it claims")
    yield case("claims-100", frame_with(width=100, height=100), "damaged JPEG: ")
    yield case("claims-8", frame_with(height=8), "damaged JPEG: ")
    for count in [0, 2, 5, 255]:
        yield case(f"components-{count}", frame_with(count=count), f"it has {count} components, neither 1, 3 nor 4")
    yield case("components-3-of-1", frame_with(count=3), r"byte \d+: expected .*component")
    for precision in [0, 7, 12, 16]:
        yield case(f"precision-{precision}", frame_with(precision=precision), f"JPEG that cannot be read: Unsupported JPEG data precision {precision}")
    for sampling in [0x00, 0x01, 0x55, 0xFF]:
        yield case(f"sampling-{sampling:02x}", frame_with(rest=bytes([1, sampling, 0])), "JPEG that cannot be read: (Bogus sampling factors|.*sampl)")
    yield case("table-7", frame_with(rest=bytes([1, 0x11, 7])), "(damaged JPEG|JPEG that cannot be read): .*[Qq]uantization table")
    yield case("lossless-frame", joined([[0xC3 if marker == 0xC0 else marker, data] for marker, data in parts], scan), "JPEG that cannot be read: ")
    yield case("hierarchical-frame", joined([[0xC5 if marker == 0xC0 else marker, data] for marker, data in parts], scan), "JPEG that cannot be read: Unsupported JPEG process")

    # Tables.
    yield case("quantization-missing", without(0xDB), "(damaged JPEG|JPEG that cannot be read): .*[Qq]uantization table")
    codes = markers.index(0xC4)
    yield case("codes-too-many", changed(codes, lambda data: data[:1] + b"\xff" * 16 + data[17:]), "(damaged JPEG|JPEG that cannot be read): Bogus Huffman table definition")
    yield case("codes-overfull", changed(codes, lambda data: data[:1] + b"\3" + bytes(15) + b"\0\1\2"), "(damaged JPEG|JPEG that cannot be read): Bogus Huffman table definition")
    yield case("codes-table-9", changed(codes, lambda data: b"\x09" + data[1:]), "(damaged JPEG|JPEG that cannot be read): Bogus DHT index 9")
    yield case("quantization-table-9", changed(markers.index(0xDB), lambda data: b"\x09" + data[1:]), "(damaged JPEG|JPEG that cannot be read): Bogus DQT index 9")
    yield case("quantization-cut", changed(markers.index(0xDB), lambda data: data[:30]), "(damaged JPEG|JPEG that cannot be read): ")

    # The scan.
    yield case("scan-component-9", joined(parts, scan[:5] + b"\x09" + scan[6:]), "(damaged JPEG|JPEG that cannot be read): Invalid component ID 9 in SOS")
    yield case("scan-of-5", joined(parts, scan[:4] + b"\5" + scan[5:]), "(damaged JPEG|JPEG that cannot be read): ")
    yield case("scan-of-0", joined(parts, scan[:4] + b"\0" + scan[5:]), "(damaged JPEG|JPEG that cannot be read): ")
    yield case("scan-table-3", joined(parts, scan[:6] + b"\x33" + scan[7:]), "(damaged JPEG|JPEG that cannot be read): Huffman table 0x03 was not defined")
    yield case("scan-of-zeros", joined(parts, scan[:10] + bytes(len(scan) - 12) + b"\xff\xd9"), "damaged JPEG: ")
    yield case("scan-of-ones", joined(parts, scan[:10] + b"\xff\0" * 40 + b"\xff\xd9"), "damaged JPEG: ")
    yield case("scan-with-a-marker", joined(parts, scan[:30] + b"\xff\xc7" + scan[30:]), "damaged JPEG: |JPEG that cannot be read: ")
    restart = base.pictures["restart.jpg"]
    yield case("restart-missing", restart.replace(b"\xff\xd1", b""), "damaged JPEG: ")
    yield case("restart-wrong", restart.replace(b"\xff\xd1", b"\xff\xd5"), "damaged JPEG: ")
    progressive, scans = segments(base.pictures["progressive.jpg"])
    empty_scan = b"\xff\xda\0\x08\1\1\0\1\1\0"
    yield case("scans-600", joined(progressive, scans[:-2] + empty_scan * 600 + b"\xff\xd9"), "(damaged JPEG|JPEG that cannot be read): ")
    yield case("two-pictures-in-one", joined(parts, scan[:-2] + grey[2:]), "(damaged JPEG|JPEG that cannot be read): ")

    # Odd but valid.
    def valid(mutation, data, file="p.jpg"):
        return Case(f"jpeg/valid-{mutation}", {file: data}, accepted("{in}/" + file, ["predict", PHOTO_MODEL, "PATH", "--quiet"], text=file))

    def with_exif(block):
        return joined(parts[:1] + [[0xE1, block]] + parts[1:], scan)

    for value in [6, 8]:
        yield valid(f"orientation-{value}", with_exif(exif(value)))
    for name, block in [("orientation-9", exif(9)), ("orientation-0", exif(0)), ("orientation-of-type-4", exif(6, kind=4)), ("directory-far-away", exif(6, start=0xFFFFFFF0)), ("directory-at-0", exif(6, start=0)), ("65535-entries", exif(1, entries=0xFFFF).replace(b"\1\x12", b"\1\x13")), ("block-cut", exif(6)[:20]), ("block-of-6", b"Exif\0\0"), ("other-order", exif(6, order=b"XX"))]:
        yield valid(f"exif-{name}", with_exif(block))
    yield valid("progressive", base.pictures["progressive.jpg"])
    yield valid("inks", base.pictures["inks.jpg"])
    yield valid("colour", colour)
    yield valid("restart-markers", restart)
    yield valid("more-after-the-end", grey + b"more")
    yield valid("fill-bytes", grey[:2] + b"\xff\xff\xff" + grey[2:])
    yield valid("comment-of-65533", joined(parts[:1] + [[0xFE, b"a" * 65533]] + parts[1:], scan))
    yield valid("called-png", grey, file="p.png")
    yield valid("upper-case-name", grey, file="P.JPG")

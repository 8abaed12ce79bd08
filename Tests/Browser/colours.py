"""A data set of colour images for `check_page.py`: stripes of three classes that differ in their colour alone."""

import random
import struct
import zipfile
import zlib

SIDE = 32


def _array(values, shape):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(values)


def _image(draw, label):
    width = draw.randrange(3, 9)
    pixels = bytearray()
    for place in range(SIDE * SIDE):
        lit = place % SIDE // width % 2
        pixels += bytes(draw.randrange(160, 256) if lit and channel == label else draw.randrange(64) for channel in range(3))
    return bytes(pixels)


def write_dataset(path):
    """Writes an .npz file of 600 training and 150 test images; returns the test images, [row][column][channel], and their labels."""
    draw = random.Random(1)
    with zipfile.ZipFile(path, "w") as file:
        for part, count in (("train", 600), ("test", 150)):
            labels = [index % 3 for index in range(count)]
            images = [_image(draw, label) for label in labels]
            file.writestr(f"x_{part}.npy", _array(b"".join(images), (count, SIDE, SIDE, 3)))
            file.writestr(f"y_{part}.npy", _array(labels, (count,)))
    return images, labels


def planes(image):
    """The bytes of an image as Graft and its pages have them: [channel][row][column]."""
    return b"".join(image[channel::3] for channel in range(3))


def png(image):
    """An image as a PNG file."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + image[row * 3 * SIDE : (row + 1) * 3 * SIDE] for row in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

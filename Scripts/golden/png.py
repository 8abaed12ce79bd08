"""Makes png.json: small PNG files of every kind that Pillow writes, and their greys.

    python Scripts/golden/png.py [--out Tests/Golden/png.json]      (needs numpy, pillow)

Greys as Pillow's mode L, with what is transparent laid on white. Pillow's weights of the colours are 16-bit fractions, so a level may
differ by one. Pillow chooses a filter for each row, among all of the format but the third (the mean of left and above), for which one file
is written here.
"""
import base64
import io
import zlib

import common
import numpy as np
import PIL
from PIL import Image

options = common.arguments(__doc__, common.golden + '/png.json')
random = np.random.RandomState(2)
height, width = 9, 11
rows, columns = np.mgrid[0:height, 0:width]
smooth = ((rows * 13 + columns * 17) % 256).astype(np.uint8)
noise = random.randint(0, 256, (height, width, 4)).astype(np.uint8)
color = np.stack([smooth, noise[..., 1], 255 - smooth], axis=2)
half = np.concatenate([color, noise[..., 3:]], axis=2)
grey = Image.fromarray(smooth)


def on_white(image):
    rgba = image.convert('RGBA')
    white = Image.new('RGBA', rgba.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, rgba).convert('RGB').convert('L'))


cases = []


def add(name, image, expected=None, **settings):
    file = io.BytesIO()
    image.save(file, 'PNG', **settings)
    data = file.getvalue()
    shown = on_white(Image.open(io.BytesIO(data))) if expected is None else expected
    cases.append(dict(name=name, width=image.width, height=image.height, file=base64.b64encode(data).decode(),
                      greys=np.asarray(shown).ravel().tolist()))


add('grey, 8 bits', grey)
add('grey, 8 bits, noise', Image.fromarray(noise[..., 0]))
add('grey, 1 bit', Image.fromarray(smooth > 100))
add('grey, 16 bits', Image.fromarray(smooth.astype(np.uint16) * 256 + noise[..., 0]), expected=smooth)
add('grey and opacity', Image.fromarray(np.stack([smooth, noise[..., 0]], axis=2), 'LA'))
add('colours', Image.fromarray(color))
add('colours and opacity', Image.fromarray(half))
for bits in (1, 2, 4, 8):
    add(f'palette of {bits} bits', Image.fromarray(color).quantize(2 ** bits), bits=bits)
add('palette with opacity', Image.fromarray(half).quantize(16))
add('one grey is transparent', grey, expected=np.where(smooth == 13, 255, smooth), transparency=13)
add('one colour is transparent', Image.fromarray(color), transparency=tuple(int(part) for part in color[2, 3]))


def chunk(kind, data):
    return len(data).to_bytes(4, 'big') + kind + data + zlib.crc32(kind + data).to_bytes(4, 'big')


def by_means(greys):
    """The file of greys of which each is told by its difference from the mean of the one before it and the one above."""
    values = greys.astype(int)
    left = np.pad(values, ((0, 0), (1, 0)))[:, :-1]
    above = np.pad(values, ((1, 0), (0, 0)))[:-1]
    lines = b''.join(b'\3' + row.tobytes() for row in ((values - (left + above) // 2) % 256).astype(np.uint8))
    head = greys.shape[1].to_bytes(4, 'big') + greys.shape[0].to_bytes(4, 'big') + bytes([8, 0, 0, 0, 0])
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'tEXt', b'Comment\0means') + chunk(b'IDAT', zlib.compress(lines)[:9])
            + chunk(b'IDAT', zlib.compress(lines)[9:]) + chunk(b'IEND', b''))


data = by_means(noise[..., 2])
assert (np.asarray(Image.open(io.BytesIO(data))) == noise[..., 2]).all()
cases.append(dict(name='grey, filter 3, in two pieces', width=width, height=height, file=base64.b64encode(data).decode(),
                  greys=noise[..., 2].ravel().tolist()))
filters = set()
for case in cases:

    data = base64.b64decode(case['file'])
    place, packed = 8, b''
    while place < len(data):
        length = int.from_bytes(data[place:place + 4], 'big')
        if data[place + 4:place + 8] == b'IDAT':
            packed += data[place + 8:place + 8 + length]
        place += 12 + length
    raw = zlib.decompress(packed)
    filters |= {raw[row * (len(raw) // case['height'])] for row in range(case['height'])}
assert filters == {0, 1, 2, 3, 4}, filters
common.write(options.out, dict(made_by=f'Scripts/golden/png.py, Pillow {PIL.__version__}', cases=cases))

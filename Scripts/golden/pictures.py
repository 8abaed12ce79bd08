"""Makes pictures.json: small files of the kinds that cameras and programs write, and their pixels.

    python Scripts/golden/pictures.py [--out Tests/Golden/pictures.json]      (needs numpy, pillow)

Pixels as Pillow's mode RGB, or L for files of greys, upright; `greys` is the mode L of these. What is transparent is laid on white, from
Pillow's mode RGBA. Three kinds are computed from what was written instead: PNG of 16 bits, of which Pillow's greys are another mode, PNG
with a transparent colour of 16 bits, which Pillow compares with eight, and interlaced PNG, which Pillow does not write.
"""
import base64
import io
import zlib

import common
import numpy as np
import PIL
from PIL import Image, ImageOps

options = common.arguments(__doc__, common.golden + '/pictures.json')
random = np.random.RandomState(2)
height, width = 17, 23
rows, columns = np.mgrid[0:height, 0:width]
# No turn and no mirror leaves it as it is.
color = np.stack([60 + rows * 7, 70 + columns * 5, 190 - rows * 3 - columns * 3], axis=2)
color[2:6, 3:14] = 200, 80, 90
color[9:15, 2:5] = 70, 180, 120
color = color.astype(np.uint8)
grey = ((rows * 13 + columns * 17) % 256).astype(np.uint8)
opacity = random.randint(0, 256, (height, width)).astype(np.uint8)
opacity[:4] = 0
opacity[4:8] = 255
cases = []


def text(pixels):
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode()


def on_white(layers):
    """The channels before the last, with the last as their opacity."""
    layers = layers.astype(int)
    c, a = layers[..., :-1], layers[..., -1:]
    return ((2 * (c * a + 255 * (255 - a)) + 255) // 510).astype(np.uint8)


def seen(image):
    """Pillow's pixels of an image, [height, width] or [height, width, 3]."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ('LA', 'La'):
        return on_white(np.asarray(image))[..., 0]
    if image.mode in ('RGBA', 'PA') or 'transparency' in image.info:
        pixels = on_white(np.asarray(image.convert('RGBA')))
        return pixels[..., 0] if image.mode == 'L' else pixels
    return np.asarray(image.convert('L' if image.mode in ('1', 'L') else 'RGB'))


def add(name, data, expected=None, alpha=False, within=0, shrunk=()):
    """A file; `within` is the largest difference from Pillow's pixels: 0 if the same decoder makes them."""
    found = seen(Image.open(io.BytesIO(data)))
    pixels = found if expected is None else expected
    channels = 1 if pixels.ndim == 2 else 3
    greys = pixels if channels == 1 else np.asarray(Image.fromarray(pixels).convert('L'))
    case = dict(name=name, width=pixels.shape[1], height=pixels.shape[0], channels=channels, has_alpha=alpha, within=within,
                file=base64.b64encode(data).decode(), pixels=text(pixels), greys=text(greys), shrunk=[])
    for factor in shrunk:
        image = Image.open(io.BytesIO(data))
        image.draft(image.mode, (image.width // factor, image.height // factor))
        assert image.width == -(-width // factor)
        case['shrunk'].append(dict(factor=factor, width=image.width, height=image.height, pixels=text(seen(image))))
    cases.append(case)


def written(image, kind, orientation=None, **settings):
    file = io.BytesIO()
    if orientation:
        settings['exif'] = Image.Exif()
        settings['exif'][0x0112] = orientation
    image.save(file, kind, **settings)
    return file.getvalue()


# JPEG

def jpeg(name, image, orientation=None, shrunk=(), **settings):
    add('JPEG, ' + name, written(image, 'JPEG', orientation, quality=95, **settings), shrunk=shrunk)


picture = Image.fromarray(color)
for orientation in range(1, 9):
    jpeg(f'orientation {orientation}', picture, orientation)
assert len({case['pixels'] for case in cases}) == 8
jpeg('4:4:4', picture, subsampling='4:4:4')
jpeg('4:2:0', picture, subsampling='4:2:0', shrunk=(2, 4, 8))
jpeg('4:2:2, restarts', picture, subsampling='4:2:2', restart_marker_rows=1)
jpeg('progressive', picture, progressive=True, shrunk=(2, 4, 8))
jpeg('progressive, restarts', picture, progressive=True, restart_marker_blocks=1)
jpeg('red, green and blue as they are', picture, keep_rgb=True)
strong = random.randint(0, 2, (height, width, 3)).astype(np.uint8) * 255
jpeg('strong colours, 4:2:0', Image.fromarray(strong), subsampling='4:2:0')
jpeg('grey', Image.fromarray(grey), shrunk=(2, 4, 8))
jpeg('grey, progressive, turned', Image.fromarray(grey), 6, progressive=True)
jpeg('1 x 1', picture.crop((0, 0, 1, 1)))
inks = np.asarray(picture.convert('CMYK')).copy()
inks[..., 3] = 3 * rows + columns
inks = Image.fromarray(inks, 'CMYK')
jpeg('CMYK', inks)
jpeg('CMYK, turned', inks, 8)
# The same numbers, said to be luma, two differences and black.
data = written(inks, 'JPEG', quality=95)
place = data.index(b'Adobe') + 11
assert data[place] == 0
add('JPEG, YCCK', data[:place] + b'\2' + data[place + 1:])

# PNG


def chunk(kind, data):
    return len(data).to_bytes(4, 'big') + kind + data + zlib.crc32(kind + data).to_bytes(4, 'big')


def packed(samples, depth):
    """Rows of samples [height, width, channels], each with a filter of its own."""
    if depth == 16:
        lines = samples.astype('>u2').reshape(samples.shape[0], -1).view(np.uint8)
    else:
        flat = samples.reshape(samples.shape[0], -1).astype(np.uint8)
        bits = np.unpackbits(flat[..., None], axis=2)[..., 8 - depth:]
        lines = np.packbits(bits.reshape(samples.shape[0], -1), axis=1)
    step = max(1, samples.shape[2] * depth // 8)
    above = np.zeros(lines.shape[1], int)
    out = b''
    for row, line in enumerate(lines.astype(int)):
        left, corner = np.pad(line, (step, 0))[:len(line)], np.pad(above, (step, 0))[:len(line)]
        guess = left + above - corner
        distances = np.abs(np.stack([guess - left, guess - above, guess - corner]))
        paeth = np.choose(distances.argmin(axis=0), [left, above, corner])
        number = row % 5
        guess = [0, left, above, (left + above) // 2, paeth][number]
        out += bytes([number]) + ((line - guess) % 256).astype(np.uint8).tobytes()
        above = line
    return out


def png_file(samples, depth, kind, interlaced=False, before=b''):
    """A PNG file of samples [height, width, channels], its data in two chunks."""
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        parts = [samples[top::down, left::right] for top, left, down, right in passes]
        lines = b''.join(packed(part, depth) for part in parts if part.size)
    else:
        lines = packed(samples, depth)
    head = b''.join(side.to_bytes(4, 'big') for side in samples.shape[1::-1]) + bytes([depth, kind, 0, 0, interlaced])
    stream = zlib.compress(lines, 9)
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + before + chunk(b'IDAT', stream[:9]) + chunk(b'IDAT', stream[9:])
            + chunk(b'IEND', b''))


def png(name, samples, depth, kind, before=b'', expected=None, alpha=False):
    """Both kinds of files of the same samples."""
    samples = samples.reshape(height, width, -1)
    flat = png_file(samples, depth, kind, before=before)
    if expected is None:
        expected = seen(Image.open(io.BytesIO(flat)))
    add('PNG, ' + name, flat, expected, alpha)
    add('PNG, ' + name + ', interlaced', png_file(samples, depth, kind, True, before), expected, alpha)


noise = random.randint(0, 65536, (height, width, 4))
deep = np.concatenate([color.astype(int) * 256, opacity[..., None].astype(int) * 256], axis=2) + noise % 256
for depth in (1, 2, 4, 8):
    png(f'grey, {depth} bits', grey >> (8 - depth), depth, 0)
png('grey, 16 bits', deep[..., 0], 16, 0, expected=(deep[..., 0] >> 8).astype(np.uint8))
palette = random.randint(0, 256, (256, 3)).astype(np.uint8)
for depth in (1, 2, 4, 8):
    png(f'palette, {depth} bits', grey >> (8 - depth), depth, 3, chunk(b'PLTE', palette[:2 ** depth].tobytes()))
png('palette and opacities', grey >> 4, 4, 3, chunk(b'PLTE', palette[:16].tobytes()) + chunk(b'tRNS', bytes(range(0, 250, 25))),
    alpha=True)
png('grey, 8 bits, one transparent', grey, 8, 0, chunk(b'tRNS', bytes([0, 13])), alpha=True,
    expected=np.where(grey == 13, 255, grey).astype(np.uint8))
png('grey, 2 bits, one transparent', grey >> 6, 2, 0, chunk(b'tRNS', bytes([0, 2])), alpha=True,
    expected=np.where(grey >> 6 == 2, 255, (grey >> 6) * 85).astype(np.uint8))
png('colours', color, 8, 2, chunk(b'gAMA', (100000).to_bytes(4, 'big')))
png('colours, one transparent', color, 8, 2, chunk(b'tRNS', bytes([0, 200, 0, 80, 0, 90])), alpha=True)
png('colours, 16 bits', deep[..., :3], 16, 2, expected=(deep[..., :3] >> 8).astype(np.uint8))
one = deep[5, 20, :3].astype('>u2')
hidden = (deep[..., :3] == deep[5, 20, :3]).all(axis=2)
assert hidden.sum() == 1
png('colours, 16 bits, one transparent', deep[..., :3], 16, 2, chunk(b'tRNS', one.tobytes()), alpha=True,
    expected=np.where(hidden[..., None], 255, deep[..., :3] >> 8).astype(np.uint8))
layers = np.concatenate([color, opacity[..., None]], axis=2)
png('colours and opacity', layers, 8, 6, alpha=True)
png('colours and opacity, 16 bits', deep, 16, 6, alpha=True, expected=on_white(deep >> 8))
grey_layers = np.stack([grey, opacity], axis=2)
png('grey and opacity', grey_layers, 8, 4, alpha=True)
png('grey and opacity, 16 bits', deep[..., [0, 3]], 16, 4, alpha=True, expected=on_white(deep[..., [0, 3]] >> 8)[..., 0])
add('PNG, 1 x 1', png_file(color[:1, :1], 8, 2))
add('PNG, 1 x 1, interlaced', png_file(color[:1, :1], 8, 2, True))
add('PNG, turned', written(picture, 'PNG', 6))

# WebP. Another version of the library may round differently.


def webp(name, image, orientation=None, within=0, **settings):
    add('WebP, ' + name, written(image, 'WEBP', orientation, **settings), alpha=image.mode == 'RGBA', within=within)


webp('with loss', picture, quality=90, within=2)
webp('without loss', picture, lossless=True)
webp('with loss, opacity', Image.fromarray(layers, 'RGBA'), quality=90, within=2)
webp('without loss, opacity', Image.fromarray(layers, 'RGBA'), lossless=True, exact=True)
webp('turned', picture, 6, lossless=True)
webp('1 x 1', picture.crop((0, 0, 1, 1)), lossless=True)

common.write(options.out, dict(made_by=f'Scripts/golden/pictures.py, Pillow {PIL.__version__}', cases=cases))
print(len(cases), 'files')

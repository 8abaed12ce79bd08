"""Makes resampling.json: checksums of pictures that Pillow brought to another size.

    python Scripts/golden/resampling.py [--out Tests/Golden/resampling.json]      (needs numpy, pillow)

The pictures are made of a sequence of bytes that the tests make too: the upper eight bits of the states that follow the
seed, x -> 1664525 x + 1013904223 modulo 2^32 (Numerical Recipes, "ranqd1"). Strong pictures are black and white only. A
checksum is the CRC-32 of the samples; those of small pictures are there as well.

All pictures get their width first and then their height, as Pillow did up to version 12 and still does unless the
height shrinks much more than the width (its pull request 9549). Each pass has its own call here, so that the version
does not matter.

"resizing" is Image.resize of a picture or of the part of it that a smaller decoded picture covers. "fits" are whole
rules: torchvision's Resize and CenterCrop by its formulas, a plain resize, and ImageOps.pad.
"""
import zlib

import common
import numpy as np
import PIL
from PIL import Image, ImageOps

options = common.arguments(__doc__, common.golden + '/resampling.json')
filters = dict(bilinear=Image.BILINEAR, bicubic=Image.BICUBIC)
seeds = iter(range(1, 10_000))


def picture(width, height, channels, strong, seed):
    states = np.empty(width * height * channels, np.uint8)
    state = seed
    for i in range(len(states)):
        state = (state * 1664525 + 1013904223) % 2**32
        states[i] = state >> 24
    if strong:
        states = np.where(states < 128, 0, 255).astype(np.uint8)
    return Image.fromarray(states.reshape((height, width) if channels == 1 else (height, width, channels)))


def resize(image, new, filter, box=None):
    """Image.resize, the width before the height."""
    global others
    box = box or (0, 0) + image.size
    narrow = image.resize((new[0], image.height), filters[filter], box=(0, 0, box[2], image.height))
    out = narrow.resize(new, filters[filter], box=(0, 0, new[0], box[3]))
    others += out != image.resize(new, filters[filter], box=box)
    return out


def result(image):
    samples = image.tobytes()
    known = dict(crc=zlib.crc32(samples))
    if len(samples) <= 100:
        known['samples'] = list(samples)
    return known


def resized(name, size, new, channels, strong=False, shrink=1):
    """size: of the decoded picture, or the one before it was shrunk."""
    for filter in filters:
        seed = next(seeds)
        (width, height), box = [-(-side // shrink) for side in size], [0, 0] + [side / shrink for side in size]
        image = picture(width, height, channels, strong, seed)
        case = dict(name=name, width=size[0], height=size[1], shrink=shrink, channels=channels, strong=strong,
                    seed=seed, filter=filter, to_width=new[0], to_height=new[1])
        resizing.append(case | result(resize(image, new, filter, box)))


def crop(image, height, width, ratio, filter):
    """torchvision's Resize(int(size / ratio)) and CenterCrop(size). They know only squares; the larger of the two
    scales makes the picture cover another box."""
    w, h = image.size
    box_w, box_h = int(width / ratio), int(height / ratio)
    if height == width:
        short, long = (w, h) if w <= h else (h, w)
        new_short, new_long = box_w, int(box_w * long / short)
        new = (new_short, new_long) if w <= h else (new_long, new_short)
    elif box_w / w >= box_h / h:
        new = box_w, int(box_w * h / w)
    else:
        new = int(box_h * w / h), box_h
    image = resize(image, new, filter)
    top, left = int(round((new[1] - height) / 2.0)), int(round((new[0] - width) / 2.0))
    return new, image.crop((left, top, left + width, top + height))


def fitted(mode, size, height, width, channels=3, ratio=0.875, strong=False):
    for filter in filters:
        seed = next(seeds)
        image = picture(*size, channels, strong, seed)
        if mode == 'crop':
            new, out = crop(image, height, width, ratio, filter)
        elif mode == 'pad':
            new = ImageOps.contain(image, (width, height), filters[filter]).size
            out = ImageOps.pad(image, (width, height), filters[filter], color=0)
        else:
            new, out = (width, height), resize(image, (width, height), filter)
        assert out.size == (width, height)
        case = dict(mode=mode, width=size[0], height=size[1], channels=channels, strong=strong, seed=seed, ratio=ratio,
                    filter=filter, to_width=width, to_height=height, resized_width=new[0], resized_height=new[1])
        fits.append(case | result(out))


resizing, fits, others = [], [], 0
for channels in 1, 3:
    resized('down', (53, 37), (17, 11), channels)
    resized('down by much', (211, 97), (5, 3), channels)
    resized('down, strong', (53, 37), (17, 11), channels, strong=True)
    resized('up', (7, 5), (40, 33), channels)
    resized('up, strong', (7, 5), (40, 33), channels, strong=True)
    resized('up and down', (9, 64), (50, 21), channels, strong=True)
    resized('one pixel', (1, 1), (1, 1), channels)
    resized('one pixel up', (1, 1), (9, 4), channels)
    resized('to one pixel', (13, 31), (1, 1), channels)
    resized('two columns', (2, 40), (33, 16), channels)
    resized('long', (5000, 3), (32, 32), channels)
    resized('tall', (3, 5000), (70, 33), channels)
    resized('width only', (40, 24), (31, 24), channels)
    resized('height only', (40, 24), (40, 50), channels)
    resized('as it is', (40, 24), (40, 24), channels)
    resized('halved', (64, 48), (32, 24), channels)
    resized('one less', (64, 48), (63, 47), channels)
    resized('one more', (64, 48), (65, 49), channels)
    resized('decoded at a half', (133, 75), (33, 18), channels, shrink=2)
    resized('decoded at an eighth', (1001, 517), (29, 15), channels, strong=True, shrink=8)
    resized('decoded at a half to its own size', (133, 75), (67, 38), channels, shrink=2)
resized('photograph', (500, 375), (341, 256), 3)
fitted('crop', (500, 375), 224, 224)
fitted('crop', (333, 500), 224, 224)
fitted('crop', (32, 32), 32, 32, ratio=1.0)
fitted('crop', (33, 47), 32, 32, ratio=1.0)
fitted('crop', (47, 33), 32, 32, channels=1, ratio=0.95)
fitted('crop', (61, 45), 31, 31, strong=True)
fitted('crop', (45, 62), 31, 31, channels=1)
fitted('crop', (1, 1), 8, 8)
fitted('crop', (300, 3), 16, 16)
fitted('crop', (3, 300), 16, 16)
fitted('crop', (50, 40), 24, 48)
fitted('crop', (40, 90), 24, 48, ratio=0.9)
fitted('squash', (61, 45), 32, 20)
fitted('squash', (20, 32), 32, 20, channels=1)
fitted('pad', (61, 45), 32, 32)
fitted('pad', (45, 61), 32, 32, strong=True)
fitted('pad', (45, 60), 33, 21, channels=1)
fitted('pad', (10, 7), 31, 64)
fitted('pad', (40, 80), 16, 32)
fitted('pad', (80, 80), 16, 16)
print(others, 'results differ from one call of this version')
made_by = f'Scripts/golden/resampling.py, Pillow {PIL.__version__}'
common.write(options.out, dict(made_by=made_by, resizing=resizing, fits=fits))

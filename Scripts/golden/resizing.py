"""Makes resizing.json: grey images of another size, from Pillow.

    python Scripts/golden/resizing.py [--out Tests/Golden/resizing.json]      (needs numpy, pillow)

Image.resize(size, BILINEAR): a triangle filter at half-pixel centres, made wider by the ratio where the image shrinks.
Pillow works in fixed point and rounds between its two passes, so a grey level may differ by one from exact arithmetic.
"""
import common
import numpy as np
import PIL
from PIL import Image

options = common.arguments(__doc__, common.golden + '/resizing.json')
random = np.random.RandomState(1)
cases = []
for height, width, sizes in ((28, 28, [(14, 14), (20, 12), (32, 32), (7, 40), (1, 1)]), (9, 5, [(28, 28), (4, 5), (9, 2)]),
                             (1, 1, [(3, 2)]), (2, 3, [(1, 7), (4, 6)]), (37, 53, [(28, 28)])):
    noise = random.randint(0, 256, (height, width)) * (random.uniform(size=(height, width)) < 0.6)
    image = Image.fromarray(noise.astype(np.uint8))
    for h, w in sizes:
        resized = np.asarray(image.resize((w, h), Image.BILINEAR))
        cases.append(dict(height=height, width=width, to_height=h, to_width=w, pixels=np.asarray(image).ravel().tolist(),
                          resized=resized.ravel().tolist()))
common.write(options.out, dict(made_by=f'Scripts/golden/resizing.py, Pillow {PIL.__version__}', cases=cases))

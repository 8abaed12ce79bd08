"""Makes jpeg.json: small JPEG files of the kinds that cameras and programs write, and their greys.

    python Scripts/golden/jpeg.py [--out Tests/Golden/jpeg.json]      (needs numpy, pillow)

Greys as Pillow's mode L, upright. Pillow makes them from red, green and blue, clipped to 0 to 255; the luma that a file of strong colours
holds is another one.
"""
import base64
import io

import common
import numpy as np
import PIL
from PIL import Image, ImageOps

options = common.arguments(__doc__, common.golden + '/jpeg.json')
height, width = 17, 23
rows, columns = np.mgrid[0:height, 0:width]
# No turn and no mirror leaves it as it is.
color = np.stack([60 + rows * 7, 70 + columns * 5, 190 - rows * 3 - columns * 3], axis=2)
color[2:6, 3:14] = 200, 80, 90
color[9:15, 2:5] = 70, 180, 120
color = Image.fromarray(color.astype(np.uint8))
cases = []


def add(name, image, orientation=None, **settings):
    file = io.BytesIO()
    if orientation:
        exif = Image.Exif()
        exif[0x0112] = orientation
        settings['exif'] = exif
    image.save(file, 'JPEG', quality=95, **settings)
    data = file.getvalue()
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert('L')
    cases.append(dict(name=name, width=shown.width, height=shown.height, file=base64.b64encode(data).decode(),
                      greys=np.asarray(shown).ravel().tolist()))


for orientation in range(1, 9):
    add(f'orientation {orientation}', color, orientation)
add('colours, 4:4:4', color, subsampling='4:4:4')
add('colours, 4:2:0', color, subsampling='4:2:0')
add('colours, 4:2:2, restarts', color, subsampling='4:2:2', restart_marker_rows=1)
add('colours, progressive', color, progressive=True)
add('red, green and blue as they are', color, keep_rgb=True)
strong = np.random.RandomState(3).randint(0, 2, (height, width, 3)).astype(np.uint8) * 255
add('strong colours, 4:2:0', Image.fromarray(strong), subsampling='4:2:0')
add('grey', color.convert('L'))
add('grey, progressive, turned', color.convert('L'), 6, progressive=True)
inks = np.asarray(color.convert('CMYK')).copy()
inks[..., 3] = 3 * rows + columns
add('CMYK', Image.fromarray(inks, 'CMYK'))
add('CMYK, turned', Image.fromarray(inks, 'CMYK'), 8)
assert len({tuple(case['greys']) for case in cases[:8]}) == 8
common.write(options.out, dict(made_by=f'Scripts/golden/jpeg.py, Pillow {PIL.__version__}', cases=cases))

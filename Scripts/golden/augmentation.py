"""Makes augmentation.json: images rotated, scaled, slanted and shifted, from SciPy.

    python Scripts/golden/augmentation.py [--out Tests/Golden/augmentation.json]      (needs numpy, scipy)

scipy.ndimage.affine_transform(order=1, mode='grid-constant'): bilinear, background beyond the border. The map from output to
input is the inverse of: scale by a factor, slant (positive to the right, as in italics), rotate counter-clockwise, all around
the centre of the image, then shift to the right and down. Rows run downwards, and SciPy wants (row, column).
"""
import common
import numpy as np
import scipy
from scipy import ndimage

options = common.arguments(__doc__, common.golden + '/augmentation.json')
random = np.random.RandomState(1)
maps = [dict(rotation=15, scale=1, shear=0, shift_x=0, shift_y=0), dict(rotation=0, scale=1.1, shear=0, shift_x=0, shift_y=0),
        dict(rotation=0, scale=1, shear=10, shift_x=0, shift_y=0), dict(rotation=0, scale=1, shear=0, shift_x=1.25, shift_y=-0.5),
        dict(rotation=-12.5, scale=0.9, shear=-8, shift_x=-1.75, shift_y=0.625),
        dict(rotation=137, scale=1.6, shear=35, shift_x=2.5, shift_y=3.1)]


def forward(rotation, scale, shear):
    """On (x, y), y upwards: rotation · slant · scale."""
    turn, slant = np.radians(rotation), np.tan(np.radians(shear))
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array([[1, slant], [0, 1]]) * scale


cases = []
for height, width in ((28, 28), (9, 5), (1, 7), (1, 1)):
    image = (random.randint(0, 256, (height, width)) * (random.uniform(size=(height, width)) < 0.6)).astype(np.uint8)
    for known in maps:
        upwards = forward(known['rotation'], known['scale'], known['shear'])
        # To (row, column): x is the column, and a row is -y.
        change = np.array([[0, -1], [1, 0]])
        inverse = np.linalg.inv(change @ upwards @ np.linalg.inv(change))
        centre = np.array([(height - 1) / 2, (width - 1) / 2])
        shift = np.array([known['shift_y'], known['shift_x']])
        offset = centre - inverse @ (centre + shift)
        changed = ndimage.affine_transform(image.astype(np.float64), inverse, offset, order=1, mode='grid-constant', cval=0)
        cases.append(dict(height=height, width=width, **known, pixels=image.ravel().tolist(),
                          changed=np.floor(changed + 0.5).astype(int).ravel().tolist()))
common.write(options.out, dict(made_by=f'Scripts/golden/augmentation.py, SciPy {scipy.__version__}', cases=cases))

"""Writes `pictures.json`: small JPEG and WebP files, which take Pillow 11.

    python make_pictures.py
"""

import io
import json
from pathlib import Path

import PIL
from PIL import Image


def sample(mode, side=16):
    image = Image.new("RGB", (side, side))
    for y in range(side):
        for x in range(side):
            image.putpixel((x, y), (x * 16 % 256, y * 16 % 256, 128 if (x // 4 + y // 4) % 2 else 40))
    return image.convert(mode)


def encoded(image, kind, **settings):
    output = io.BytesIO()
    image.save(output, kind, **settings)
    return output.getvalue().hex()


faded = sample("RGBA")
faded.putalpha(Image.linear_gradient("L").resize((16, 16)))
files = {
    "grey.jpg": encoded(sample("L"), "JPEG", quality=50, optimize=True),
    "colour.jpg": encoded(sample("RGB"), "JPEG", quality=50, optimize=True),
    "progressive.jpg": encoded(sample("L"), "JPEG", quality=50, progressive=True, optimize=True),
    "inks.jpg": encoded(sample("CMYK", 8), "JPEG", quality=30, optimize=True),
    "restart.jpg": encoded(sample("L", 24), "JPEG", quality=30, optimize=True, restart_marker_blocks=1),
    "lossy.webp": encoded(sample("RGB"), "WEBP", quality=40, method=6),
    "lossless.webp": encoded(sample("RGB"), "WEBP", lossless=True, method=6),
    "alpha.webp": encoded(faded, "WEBP", quality=40, method=6),
    "animated.webp": encoded(sample("RGB", 8), "WEBP", save_all=True, append_images=[sample("L", 8).convert("RGB")], duration=100, lossless=True),
    "small.gif": encoded(sample("P", 8), "GIF"),
    "small.bmp": encoded(sample("L", 4), "BMP"),
    "small.tif": encoded(sample("L", 4), "TIFF"),
}
(Path(__file__).parent / "pictures.json").write_text(json.dumps({"made_by": f"Pillow {PIL.__version__}", "files": files}, indent=1) + "\n")

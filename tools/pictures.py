"""Pictures as small files: ``python -m tools.pictures FILE…`` in Odoo's environment."""

import sys
from pathlib import Path

#: What a picture may have: the Apps page loads ten of them.
LIMIT = 300_000


def shrink(path):
    """Write a picture anew with a palette of its own.

    :return: its size in bytes
    """
    from PIL import Image  # noqa: PLC0415 (Odoo brings it, ./dev itself runs without)

    picture = Image.open(path).convert("RGB")
    for colors in (256, 128, 64):
        small = picture.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        if path.stat().st_size <= LIMIT:
            break
    return path.stat().st_size


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"    {name}: {shrink(Path(name)) // 1000} kB")

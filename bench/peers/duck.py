"""DuckDB over Parquet: `python -m bench.peers.duck FOLDER FILE`. The files are written once and not timed.

Left out: caps a day, repeats, rising, after, limits of groups, gates and stages, disqualifier and fast track.
"""

import sys
import time
from pathlib import Path

import duckdb

from bench.figures import Figure, figures_write

_BEHAVIOR = """
SELECT lead_id,
    least(30, sum(9 * pow(0.5, age / 21)) FILTER (kind = 'page_view' AND (path LIKE '/pricing%' OR path LIKE '/demo%'))) AS a,
    max(10) FILTER (kind = 'page_view' AND path = '/pricing/enterprise') AS b,
    sum(4 * pow(0.5, age / 45)) FILTER (kind = 'page_view' AND path LIKE '/docs%' AND source IS DISTINCT FROM 'cold list') AS c,
    -8 * least(2, count(*) FILTER (kind = 'page_view' AND path = '/careers' AND age < 90)) AS d,
    CASE WHEN count(*) FILTER (kind = 'page_view' AND age < 7) >= 5 THEN 8 ELSE 0 END AS e,
    5 * least(4, count(DISTINCT subject) FILTER (kind IN ('download', 'content_read'))) AS f,
    sum(6 * greatest(0, 1 - age / 90)) FILTER (kind = 'video_watch' AND watched >= 75 AND value > 60) AS g,
    max(CASE WHEN age < 30 THEN 5 WHEN age < 60 THEN 2.5 ELSE 0 END) FILTER (kind = 'webinar_register') AS h,
    max(CASE WHEN age < 45 THEN 12 WHEN age < 120 THEN 2.4 ELSE 0 END) FILTER (kind = 'webinar_attend') AS i,
    max(30) FILTER (kind IN ('demo_request', 'form_submit') AND age < 30 AND (form = 'quote' OR form IS NULL)) AS j,
    max(-30 * pow(0.5, age / 180)) FILTER (kind IN ('unsubscribe', 'email_bounce')) AS k,
    -5 * least(4, min(age) // 30) AS l
FROM (SELECT *, regexp_extract(url, '^https://[^/]+([^?]*)', 1) AS path FROM 'activities.parquet')
GROUP BY lead_id
"""
_TOTAL = f"""
CREATE OR REPLACE TABLE totals AS
SELECT lead_id,
    CASE WHEN seniority IN ('c_level', 'vp') THEN 18 ELSE 0 END
    + CASE WHEN regexp_matches(title, '(?i)\\b(marketing|sales|operations)\\b') THEN 7 ELSE 0 END
    - CASE WHEN seniority = 'student' OR title ILIKE '%research%' THEN 25 ELSE 0 END
    + CASE WHEN employees BETWEEN 50 AND 2000 THEN 8 ELSE 0 END
    + CASE WHEN revenue >= 50000000 AND industry <> 'Public Sector' THEN 6 ELSE 0 END
    + CASE WHEN technologies LIKE '%Django%' OR technologies LIKE '%PostgreSQL%' THEN 6 ELSE 0 END
    + CASE WHEN country IN ('DE', 'AT', 'CH', 'FR', 'GB', 'US') THEN 5 ELSE 0 END
    + CASE WHEN phone <> '' THEN 3 ELSE 0 END - CASE WHEN email LIKE '%@mail.example' THEN 10 ELSE 0 END
    - CASE WHEN is_suspect = 't' THEN 15 ELSE 0 END - CASE WHEN domain LIKE '%.rival.example' THEN 50 ELSE 0 END
    + CASE WHEN plan IN ('business', 'enterprise') AND seats > 20 THEN 9 ELSE 0 END
    + CASE WHEN created_days <= 14 THEN 5 ELSE 0 END + CASE WHEN need IS NOT NULL AND budget >= 5000 THEN 12 ELSE 0 END
    + coalesce(a, 0) + coalesce(b, 0) + coalesce(c, 0) + coalesce(d, 0) + coalesce(e, 0) + coalesce(f, 0) + coalesce(g, 0)
    + greatest(coalesce(h, 0), coalesce(i, 0)) + coalesce(j, 0) + coalesce(k, 0) + coalesce(l, -20) AS total
FROM 'people.parquet' LEFT JOIN ({_BEHAVIOR}) USING (lead_id)
"""
TIMES = 3


def main() -> None:
    folder, path = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    base = duckdb.connect()
    base.execute("SET threads = 2")
    base.execute(f"SET file_search_path = '{folder}'")
    for name in ("activities", "people"):
        base.execute(
            f"COPY (SELECT * FROM read_csv('{folder / name}.csv', all_varchar = false, sample_size = 200000,"
            f" types = {{{_TYPES[name]}}})) TO '{folder / name}.parquet' (FORMAT parquet)"
        )
    runs = []
    for _ in range(TIMES):
        start = time.perf_counter()
        base.execute(_TOTAL)
        runs.append(time.perf_counter() - start)
    many = base.execute("SELECT count(*) FROM totals").fetchone()
    note = f"two threads, {many[0] if many else 0:,} totals; no caps a day, repeats, rising, after, limits or stages; nothing written back"
    title = f"DuckDB {duckdb.__version__} over Parquet, floating point"
    figures_write(path, [Figure(key="peer-duckdb", title=title, unit="s", runs=runs, note=note)])


_TYPES = {
    "activities": "'subject': 'VARCHAR', 'source': 'VARCHAR', 'form': 'VARCHAR', 'watched': 'DOUBLE', 'value': 'DOUBLE', 'url': 'VARCHAR'",
    "people": "'is_suspect': 'VARCHAR', 'plan': 'VARCHAR', 'need': 'VARCHAR', 'budget': 'BIGINT', 'seats': 'BIGINT', 'phone': 'VARCHAR'",
}

if __name__ == "__main__":
    main()

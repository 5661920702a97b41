"""Activities as rows for COPY, in the order in which they came in, as a product that lives has them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.generator.chance import counts, weighted, zipf
from bench.generator.people import DAYS, People
from bench.generator.vocabulary import CAMPAIGNS, HOT_KINDS, KINDS, PAGES, SOURCES, SUBJECTS, page

COLUMNS = (
    "id", "feed", "message_id", "lead_id", "visitor", "kind", "occurred_at", "received_at", "url", "subject", "value",
    "source", "properties", "is_bot", "bot_reason", "withdrawn_at", "sent_hash",
)  # fmt: skip
FEED = "web"
CHUNK = 200_000
_KIND_NAMES = tuple(name for name, _share in KINDS)
_NUMBER = {name: number for number, name in enumerate(_KIND_NAMES)}
_DEVICES = ("mobile", "tablet")


@dataclass(frozen=True, kw_only=True)
class Doings:
    """One entry an activity, oldest first. `lead` is -1 for a visitor whom nobody knows."""

    lead: NDArray[np.int64]
    seconds: NDArray[np.int64]
    kind: NDArray[np.int64]


def doings_draw(rng: np.random.Generator, people: People, *, total: int) -> Doings:
    """Sessions of some four activities; those of hot leads lie in the last weeks, the others mostly soon after they came."""
    many = counts(rng, leads=people.leads, total=total, boost=np.where(people.is_hot, 3.0, 1.0))
    lead = np.repeat(np.arange(people.leads), many)
    sessions = (many + 3) // 4
    begin = np.concatenate(([0], np.cumsum(sessions)))
    of_session = np.repeat(np.arange(people.leads), sessions)
    hot = people.is_hot[of_session]
    drawn = rng.random(len(of_session))
    age = people.age_days[of_session]
    back = np.where(hot, np.minimum(rng.exponential(12, len(of_session)), age), age * (1 - drawn**2))
    session = begin[lead] + (rng.random(len(lead)) * sessions[lead]).astype(np.int64)
    now = int(people.now.timestamp())
    seconds = now - (back[session] * 86_400).astype(np.int64) - rng.exponential(600, len(lead)).astype(np.int64)
    kind = weighted(rng, np.array([share for _name, share in KINDS]), len(lead))
    extra = people.is_hot[lead] & (rng.random(len(lead)) < 0.03)
    hot_kinds = np.array([_NUMBER[name] for name in HOT_KINDS])
    kind[extra] = hot_kinds[rng.integers(0, len(hot_kinds), int(extra.sum()))]
    order = np.argsort(seconds, kind="stable")
    lead = np.where(rng.random(len(lead)) < 0.02, -1, lead)
    return Doings(lead=lead[order], seconds=np.clip(seconds, now - (DAYS + 30) * 86_400, now)[order], kind=kind[order])


def doing_rows(rng: np.random.Generator, doings: Doings) -> Iterator[str]:
    """Texts of many lines of COPY each, in the order of COLUMNS."""
    for start in range(0, len(doings.lead), CHUNK):
        yield _lines(rng, doings, start, min(start + CHUNK, len(doings.lead)))


def _lines(rng: np.random.Generator, doings: Doings, start: int, stop: int) -> str:
    size = stop - start
    moments = np.datetime_as_string(doings.seconds[start:stop].astype("datetime64[s]"), timezone="UTC").tolist()
    kinds = doings.kind[start:stop].tolist()
    pages = zipf(rng, among=PAGES, size=size).tolist()
    campaigns = zipf(rng, among=CAMPAIGNS, size=size).tolist()
    ranks = rng.random(size).tolist()
    sources = zipf(rng, among=len(SOURCES), size=size).tolist()
    drawn = rng.random((size, 3))
    how, mark, number = drawn[:, 0].tolist(), drawn[:, 1].tolist(), drawn[:, 2].tolist()
    hashes = rng.bytes(32 * size).hex()
    rows = []
    for at, lead in enumerate(doings.lead[start:stop].tolist()):
        key, kind = start + at + 1, _KIND_NAMES[kinds[at]]
        url, subject, value, properties = _content(
            kind, pages[at], campaigns[at], ranks[at], how[at], number[at], hashes[64 * at : 64 * at + 12]
        )
        is_bot = mark[at] < 0.025 and kind in {"page_view", "email_click", "email_open"}
        rows.append(
            f"{key}\t{FEED}\tm{key}\t{lead + 1 if lead >= 0 else NULL}\t{'' if lead >= 0 else f'v{key % 9973}'}\t{kind}\t"
            f"{moments[at]}\t{moments[at]}\t{url}\t{subject}\t{value}\t{SOURCES[sources[at]] if url else ''}\t"
            f"{properties}\t{'t' if is_bot else 'f'}\t{'user_agent' if is_bot else ''}\t"
            f"{moments[at] if mark[at] > 0.997 else NULL}\t{hashes[64 * at : 64 * at + 64]}\n"
        )
    return "".join(rows)


NULL = "\\N"


def _content(
    kind: str, number: int, campaign: int, rank: float, how: float, amount: float, unique: str
) -> tuple[str, str, str, str]:
    """Address, subject, value and properties. One view in a hundred has an address that nobody else has."""
    subject = ""
    if kind in SUBJECTS:
        name, among = SUBJECTS[kind]
        subject = f"{name} {int(among * rank**2.5)}"
    if kind in {"page_view", "session", "form_submit", "download", "site_search"}:
        query = f"?gclid={unique}" if how < 0.01 else f"?utm_campaign=c{campaign}" if how < 0.2 else ""
        url = f"https://www.example.com{page(number)}{query}"
    else:
        url = ""
    match kind:
        case "video_watch":
            return url, subject, str(int(100 * amount)), f'{{"watched_percent": {25 * int(1 + 4 * amount)}}}'
        case "session" | "call":
            return url, subject, str(int(1_800 * amount**3)), "{}"
        case "form_submit":
            return url, subject, NULL, f'{{"form": "{("contact", "quote", "newsletter")[int(3 * amount)]}"}}'
        case "page_view" if how > 0.85:
            return url, subject, NULL, f'{{"device": "{_DEVICES[int(2 * amount)]}"}}'
    return url, subject, NULL, "{}"

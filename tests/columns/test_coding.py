"""Equal keys have one code, wherever among all numbers they lie and in however many pieces they come."""

import json

import numpy as np
import pytest

from scoring.columns.coding import Coder, HashesCollideError, text_json

ENDS = [-(2**63), -(2**63) + 1, -1, 0, 1, 2**63 - 2, 2**63 - 1]


@pytest.mark.parametrize(("distinct", "rows"), [(0, 50), (30, 200), (3_000, 9_000)])
def test_each_key_has_a_code_of_its_own(distinct: int, rows: int) -> None:
    random = np.random.default_rng(7)
    # Some lie close together: then what their first bits say is of no help.
    near = np.arange(distinct // 3) + 2**40
    pool = np.concatenate([np.array(ENDS), near, random.integers(-(2**63), 2**63 - 1, distinct)])
    coder = Coder()
    seen: dict[int, int] = {0: 0}
    for piece in range(3):
        keys = random.choice(pool, rows)
        codes = coder.codes(keys, keys ^ 99 * (keys != 0), np.arange(rows) + rows * piece)
        for key, code in zip(keys.tolist(), codes.tolist(), strict=True):
            assert seen.setdefault(key, code) == code
    assert len(set(seen.values())) == len(seen) == len(coder)
    assert {key: int(coder.keys[code]) for key, code in seen.items()} == {key: key for key in seen}


def test_a_key_with_another_check_is_told() -> None:
    coder = Coder()
    coder.codes(np.array([5, 6]), np.array([1, 2]), np.array([1, 2]))
    with pytest.raises(HashesCollideError):
        coder.codes(np.array([6]), np.array([3]), np.array([3]))


@pytest.mark.parametrize("text", ["", 'a "quoted" \\ one', "ä\u2028\x00\x1f\x7f", "\n\t😀"])
def test_texts_are_written_as_json_writes_them(text: str) -> None:
    assert text_json(text) == json.dumps(text, ensure_ascii=False).encode()

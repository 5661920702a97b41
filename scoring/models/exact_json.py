"""Documents in the database with their numbers exact: what is read back judges as what was written."""

import json
from decimal import Decimal
from typing import Any

from scoring.engine.json_text import plain, write_json


class ExactEncoder(json.JSONEncoder):
    """Writes Decimals by their digits, where the standard encoder refuses them."""

    def encode(self, o: Any) -> str:
        return write_json(o)


class ExactDecoder(json.JSONDecoder):
    """Reads a fraction as float where a float says exactly the same, else as Decimal."""

    def __init__(self) -> None:
        super().__init__(parse_float=_fraction)


def _fraction(text: str) -> Any:
    return plain(Decimal(text))

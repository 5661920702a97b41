"""A million rows go through in constant memory: what is held does not grow with the file."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.prove

# Of resident memory, between a file of ten thousand rows and one of a million.
MOST_GROWTH = 60 * 1024**2
READ = """
import json, resource, sys
from pathlib import Path
import django
django.setup()
from crm.ingestion.looking import file_look
from crm.ingestion.mapped import table_mapped
from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.pipeline import _batches
from crm.ingestion.source import table_opened
from crm.ingestion.suggesting import mapping_suggest
path = Path(sys.argv[1])
look = file_look(path, file_name=path.name)
mapping = mapping_from_document(mapping_suggest(look))
rows = problems = 0
with table_opened(path, look.rules) as table:
    for batch in _batches(table_mapped(table, mapping).rows()):
        rows += len(batch)
        problems += sum(bool(found.read.problems) for found in batch)
print(json.dumps([rows, problems, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""
HEADER = "Id,Mail,Vorname,Company,Land,Employees,Since\n"


def row(number):
    firm = number % 997
    day = f"2026-04-{number % 28 + 1:02}"
    return [number, f"p{number}@c{firm}.example", "Ann", f"Firm {firm}", "Polska", number % 500, day]


def table(path, rows):
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        for number in range(rows):
            stream.write(
                f"{number},p{number}@c{number % 997}.example,Ann,Firm {number % 997},Polska,{number % 500},2026-04-{number % 28 + 1:02}\n"
            )


def book(path, rows):
    from openpyxl import Workbook

    whole = Workbook(write_only=True)
    sheet = whole.create_sheet("Leads")
    sheet.append(HEADER.strip().split(","))
    for number in range(rows):
        sheet.append(
            [
                number,
                f"p{number}@c{number % 997}.example",
                "Ann",
                f"Firm {number % 997}",
                "Polska",
                number % 500,
                f"2026-04-{number % 28 + 1:02}",
            ]
        )
    whole.save(path)


def read(path):
    """`(rows, rows with problems, bytes resident at most)` of a process that reads the file as an import does."""
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    return tuple(json.loads(done.stdout))


@pytest.mark.parametrize(("write", "name"), [(table, "leads.csv"), (book, "leads.xlsx")])
def test_a_million_rows_take_no_more_memory_than_ten_thousand(tmp_path, write, name):
    few, many = tmp_path / f"few-{name}", tmp_path / f"many-{name}"
    write(few, 10_000)
    write(many, 1_000_000)

    small, large = read(few), read(many)

    assert (small[:2], large[:2]) == ((10_000, 0), (1_000_000, 0))
    assert large[2] - small[2] < MOST_GROWTH

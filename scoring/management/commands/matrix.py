"""`manage.py matrix export|import|lint|diff`: matrices as files, so that they can live in version control."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from kernel.errors import LeadscoreError
from scoring.engine import Matrix, plain, write_json
from scoring.engine.diff import diff
from scoring.engine.lint import lint
from scoring.loader import Format, document_from_text
from scoring.models import MatrixVersion, ScoringModel
from scoring.services.matrices import matrix_checked, model_create, version_create
from scoring.wording import change_sentence, finding_sentence
from scoring.yaml_text import yaml_write

WHERE = "a file (.yaml, .yml or .json), or a version as model@number or model@live"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A document and where it came from."""

    name: str
    document: object


class Command(BaseCommand):
    help = "Export, import, check and compare scoring matrices as YAML or JSON."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=argparse.ArgumentParser)
        export = verbs.add_parser("export", help="write a version as a file")
        export.add_argument("source", metavar="MODEL@NUMBER", help="the version, or MODEL@live")
        export.add_argument("--to", type=Path, metavar="FILE", help="the file; else YAML is printed")
        importing = verbs.add_parser("import", help="make a draft from a file")
        importing.add_argument("source", metavar="FILE")
        importing.add_argument("--model", required=True, metavar="KEY", help="the model; made if there is none")
        importing.add_argument("--note", default="", help="kept with the version")
        checking = verbs.add_parser("lint", help="check against what guides advise; exits 1 on errors")
        checking.add_argument("source", help=WHERE)
        comparing = verbs.add_parser("diff", help="say in words what differs")
        comparing.add_argument("before", help=WHERE)
        comparing.add_argument("after", help=WHERE)

    def handle(self, *, verb: str, **options: object) -> None:
        try:
            getattr(self, f"matrix_{verb}")(**options)
        except LeadscoreError as error:
            lines = [error.detail, *(f"  {each.pointer or '/'}: {each.detail}" for each in error.problems)]
            raise CommandError("\n".join(lines)) from error

    def matrix_export(self, *, source: str, to: Path | None, **_: object) -> None:
        document = _source(source).document
        if to is None:
            self.stdout.write(yaml_write(document), ending="")
            return
        text = f"{write_json(plain(document))}\n" if _format(to) == "json" else yaml_write(document)
        to.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {source} to {to}.")

    def matrix_import(self, *, source: str, model: str, note: str, **_: object) -> None:
        document = _from_file(Path(source))
        matrix = matrix_checked(document)
        found = ScoringModel.objects.filter(slug=model).first() or model_create(slug=model, name=matrix.name)
        version = version_create(model=found, document=document, origin=f"file {Path(source).name}"[:120], note=note)
        self.stdout.write(f"{model}@{version.number} is a draft, {version.checksum}.")

    def matrix_lint(self, *, source: str, **_: object) -> None:
        matrix = _matrix(source)
        findings = lint(matrix)
        for finding in findings:
            self.stdout.write(f"{finding.code} {finding.severity}: {finding_sentence(finding, matrix)}")
        errors = sum(finding.severity == "error" for finding in findings)
        if errors:
            raise CommandError(f"{errors} errors block a publication.")
        self.stdout.write(f"{len(findings)} findings, none blocks a publication.")

    def matrix_diff(self, *, before: str, after: str, **_: object) -> None:
        changes = diff(_matrix(before), _matrix(after))
        for change in changes:
            self.stdout.write(change_sentence(change))
        if not changes:
            self.stdout.write("No difference.")


def _matrix(name: str) -> Matrix:
    return matrix_checked(_source(name).document)


def _source(name: str) -> Source:
    slug, at, number = name.rpartition("@")
    if not at:
        return Source(name=name, document=_from_file(Path(name)))
    versions = MatrixVersion.objects.filter(model__slug=slug)
    if number == "live":
        version = versions.filter(state=MatrixVersion.State.PUBLISHED).first()
    else:
        version = versions.filter(number=number).first() if number.isascii() and number.isdigit() else None
    if version is None:
        raise CommandError(f"There is no version {name}: name it as model@number or model@live.")
    return Source(name=name, document=version.document)


def _from_file(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    return document_from_text(text, _format(path))


def _format(path: Path) -> Format:
    match path.suffix.lower():
        case ".json":
            return "json"
        case ".yaml" | ".yml":
            return "yaml"
    raise CommandError(f"{path} is neither .yaml, .yml nor .json: name it so that its format is known.")

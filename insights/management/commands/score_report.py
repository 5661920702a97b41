"""`manage.py score_report`: a model's totals against what became of the leads, beside any other score they carry."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from insights.reports import OutcomeReport, outcome_report
from kernel.errors import BadRequestError
from scoring.models import ScoringModel


class Command(BaseCommand):
    help = "Print how well a model's totals tell leads that converted from those that did not (AUC), with deciles."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--model", required=True, help="key of the scoring model")
        parser.add_argument("--outcome", required=True, help="yes-or-no lead attribute that says who converted")
        parser.add_argument(
            "--rival",
            action="append",
            default=[],
            metavar="NAME=ATTRIBUTE[+ATTRIBUTE]",
            help="another score to hold beside ours: the sum of lead attributes; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        model = ScoringModel.objects.filter(slug=options["model"]).first()
        if model is None:
            raise CommandError(_("There is no scoring model “%(slug)s”.") % {"slug": options["model"]})
        rivals: dict[str, list[str]] = {}
        for text in options["rival"]:
            name, equals, fields = text.partition("=")
            if not equals or not fields:
                raise CommandError(_("Write --rival as NAME=ATTRIBUTE or NAME=ATTRIBUTE+ATTRIBUTE."))
            rivals[name] = fields.split("+")
        try:
            report = outcome_report(model=model, outcome=options["outcome"], rivals=rivals)
        except BadRequestError as error:
            raise CommandError(error.detail) from None
        self.stdout.write("\n".join(self.lines(model, report)))

    def lines(self, model: ScoringModel, report: OutcomeReport) -> list[str]:
        """The report as it is printed."""
        share = 100 * report.converted / report.leads
        lines = [
            f"{model.name} ({model.slug}): {report.leads} leads, {report.converted} converted ({share:.2f} %)",
            "",
            f"{'score':<32}{'leads':>8}{'its AUC':>10}{'our AUC':>10}",
            f"{model.slug:<32}{report.leads:>8}{'':>10}{_figure(report.auc):>10}",
        ]
        lines += [f"{r.name:<32}{r.leads:>8}{_figure(r.theirs):>10}{_figure(r.ours):>10}" for r in report.rivals]
        lines += ["", f"{'total':<16}{'leads':>8}{'converted':>11}{'rate':>9}{'95 % interval':>20}"]
        for band in report.bands:
            rate = band.rate
            interval = f"{100 * rate.low:.1f} – {100 * rate.high:.1f} %" if rate else ""
            percent = f"{100 * rate.share:.1f} %" if rate else ""
            span = f"{band.lowest} to {band.highest}"
            lines.append(f"{span:<16}{band.leads:>8}{band.converted:>11}{percent:>9}{interval:>20}")
        return lines


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"

"""Print an agreement's whole tree with scores and their working."""
import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from indicators.models import Agreement
from scoring.queries.summary import NoSuchRound
from scoring.tree import agreement_tree, tree_lines


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--agreement", required=True, help="its code, e.g. moi-2559")
        parser.add_argument("--round", type=int, choices=(6, 9, 12), help="months; the latest open one unless given")
        parser.add_argument("--json", action="store_true", help="the tree as JSON instead of an outline")
        parser.add_argument("--lang", choices=("th", "en"), default="th", help="language of the working")

    def handle(self, *args, **options):
        agreement = Agreement.objects.select_related("unit", "fiscal_year").filter(code=options["agreement"]).first()
        if agreement is None:
            codes = ", ".join(Agreement.objects.values_list("code", flat=True)) or "none"
            raise CommandError(f"There is no agreement '{options['agreement']}'. Known: {codes}.")
        try:
            with translation.override(options["lang"]):
                tree = agreement_tree(agreement, options["round"], options["lang"])
        except NoSuchRound as error:
            known = ", ".join(map(str, error.known)) or "none"
            asked = f"{options['round']}-month round"
            raise CommandError(f"{agreement.code} has no {asked}. Its rounds: {known}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(tree, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(tree_lines(tree)))

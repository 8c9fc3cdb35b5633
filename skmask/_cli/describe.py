"""``skmask describe``: a model in words."""

from skmask._cli.arguments import add_model
from skmask._cli.models import load_model
from skmask._describe import describe

HELP = """Say what a model does, in words for the methods section of a paper.

  skmask describe model.skops
"""


def add_arguments(parser):
    """Add the arguments of this command."""
    add_model(parser)


def run(options):
    """Print the sentences."""
    print(describe(load_model(options.model, trust=options.trust)))
    return 0

"""What the judges share: their environments, the service under judgement, and their verdicts.

Only the standard library of Python 3.11 is used here. A judge's own packages are in an environment of its own.
"""

from pathlib import Path

JUDGES = Path(__file__).resolve().parent.parent
ROOT = JUDGES.parent.parent

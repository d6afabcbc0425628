# SPDX-License-Identifier: GPL-2.0-or-later
"""What was measured, in a file: document.py makes doc/performance.md of it. A run
replaces what it measures itself and leaves the rest."""
import json
import time

from server import RUN

FILE = RUN / "results.json"


def read():
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def keep(section, figures):
    results = read()
    results[section] = dict(figures, measured=time.strftime("%Y-%m-%d %H:%M", time.gmtime()))
    FILE.write_text(json.dumps(results, indent=1))


def spread(values):
    """Median, quartiles, range."""
    values = sorted(values)
    quarter = len(values) // 4
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
    return {"n": len(values), "median": middle, "quartiles": [values[quarter], values[-1 - quarter]],
            "range": [values[0], values[-1]]}


def in_words(one):
    return (f"median {one['median']:.3f}   quartiles {one['quartiles'][0]:.3f} .. {one['quartiles'][1]:.3f}"
            f"   range {one['range'][0]:.3f} .. {one['range'][1]:.3f}")

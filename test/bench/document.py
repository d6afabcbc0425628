#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes what bench.py has measured last (results.py) into doc/performance.md, between its
marks, and draws doc/performance.svg (gnuplot).

  document.py PAGE PICTURE
"""
import re
import subprocess
import sys
from pathlib import Path

import results
from bench import SCENARIOS, VARIANTS
from scale import BUDGET_BYTES, BUDGET_RATIO, MOST_MS

SHORT = {"stateless": "stateless answer", "save": "registrar", "proxy": "stateful proxy"}
NAMES = {"on": "ims_regmon", "sanity": "sanity", "siptrace": "siptrace, HEP", "htable": "script, htable"}


def need(figures, section):
    if section not in figures:
        raise SystemExit(f"{section} was not measured yet: run make bench")
    return figures[section]


def table(heads, rows):
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def instructions(figures):
    measured = {scenario: need(figures, scenario) for scenario in SCENARIOS}
    rows = [["nothing"] + [f"{one['off']:,.0f}" for one in measured.values()]]
    for variant, name in VARIANTS.items():
        rows.append([name] + [f"{one['added'][variant]:+,.0f} ({100 * one['added'][variant] / one['off']:+.1f} %)"
                              for one in measured.values()])
    rows.append(["budget of ims_regmon"] + [f"+{one['budget']:,}" for one in measured.values()])
    rows.append(["allocations of ims_regmon"] + [f"{abs(one['allocations']['on']):.2f}" for one in measured.values()])
    return table(["instructions per REGISTER", *(SHORT[scenario] for scenario in SCENARIOS)], rows)


def phases(figures):
    measured = [need(figures, scenario)["phases"] for scenario in SCENARIOS]
    names = [name for name in measured[0] if any(one.get(name, 0) >= 100 for one in measured)]
    rows = [[name] + [f"{one.get(name, 0):,.0f}" for one in measured] for name in names]
    return table(["of ims_regmon's", *(SHORT[scenario] for scenario in SCENARIOS)], rows)


def cpu(figures):
    measured = [need(figures, scenario + " cpu") for scenario in SCENARIOS]
    rows = [["nothing, us in the best burst"] + [f"{one['off_us']:.1f}" for one in measured]]
    for variant, name in VARIANTS.items():
        ratios = [one["ratio"][variant] for one in measured]
        rows.append([name] + [f"{one['median']:.2f} ({one['quartiles'][0]:.2f} to {one['quartiles'][1]:.2f};"
                              f" {one['range'][0]:.2f} to {one['range'][1]:.2f})" for one in ratios])
    rows.append(["budget of ims_regmon"] + [f"{one['budget']:.2f}" if one["budget"] else "" for one in measured])
    return table(["CPU time against nothing", *(SHORT[scenario] for scenario in SCENARIOS)], rows) + (
        f"\n\nMedian (quartiles; range) of {measured[0]['ratio']['on']['n']} rounds of {measured[0]['bursts']:,}"
        " REGISTERs for each.")


def phones(figures):
    scale = need(figures, "scale")
    rows = []
    for number, one in scale["sizes"].items():
        ratio = one.get("ratio")
        rows.append([f"{int(number):,}", f"{one['bytes']:,.0f}",
                     f"{ratio['median']:.2f} ({ratio['quartiles'][0]:.2f} to {ratio['quartiles'][1]:.2f};"
                     f" {ratio['range'][0]:.2f} to {ratio['range'][1]:.2f})" if ratio else "1"])
    rows.append(["budget", f"{BUDGET_BYTES:,}", f"{BUDGET_RATIO}"])
    return table(["phones", "bytes of shared memory for each", "CPU time per REGISTER against 1,000 phones"], rows)


def answers(figures):
    scale = need(figures, "scale")
    most = f"{scale['most']:,}"
    times = scale["sizes"][str(scale["most"])].get("times", {})
    rows = [[f"`{method}`", f"{one['median']:.2f}", f"{one['range'][1]:.2f}", str(one["n"]),
             f"{MOST_MS[method]}" if method in MOST_MS else ""] for method, one in times.items()]
    rows.append([f"`ims_regmon.forget all`, {most} phones", f"{scale['forget_ms']:,.0f}", "", "1", ""])
    rows.append([f"start until the first answer, `-m {scale['shm_mb']}`", f"{1000 * scale['start_s']['on']:,.0f}", "", "1", ""])
    rows.append(["the same without the module", f"{1000 * scale['start_s']['off']:,.0f}", "", "1", ""])
    return table([f"ms, {most} phones", "median", "most", "calls", "budget"], rows)


def picture(figures, path):
    """Instructions added, in thousands, side by side."""
    rows = [f'"{SHORT[scenario]}" ' + " ".join(f"{need(figures, scenario)['added'][variant] / 1000:.3f}"
                                               for variant in VARIANTS) for scenario in SCENARIOS]
    plots = ", ".join(f"$added using {column + 2}:xtic(1) title '{NAMES[variant]}' linecolor rgb '{colour}'"
                      for column, (variant, colour) in enumerate(
                          zip(VARIANTS, ("#1f6f8b", "#c9a227", "#b5533c", "#8a8a8a"))))
    script = "\n".join([
        "set terminal svg noenhanced size 760,400 font 'sans-serif,13' background rgb 'white'", f"set output '{path}'",
        "$added << end", *rows, "end",
        "set style data histogram", "set style histogram clustered gap 1", "set style fill solid 0.9 noborder",
        "set boxwidth 0.9", "set yrange [0:*]", "set ylabel 'instructions added, thousands'", "set key outside top center horizontal",
        "set grid ytics linecolor rgb '#dddddd'", "set border 3", "set tics nomirror", f"plot {plots}"])
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    page, path = Path(sys.argv[1]), Path(sys.argv[2])
    figures = results.read()
    text = page.read_text()
    for name, made in (("instructions", instructions), ("phases", phases), ("cpu", cpu), ("phones", phones),
                       ("answers", answers)):
        text, n = re.subn(rf"(<!-- {name}: make bench-doc -->\n).*?(<!-- end -->)",
                          lambda found, made=made: found[1] + made(figures) + "\n" + found[2], text, flags=re.S)
        if n != 1:
            raise SystemExit(f"{page}: there are {n} places for '{name}'")
    picture(figures, path)
    page.write_text(text)
    print(f"{page} and {path} say what was measured last")


if __name__ == "__main__":
    main()

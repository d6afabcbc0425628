#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh OBJECTS: lines of each source that the unit tests have run, from
# the gcov notes beside the objects.
set -eu
find "$1" -name '*.gcda' ! -path '*/test/*' ! -path '*/tools/*' -print0 |
	xargs -0 gcov -n 2>/dev/null |
	awk '
		/^File / { file = substr($0, 7, length($0) - 7) }
		/^Lines executed:/ {
			split($0, part, /[:% ]+/)
			if(file != "" && file ~ /\.c$/ && file !~ /^\//)
				{
				lines[file] = part[5]
				hit[file] = part[3] * part[5] / 100
			}
			file = ""
		}
		END {
			for(file in lines) {
				printf "  %-46s %5d lines  %5.1f %%\n", file, lines[file],
					100 * hit[file] / lines[file] | "sort"
				all += lines[file]
				reached += hit[file]
			}
			close("sort")
			if(!all)
				exit 1
			printf "  %-46s %5d lines  %5.1f %%\n", "all", all, 100 * reached / all
		}'

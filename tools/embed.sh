#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# embed.sh OUT FILE...: the files of the page as C arrays in OUT, gzipped. A file
# that would not fit into one answer (32 KiB with its head) stops the build.
set -eu
out=$1
shift
most=31744

type_of() {
	case $1 in
		*.html) echo "text/html; charset=utf-8" ;;
		*.css) echo "text/css; charset=utf-8" ;;
		*.js) echo "text/javascript; charset=utf-8" ;;
		*.svg) echo "image/svg+xml" ;;
		*) echo "embed.sh: what is $1?" >&2; exit 1 ;;
	esac
}

{
	echo "/* Written by tools/embed.sh. */"
	echo "#include \"show/page.h\""
	number=0
	for file; do
		bytes=$(gzip -9 -n -c "$file" | wc -c)
		if [ "$bytes" -gt $most ]; then
			echo "embed.sh: $file has $bytes bytes gzipped, an answer holds $most: split it" >&2
			exit 1
		fi
		echo "static const unsigned char file_$number[] = {"
		gzip -9 -n -c "$file" | od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g'
		echo "};"
		number=$((number + 1))
	done
	echo "const regmon_page_file_t regmon_page_files[] = {"
	number=0
	for file; do
		type=$(type_of "$file")
		tag=$(sha256sum <"$file" | cut -c 1-16)
		echo "	{\"$(basename "$file")\", \"$type\", \"\\\"$tag\\\"\", file_$number, sizeof(file_$number)},"
		number=$((number + 1))
	done
	echo "	{0, 0, 0, 0, 0}};"
} >"$out.new"
mv "$out.new" "$out"

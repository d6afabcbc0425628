#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# nearest-source.sh FOLDER: for a test, where the archive has a Kamailio but not its
# source: that of the release before it in the same line, made to say the version of
# the Kamailio installed. Runs as root in the system of that line. FOLDER/nearest
# says which one it is. Not for use: a header may have changed in between.
set -eu
folder=$1

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

mirror=$(sed -n 's/^deb \([^ ]*\).*/\1/p' /etc/apt/sources.list | head -n 1)
version=$(dpkg-query -W -f '${source:Version}' kamailio)
release=${version%-*}
line=${release%.*}
number=${release##*.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"
cd "$work"

# whoever uploaded it to Debian has signed its description
apt-get -qq -y install debian-keyring gpgv >/dev/null
get() {
	/usr/lib/apt/apt-helper download-file "${mirror%/}/pool/main/k/kamailio/$1" "$1" "$2"
}

nearest=""
while [ -z "$nearest" ] && [ "$number" -gt 0 ]; do
	number=$((number - 1))
	! get "kamailio_$line.$number-1.dsc" "" || nearest=$line.$number
done
[ -n "$nearest" ] || fail "the archive has no source of Kamailio $line at all."
keyring=$(ls /usr/share/keyrings/debian-keyring.* | head -n 1)
gpgv --keyring "$keyring" --output description "kamailio_$nearest-1.dsc"
sum=$(awk '/^Checksums-Sha256:/ { here = 1; next } /^[^ ]/ { here = 0 }
	here && $3 ~ /\.orig\.tar\.[a-z]*$/ { print "SHA256:" $1, $3 }' description)
get "${sum#* }" "${sum% *}"

rm -rf "$folder" "$folder.new"
mkdir "$folder.new"
tar -C "$folder.new" --strip-components=1 -xf "${sum#* }"
sed -i "s/^SUBLEVEL *=.*/SUBLEVEL = ${release##*.}/" "$folder.new/src/Makefile.defs"
sed -i "s/^\( *VERSION *\)$(echo "$nearest" | sed 's/[.]/[.]/g')\$/\1$release/" \
	"$folder.new/CMakeLists.txt"
echo "$nearest" >"$folder.new/nearest"
mv "$folder.new" "$folder"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.sh [TREE]: checks who includes whom. A folder may include itself and
# folders of a lower rank; two folders of one rank do not know each other. And
# identities leave records through registration/identity.h alone.
set -eu
cd "${1:-$(dirname "$0")/..}"

files=$(ls *.[ch] message/*.[ch] rules/*.[ch] aka/*.[ch] registration/*.[ch] \
	diagnosis/*.[ch] measure/*.[ch] guard/*.[ch] replicate/*.[ch] store/*.[ch] \
	show/*.[ch] hooks/*.[ch] 2>/dev/null || :)
[ -n "$files" ] || { echo "no sources"; echo "0 passed, 1 failed"; exit 1; }

awk '
BEGIN {
	# compat.h: what the versions that the tree is built for call differently;
	# it includes nothing of Kamailio, so that pure files may use it.
	rank["compat.h"] = 0
	count = split("message=1 rules=2 aka=2 registration=3 diagnosis=4 measure=5 " \
		"guard=6 replicate=7 store=7 show=8 hooks=9 .=10", pair, " ")
	for(i = 1; i <= count; i++) {
		split(pair[i], part, "=")
		rank[part[1]] = part[2]
	}
	pure_below = 7
	# Pure, although their folders are not: tests link them without transport.
	pure_file["replicate/codec.c"] = pure_file["replicate/codec.h"] = 1
	pure_file["store/rows.c"] = pure_file["store/rows.h"] = 1
	count = split("messages messages_requests messages_challenges " \
		"messages_refusals messages_failures messages_answer flows terms " \
		"header_meaning decode_value rows_explain rows_explain_message " \
		"explaining explain_words rows_rules " \
		"writer entry_words json_writer outbox event_value " \
		"interval cause_line refusal http_request http_allow " \
		"metrics", name, " ")
	for(i = 1; i <= count; i++)
		pure_file["show/" name[i] ".c"] = pure_file["show/" name[i] ".h"] = 1

	# Kamailio headers that a pure file may include, with the reason.
	# str: a type (pointer and length), no code. Shared memory and locks come
	# through registration/memory.h alone, whose other side is hooks/memory.c
	# in the module and test/unit/harness.c in tests.
	pure_kamailio["core/str.h"] = 1

	# System headers that bring a clock, the network, files or randomness.
	count = split("time.h sys/time.h sys/socket.h netdb.h unistd.h fcntl.h " \
		"syslog.h pthread.h signal.h sys/random.h sys/mman.h sys/stat.h " \
		"poll.h sys/epoll.h semaphore.h", name, " ")
	for(i = 1; i <= count; i++)
		impure[name[i]] = 1
}
function wrong(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	mistakes++
}
function folder_of(path) {
	return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "."
}
FNR == 1 {
	number++
	from = folder_of(FILENAME)
	pure = rank[from] < pure_below || FILENAME in pure_file || FILENAME in rank
}
# Strings of a record that may name somebody; PLMN and TAC do not. The folders
# below diagnosis/ work with them, measure/ counts them and shows none.
/REGMON_STRING_(IMPU|IMPI|CONTACT|CALL_ID|INSTANCE|SOURCE|ASSOCIATED|CELL|DEVICE|REASON|ACCESS_TYPE)/ {
	# words of a reason phrase are looked for while a lock is held
	if((rank[from] == 4 || rank[from] >= 6) &&
		!(FILENAME == "diagnosis/facts.c" && /REASON/))
		wrong("reads what may name somebody: regmon_identity_of() shows it")
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	header = $0
	sub(/^[^<]*</, "", header)
	sub(/>.*/, "", header)
	if(pure && header in impure)
		wrong("a pure file includes <" header ">: pass time and data in as arguments")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	header = $0
	sub(/^[^"]*"/, "", header)
	sub(/".*/, "", header)
	to = header in rank ? header : folder_of(header)
	includes++
	if(header ~ /^(core|lib|modules)\//) {
		if(pure && !(header in pure_kamailio))
			wrong("a pure file includes Kamailio'\''s \"" header "\"")
	} else if(header ~ /\.\./ || !(to in rank)) {
		wrong("\"" header "\" is in no folder of ours: write \"folder/name.h\"")
	} else if(to == "." && from != ".") {
		wrong("\"" header "\" is above " from "/")
	} else if(to != from && rank[to] >= rank[from]) {
		wrong(from "/ may not include " to "/: \"" header "\"")
	}
}
END {
	printf "%d files, %d includes between them\n", number, includes
	printf "%d passed, %d failed\n", !mistakes, !!mistakes
	exit !!mistakes
}' $files

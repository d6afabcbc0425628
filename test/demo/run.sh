#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Called by `make demo`: a private Kamailio with cfg-examples/demo.cfg as P-CSCF,
# SIPp as the core behind it and as the phones of phones.csv before it, all on
# 127.0.0.1. Shows what ims_regmon tells of them, and fails when it does not name
# the trouble of each phone, or names one where there is none.
#   KEEP=1    leave P-CSCF and core running, and say how to look
#   MODULE=   the module (default: build/ims_regmon.so)
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$top" || exit 1
build=$(mkdir -p "${BUILD:-build}" && cd "${BUILD:-build}" && pwd)
module=$(readlink -f "${MODULE:-$build/ims_regmon.so}")
kamailio=${KAMAILIO:-$(command -v kamailio || echo /usr/sbin/kamailio)}
kamcmd=$(command -v kamcmd || echo "$(dirname "$kamailio")/kamcmd")
run=$build/demo
pids=()
failures=0

fail() {
	echo "demo: $*" >&2
	exit 1
}

stop() {
	local status=$?
	trap - EXIT INT TERM
	[ ${#pids[@]} = 0 ] || { kill "${pids[@]}" && wait; } 2>/dev/null
	[ "$sockets" = "$run" ] || rm -rf "$sockets"
	exit $status
}

# A UDP port of 127.0.0.1 that nobody uses, at or above $1.
free_port() {
	local port=$1
	while grep -qi ":$(printf %04X "$port") " /proc/net/udp /proc/net/tcp; do
		port=$((port + 1))
	done
	echo $port
}

# Until a command works, at most $1 tenths of a second.
await() {
	local tenths=$1
	shift
	until "$@" >/dev/null 2>&1; do
		[ $((tenths -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

heading() {
	printf '\n\033[1m== %s\033[0m\n' "$*" | { [ -t 1 ] && cat || sed 's/\x1b\[[0-9]*m//g'; }
}

# A command as the user would type it, and its answer.
show() {
	echo "\$ kamcmd -s $socket $*"
	"$kamcmd" -s "$socket" "$@"
}

start_pcscf() {
	"$kamailio" -DD -E -f "$top/cfg-examples/demo.cfg" -Y "$sockets" -P "$run/pcscf.pid" \
		-m 64 -M 8 -L "$modules:$(dirname "$module")" \
		-A PCSCF_PORT="$pcscf_port" -A CORE="\"sip:127.0.0.1:$core_port\"" \
		>"$run/pcscf.log" 2>&1 </dev/null &
	pids+=($!)
	await 100 "$kamcmd" -s "$socket" core.uptime || {
		tail -n 20 "$run/pcscf.log" >&2
		fail "the P-CSCF does not start; its log is $run/pcscf.log"
	}
}

start_core() {
	(cd "$run" && exec sipp -sf core.xml -inf challenges.csv -i 127.0.0.1 -p "$core_port" \
		-nostdin -trace_err -error_file core.err >core.out 2>&1 </dev/null) &
	pids+=($!)
	await 50 grep -qi ":$(printf %04X "$core_port") " /proc/net/udp ||
		fail "the core does not start; see $run/core.out and core.err"
}

# The same command that KEEP=1 tells.
phones_command="sipp 127.0.0.1:PORT -sf phone.xml -inf phones.csv -inf challenges.csv \
-i 127.0.0.1 -t un -max_socket 100 -T2 16000 -m PHONES -r PHONES -nostdin"

run_phones() {
	(cd "$run" && timeout 60 $phones_command -trace_err -error_file phones.err \
		-trace_msg -message_file phones.msg >phones.out 2>&1 </dev/null)
}

# why $who, checked: the word expected in it, or none of all the words.
check() {
	local who=$1 expected=$2 word
	show ims_regmon.why "$who" | tee "$run/answer"
	if [ "$expected" != - ]; then
		grep -qwF -- "$expected" "$run/answer" && return
		echo "demo: FAILED: '$expected' is not named for $who" >&2
		failures=$((failures + 1))
		return
	fi
	for word in $all_expected; do
		! grep -qwF -- "$word" "$run/answer" && continue
		echo "demo: FAILED: '$word' is named for $who, which has no trouble" >&2
		failures=$((failures + 1))
	done
}

[ -f "$module" ] || fail "there is no $module; 'make' builds it"
[ "${module##*/}" = ims_regmon.so ] || fail "MODULE=$module must be a file ims_regmon.so"
for program in "$kamailio" "$kamcmd" "$(command -v sipp || echo sipp)"; do
	[ -x "$program" ] || fail "$program is missing; 'make demo' installs what it needs"
done
modules=$("$kamailio" -h 2>/dev/null | sed -n 's/.*search path (default: \(.*\)).*/\1/p')

rm -rf "$run"
mkdir -p "$run" || exit 1
cp "$here"/*.xml "$here"/*.csv "$run"
# The name of a UNIX socket has at most 107 bytes.
sockets=$run
[ ${#run} -lt 80 ] || sockets=$(mktemp -d)
socket=unix:$sockets/kamailio_ctl
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mapfile -t phones < <(grep -E '^[0-9]{15};' "$here/phones.csv")
all_expected=$(printf '%s\n' "${phones[@]}" | cut -d';' -f14 | grep -v '^-$')
pcscf_port=$(free_port 5260)
core_port=$(free_port $((pcscf_port + 1)))
phones_command=${phones_command/PORT/$pcscf_port}
phones_command=${phones_command//PHONES/${#phones[@]}}

echo "P-CSCF  Kamailio with ims_regmon, 127.0.0.1:$pcscf_port"
start_pcscf
echo "core    SIPp, 127.0.0.1:$core_port"
start_core
echo "phones  SIPp, ${#phones[@]} of them:"
number=0
for phone in "${phones[@]}"; do
	IFS=';' read -ra field <<<"$phone"
	echo "        $((number += 1))  ${field[0]}  ${field[14]}"
done
run_phones || fail "SIPp's phones went another way than they should; see $run/phones.err"

# Silence is the one trouble that takes time to be told from a slow phone.
silent=$(printf '%s\n' "${phones[@]}" | grep -F ';silent-after-challenge;' | cut -d';' -f1)
echo "done; waiting until the silence of phone $silent is long enough"
silence_is_named() {
	"$kamcmd" -s "$socket" ims_regmon.list cause=silent-after-challenge | grep -qF "$silent"
}
await 200 silence_is_named

heading "the first screen"
show ims_regmon.summary || failures=$((failures + 1))
number=0
for phone in "${phones[@]}"; do
	IFS=';' read -ra field <<<"$phone"
	heading "phone $((number += 1)) ${field[14]}"
	check "imsi:${field[0]}" "${field[13]}"
done

heading "a REGISTER read line by line: the one with an LTE cell behind NR"
# Line ends written out as \r\n: the shell takes real ones off the end.
IFS=';' read -ra field < <(grep -F ';PANI-04;' "$here/phones.csv")
tr -d '\r' <"$run/phones.msg" |
	awk -v wanted="P-Access-Network-Info: ${field[3]};${field[4]}" '
		/^REGISTER / { text = ""; inside = 1; found = 0 }
		inside { text = text $0 "\\r\\n"; if($0 == wanted) found = 1 }
		inside && $0 == "" { if(found) { print text; exit } inside = 0 }
	' >"$run/register.txt"
echo "\$ kamcmd -s $socket ims_regmon.decode \"\$(cat $run/register.txt)\""
"$kamcmd" -s "$socket" ims_regmon.decode "$(cat "$run/register.txt")" | tee "$run/answer"
grep -qwF PANI-04 "$run/answer" || {
	echo "demo: FAILED: decode does not name PANI-04" >&2
	failures=$((failures + 1))
}
if grep -E 'CRITICAL|BUG|ERROR' "$run/pcscf.log" >&2; then
	echo "demo: FAILED: the P-CSCF's log has these lines ($run/pcscf.log)" >&2
	failures=$((failures + 1))
fi

echo
[ $failures = 0 ] || fail "$failures of the checks failed"
echo "All ${#phones[@]} phones are explained as they should."
if [ "${KEEP:-0}" != 0 ]; then
	trap - EXIT
	cat <<X

P-CSCF and core go on running. Look at
  http://127.0.0.1:$pcscf_port/regmon
or with
  kamcmd -s $socket ims_regmon.summary
  kamcmd -s $socket ims_regmon.list
  kamcmd -s $socket ims_regmon.timeline imsi:${field[0]}
  kamcmd -s $socket ims_regmon.rules
let the phones register again with
  (cd $run && $phones_command)
and stop both with
  kill ${pids[*]}
X
	disown -a
else
	echo "'make demo KEEP=1' leaves P-CSCF and core running, to look with a browser or kamcmd."
fi
exit 0

// SPDX-License-Identifier: GPL-2.0-or-later
// The node's rows of minutes and hours. What is over stays as it is, so all of it is asked for once and then only what is
// new; the node's clock counts, not the browser's.
import {api} from "./api.js";
import {ms} from "./dom.js";

export const SPANS = [{name: "1 hour", unit: "minutes", n: 60, each: 60000, of: "minute"},
	{name: "1 day", unit: "minutes", n: 1440, each: 60000, of: "minute"},
	{name: "8 days", unit: "hours", n: 193, each: 3600000, of: "hour"}];

// the last bucket is open: what lies in it is drawn just above its lower bound
const OPEN = 60001;

// by unit: rows by their begin, and since when and until when all of them are known; who keeps the page open for weeks
// needs no more than the longest span
const known = {minutes: {rows: new Map(), keep: 86400000}, hours: {rows: new Map(), keep: 193 * 3600000}};

async function ask(unit, n) {
	const kept = known[unit];
	let answer = {};
	do {
		answer = await api("history", {[unit]: n, cursor: answer.cursor});
		for (const row of answer.rows) {
			for (const field of ["p50_ms", "p95_ms"])
				if (row[field] > OPEN)
					row[field] = OPEN;
			kept.rows.set(row.from_ms, row);
		}
	} while (answer.cursor !== undefined);
	return answer;
}

export const delay = (value) => value >= OPEN ? "over 60 s" : ms(value);

// {from, until, rows}: the span until now, its rows with the oldest first
export async function look(span) {
	const kept = known[span.unit];
	const begin = (until) => until - until % span.each - (span.n - 1) * span.each;
	let answer = await ask(span.unit, 2);
	if (!(kept.from <= begin(answer.until_ms) && kept.until >= answer.from_ms)) {
		answer = await ask(span.unit, span.n);
		kept.from = answer.from_ms;
	}
	kept.until = answer.until_ms;
	const from = begin(kept.until);
	for (const time of kept.rows.keys())
		if (time < kept.until - kept.keep)
			kept.rows.delete(time);
	return {from, until: kept.until, rows: [...kept.rows.values()].filter((row) => row.from_ms >= from)
		.sort((a, b) => a.from_ms - b.from_ms)};
}

// The values of one field as points of a curve, at the end of each period; a period without a row is a gap.
export function points({rows, until}, each, value) {
	const found = [];
	let last = null;
	for (const row of rows) {
		if (last !== null && row.from_ms - last > each)
			found.push([row.from_ms, null]);
		found.push([Math.min(row.from_ms + each, until), value(row) ?? null]);
		last = row.from_ms;
	}
	return found;
}

// SPDX-License-Identifier: GPL-2.0-or-later
// The first screen: is it worse than usual, since when, what troubles most phones, and what those phones share.
import {api, metrics} from "./api.js";
import {chart} from "./chart.js";
import {clock, el, ms, percent, plural, when} from "./dom.js";
import {asks} from "./explain.js";
import {fillRows, listLink, mood, STATES} from "./list.js";

const KEPT_MS = 3600000;
const WINDOW_MS = 60000;
const SHARES_EVERY_MS = 30000;
const TRACED_CAUSES = 3; // how many are looked at for what their phones share
const LEAST_SHARING = 5; // fewer phones share something by chance

// What was seen while this page is open; it outlives changes of the view.
const history = [];

// ---- over time ----

// {le: count} of the delays' histogram, with the sum of all
function buckets(samples) {
	const found = {};
	for (const [name, value] of Object.entries(samples)) {
		const le = name.match(/^registration_delay_seconds_bucket\{le="(.*)"\}$/);
		if (le)
			found[le[1] === "+Inf" ? Infinity : Number(le[1])] = value;
	}
	return found;
}

// upper bound of the bucket in which that share of the delays between two readings lies; null: none ended
function delayBetween(older, newer, share) {
	const bounds = Object.keys(newer).map(Number).sort((a, b) => a - b);
	const counts = bounds.map((bound) => newer[bound] - (older[bound] || 0));
	const all = counts[counts.length - 1];
	if (!(all > 0))
		return null;
	const found = bounds[counts.findIndex((n) => n >= share * all)];
	return (found === Infinity ? bounds[bounds.length - 2] : found) * 1000;
}

function remember(summary, samples) {
	const now = Date.now();
	const point = {time: now, delays: buckets(samples), ratio: summary.last_minute.success_percent ?? null,
		ended: summary.last_minute.ended, p50: null, p95: null};
	const older = [...history].reverse().find((past) => now - past.time >= WINDOW_MS) || history[0];
	if (older) {
		point.p50 = delayBetween(older.delays, point.delays, 0.5);
		point.p95 = delayBetween(older.delays, point.delays, 0.95);
	}
	history.push(point);
	while (history.length > 0 && now - history[0].time > KEPT_MS)
		history.shift();
	return point;
}

function charts(width) {
	const to = history[history.length - 1].time;
	const from = Math.min(history[0].time, to - 2 * WINDOW_MS);
	const of = (name) => history.map((point) => [point.time, point[name]]);
	const slowest = Math.max(200, ...history.map((point) => point.p95 || 0));
	const lowest = Math.min(...history.map((point) => point.ratio ?? 100));
	return [el("figure", {}, el("figcaption", {}, el("b", {}, "Success ratio"), " of attempts that ended in the minute before"),
		chart({width, from, to, lines: [{name: "success ratio", class: "ratio", points: of("ratio")}],
			least: lowest > 90 ? 90 : lowest > 50 ? 50 : 0, most: 100, print: (value) => percent(value, 0)})),
	el("figure", {}, el("figcaption", {}, el("b", {}, "Registration delay"), " of the minute before: ",
		el("span", {class: "key p50"}, "half"), " ", el("span", {class: "key p95"}, "95 %"), " took at most"),
	chart({width, from, to, lines: [{name: "median", class: "p50", points: of("p50")}, {name: "95 %", class: "p95", points: of("p95")}],
		most: slowest * 1.1, print: ms}))];
}

// ---- figures ----

const tile = (name, value, note, kind, href) => el(href ? "a" : "div", {class: `tile ${kind || ""}`, href, "data-key": `tile-${name}`},
	el("span", {class: "tile-name"}, name), el("span", {class: "tile-value"}, value), el("span", {class: "tile-note"}, note));

function tiles(summary, point, troubled) {
	const {last_minute: minute, registrations: states} = summary;
	const ratio = minute.success_percent;
	return [tile("Success, last minute", ratio === undefined ? "\u2013" : percent(ratio),
		minute.ended ? `${minute.failed.toLocaleString("en")} of ${plural(minute.ended, "attempt")} failed` : "no attempt ended",
		ratio === undefined ? "" : ratio < 90 ? "bad" : ratio < 98 ? "warn" : "good"),
	tile("Delay, 95 % within", point.p95 === null ? "\u2013" : ms(point.p95),
		point.p50 === null ? "none registered in the last minute" : `half within ${ms(point.p50)}`, point.p95 > 5000 ? "warn" : ""),
	tile("Registered", (states.registered || 0).toLocaleString("en"), `of ${plural(states.all, "phone")} remembered`, "", listLink({state: "registered"})),
	tile("Failed", (states.failed || 0).toLocaleString("en"), "last attempt without success", states.failed ? "bad" : "", listLink({state: "failed"})),
	tile("In trouble", troubled.toLocaleString("en"), plural(summary.causes.length, "cause"), troubled ? "warn" : "", listLink({cause: "any"}))];
}

function stateBar(states) {
	const known = STATES.map((state) => [state, states[state.replaceAll("-", "_")] || 0]).filter(([, n]) => n > 0);
	const bar = el("div", {class: "state-bar", "aria-hidden": "true"}, known.map(([state, n]) => {
		const part = el("span", {class: mood(state), title: `${state}: ${n}`});
		part.style.flexGrow = n;
		return part;
	}));
	return [bar, el("ul", {class: "state-names"}, known.map(([state, n]) => el("li", {},
		el("a", {href: listLink({state}), "data-key": `state-${state}`}, el("span", {class: `dot ${mood(state)}`}), state, " ", el("b", {}, n.toLocaleString("en"))))))];
}

// ---- what phones share ----

const TRAITS = [["tac", "TAC", "tac"], ["cell", "cell", "cell"], ["plmn", "PLMN", "plmn"], ["access", "access", "access"],
	["device", "device", "device"], ["code", "answer", "code"]];

function shares(phones) {
	const found = {};
	for (const [field] of TRAITS) {
		const counts = {};
		for (const phone of phones)
			if (phone[field] !== undefined)
				counts[phone[field]] = (counts[phone[field]] || 0) + 1;
		const [value, n] = Object.entries(counts).sort((a, b) => b[1] - a[1])[0] || [];
		found[field] = {value, share: n ? n / phones.length : 0, counts};
	}
	return found;
}

// What most of the troubled have and others have less: the list comes in no order that depends on it, so its first page
// is a fair sample of all.
function sharedTraits(troubled, everybody) {
	const theirs = shares(troubled);
	return TRAITS.map(([field, name, filter]) => {
		const {value, share} = theirs[field];
		const usual = everybody.length ? everybody.filter((phone) => String(phone[field]) === value).length / everybody.length : 0;
		return {name, filter, value, share, usual};
	}).filter((trait) => trait.value !== undefined && trait.share >= 0.5)
		.sort((a, b) => (b.share - b.usual) - (a.share - a.usual));
}

const shared = {}; // by cause: {at, n, traits}

async function lookForShares(summary) {
	const wanted = summary.causes.slice(0, TRACED_CAUSES).filter(({cause}) => !(Date.now() - shared[cause]?.at < SHARES_EVERY_MS));
	if (wanted.length === 0)
		return;
	const everybody = (await api("list", {limit: 200})).phones;
	for (const {cause} of wanted) {
		const {phones} = await api("list", {cause, limit: 200});
		shared[cause] = {at: Date.now(), n: phones.length, traits: sharedTraits(phones, everybody)};
	}
}

function traits(cause) {
	const known = shared[cause];
	if (!known || known.n < LEAST_SHARING)
		return "";
	return el("p", {class: "shares"}, el("span", {class: "faint"}, `of ${plural(known.n, "phone")} looked at: `),
		known.traits.length === 0 ? el("span", {class: "faint"}, "nothing that most of them share")
			: known.traits.slice(0, 4).map((trait) => el("a", {class: `share ${trait.share - trait.usual >= 0.25 ? "telling" : ""}`,
				href: listLink({cause, [trait.filter]: trait.value}), "data-key": `share-${cause}-${trait.filter}`},
			el("b", {}, percent(trait.share * 100, 0)), ` ${trait.name} `, el("span", {class: "value"}, trait.value),
			el("span", {class: "faint"}, ` (${percent(trait.usual * 100, 0)} of all)`))));
}

function causes(summary) {
	if (summary.causes.length === 0)
		return el("p", {class: "empty"}, summary.registrations.failed
			? el("a", {href: listLink({state: "failed"})}, `No cause is named, but ${plural(summary.registrations.failed, "phone")} failed.`)
			: "No phone is in trouble.");
	const most = summary.causes[0].phones;
	return el("ol", {class: "cause-list"}, summary.causes.map((cause) => {
		const bar = el("span", {class: "cause-bar", "aria-hidden": "true"});
		bar.style.width = `${Math.max(1, 100 * cause.phones / most)}%`;
		return el("li", {}, el("div", {class: "cause-head"},
			el("a", {class: "cause-n", href: listLink({cause: cause.cause}), "data-key": `cause-${cause.cause}`}, plural(cause.phones, "phone")),
			asks(cause.cause)), bar, el("p", {}, cause.title), traits(cause.cause));
	}), summary.causes_more && el("li", {class: "faint"}, summary.causes_more));
}

export function overviewView() {
	const figures = el("section", {class: "tiles", "aria-label": "Figures"}), lines = el("section", {class: "charts", "aria-label": "Over time"});
	const since = el("p", {class: "since"}), states = el("section", {"aria-label": "States"}), warnings = el("div", {});
	const trouble = el("section", {"aria-label": "Causes"}), phones = el("section", {"aria-label": "Phones in trouble"});
	const further = el("p", {class: "further"});

	async function refresh() {
		const [summary, samples, list] = await Promise.all([api("summary"), metrics(), api("list", {cause: "any", limit: 15})]);
		const point = remember(summary, samples);
		await lookForShares(summary);
		document.getElementById("node").textContent = `${summary.role === "auto" ? "" : summary.role} ${location.hostname}`;
		const troubled = list.shown + (list.more || 0);
		when(figures, [summary.last_minute, summary.registrations, summary.causes.length, troubled, point.p50, point.p95],
			() => tiles(summary, point, troubled));
		when(warnings, summary.warnings || [], (list) => list.map((text) => el("p", {class: "notice warn"}, text)));
		const width = Math.max(280, Math.floor(lines.clientWidth >= 760 ? (lines.clientWidth - 12) / 2 : lines.clientWidth) - 30);
		when(lines, [width, history.length, point.time], () => charts(width));
		since.textContent = `Curves since this page was opened at ${clock(new Date(history[0].time))}; the node has been watching since ${summary.watching_since}. `
			+ `Table ${summary.table.percent} % full.`;
		when(states, summary.registrations, stateBar);
		when(trouble, [summary.causes, shared], () => causes(summary));
		fillRows(phones, list.phones.sort((a, b) => b.last_seen_ms - a.last_seen_ms));
		when(further, list.more ? troubled : 0, (n) => n ? el("a", {href: listLink({cause: "any"}), "data-key": "all"},
			`All ${n.toLocaleString("en")} phones in trouble`) : "");
	}

	return {title: "", refresh, element: el("div", {class: "view"}, warnings, figures, states, lines, since,
		el("h2", {}, "What troubles phones"), trouble, el("h2", {}, "Phones in trouble"), phones, further)};
}

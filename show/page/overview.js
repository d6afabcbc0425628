// SPDX-License-Identifier: GPL-2.0-or-later
// The first screen: is it worse than usual, since when, what troubles most phones, and what those phones share.
import {api} from "./api.js";
import {chart} from "./chart.js";
import {clock, day, el, ms, percent, plural, when} from "./dom.js";
import {asks} from "./explain.js";
import {delay, look, points, SPANS} from "./history.js";
import {fillRows, listLink, mood, STATES} from "./list.js";

const SHARES_EVERY_MS = 30000;
const TRACED_CAUSES = 3; // how many are looked at for what their phones share
const LEAST_SHARING = 5; // fewer phones share something by chance

let span = SPANS[0]; // outlives changes of the view

// ---- over time ----

const ratio = (row) => 100 * row.succeeded / row.ended;

function charts(width, seen) {
	const {until: to, rows} = seen;
	// a node that has just begun does not draw an hour of nothing
	const from = Math.max(seen.from, Math.min(rows[0]?.from_ms ?? to, to - 10 * span.each));
	const of = (value) => points(seen, span.each, value);
	const slowest = Math.max(200, ...rows.map((row) => row.p95_ms ?? 0));
	const lowest = Math.min(...rows.map(ratio), 100);
	const print = span.n * span.each > 86400000 ? day : clock;
	return [el("figure", {}, el("figcaption", {}, el("b", {}, "Success ratio"), ` of the attempts that ended in each ${span.of}`),
		chart({width, from, to, time: print, lines: [{name: "success ratio", class: "ratio", points: of(ratio)}],
			least: lowest > 90 ? 90 : lowest > 50 ? 50 : 0, most: 100, print: (value) => percent(value, 0)})),
	el("figure", {}, el("figcaption", {}, el("b", {}, "Registration delay"), ` of each ${span.of}: `,
		el("span", {class: "key p50"}, "half"), " ", el("span", {class: "key p95"}, "95 %"), " took at most"),
	chart({width, from, to, time: print, lines: [{name: "median", class: "p50", points: of((row) => row.p50_ms)},
		{name: "95 %", class: "p95", points: of((row) => row.p95_ms)}], most: slowest * 1.1, print: ms}))];
}

// ---- figures ----

const minuteOf = (time) => clock(new Date(time)).slice(0, 5);

const tile = (name, value, note, kind, href) => el(href ? "a" : "div", {class: `tile ${kind || ""}`, href, "data-key": `tile-${name}`},
	el("span", {class: "tile-name"}, name), el("span", {class: "tile-value"}, value), el("span", {class: "tile-note"}, note));

function tiles(summary, latest, troubled) {
	const {last_minute: minute, registrations: states} = summary;
	const share = minute.success_percent;
	return [tile("Success, last minute", share === undefined ? "\u2013" : percent(share),
		minute.ended ? `${minute.failed.toLocaleString("en")} of ${plural(minute.ended, "attempt")} failed` : "no attempt ended",
		share === undefined ? "" : share < 90 ? "bad" : share < 98 ? "warn" : "good"),
	tile("Delay, 95 % within", latest ? delay(latest.p95_ms) : "\u2013",
		latest ? `half within ${delay(latest.p50_ms)}, at ${minuteOf(latest.from_ms)}` : "none registered in the last hour",
		latest?.p95_ms > 5000 ? "warn" : ""),
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
	const spans = el("div", {class: "spans", role: "group", "aria-label": "How far the curves go back"});
	const since = el("p", {class: "since"}), states = el("section", {"aria-label": "States"}), warnings = el("div", {});
	const trouble = el("section", {"aria-label": "Causes"}), phones = el("section", {"aria-label": "Phones in trouble"});
	const further = el("p", {class: "further"});

	async function refresh() {
		const [summary, seen, list] = await Promise.all([api("summary"), look(span), api("list", {cause: "any", limit: 15})]);
		const minutes = span === SPANS[0] ? seen : await look(SPANS[0]);
		const latest = minutes.rows.findLast((row) => row.p95_ms !== undefined);
		await lookForShares(summary);
		document.getElementById("node").textContent = `${summary.role === "auto" ? "" : summary.role} ${location.hostname}`;
		const troubled = list.shown + (list.more || 0);
		when(figures, [summary.last_minute, summary.registrations, summary.causes.length, troubled, latest],
			() => tiles(summary, latest, troubled));
		when(warnings, summary.warnings || [], (list) => list.map((text) => el("p", {class: "notice warn"}, text)));
		const width = Math.max(280, Math.floor(lines.clientWidth >= 760 ? (lines.clientWidth - 12) / 2 : lines.clientWidth) - 30);
		when(lines, [width, span.name, seen.from, seen.rows.length, seen.rows.at(-1)], () => charts(width, seen));
		when(spans, span.name, () => SPANS.map((one) => el("button", {type: "button", "data-key": `span-${one.name}`,
			"aria-pressed": one === span ? "true" : "false", onclick: () => {
				span = one;
				dispatchEvent(new Event("regmon-again"));
			}}, one.name)));
		since.textContent = (summary.watching_since ? `The node has been watching since ${summary.watching_since}. ` : "")
			+ `Table ${summary.table.percent} % full.`;
		when(states, summary.registrations, stateBar);
		when(trouble, [summary.causes, shared], () => causes(summary));
		fillRows(phones, list.phones.sort((a, b) => b.last_seen_ms - a.last_seen_ms));
		when(further, list.more ? troubled : 0, (n) => n ? el("a", {href: listLink({cause: "any"}), "data-key": "all"},
			`All ${n.toLocaleString("en")} phones in trouble`) : "");
	}

	return {title: "", refresh, element: el("div", {class: "view"}, warnings, figures, states, spans, lines, since,
		el("h2", {}, "What troubles phones"), trouble, el("h2", {}, "Phones in trouble"), phones, further)};
}

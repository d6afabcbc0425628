// SPDX-License-Identifier: GPL-2.0-or-later
// The list of phones: filters, rows, and more of them by cursor.
import {api} from "./api.js";
import {el, plural, replace, when} from "./dom.js";

export const STATES = ["registered", "refreshing", "registering", "challenged", "answered", "resync", "mac-failure",
	"deregistering", "deregistered", "network-deregistered", "expired", "failed", "unknown"];
const BAD = new Set(["failed", "mac-failure", "expired", "network-deregistered"]);
const OPEN = new Set(["registering", "challenged", "answered", "resync", "refreshing", "deregistering"]);

export const mood = (state) => BAD.has(state) ? "bad" : OPEN.has(state) ? "open" : state === "registered" ? "good" : "off";

export const chip = (state) => el("span", {class: `chip ${mood(state)}`}, state);

export const phoneLink = (phone) => `#/phone/${encodeURIComponent(`impu:${phone.impu}`)}`;

export const listLink = (filter) => {
	const words = Object.entries(filter).filter(([, value]) => value).map(([name, value]) =>
		`${name}=${encodeURIComponent(value)}`);
	return `#/phones${words.length ? `?${words.join("&")}` : ""}`;
};

// "NR, TAC 000001, cell 1234, PLMN 00101": what differs most comes first, the end may be cut
export const place = (phone) => [phone.access, phone.tac && `TAC ${phone.tac}`, phone.cell && `cell ${phone.cell}`,
	phone.plmn && `PLMN ${phone.plmn}`].filter(Boolean).join(", ");

export function ago(then, now = Date.now()) {
	const s = Math.max(0, Math.round((now - then) / 1000));
	return s < 100 ? `${s} s` : s < 6000 ? `${Math.round(s / 60)} min` : s < 172800 ? `${Math.round(s / 3600)} h`
		: `${Math.round(s / 86400)} d`;
}

const shortImpu = (impu) => impu.replace(/^sip:/, "");

function row(phone) {
	const [user, domain] = shortImpu(phone.impu).split("@");
	return el("a", {class: `phone ${mood(phone.state)}`, href: phoneLink(phone), "data-key": `phone-${phone.impu}-${phone.call_id}`},
		el("span", {class: "state"}, chip(phone.state)),
		el("span", {class: "name"}, el("b", {}, user), domain && el("span", {class: "faint"}, `@${domain}`)),
		el("span", {class: "causes"}, phone.causes.length ? phone.causes.map((cause) => el("span", {class: "cause"}, cause))
			: el("span", {class: "faint"}, phone.code ? `${phone.code}` : "")),
		el("span", {class: "device", title: phone.device}, phone.device || ""),
		el("span", {class: "place", title: place(phone)}, place(phone)),
		el("span", {class: "seen", title: phone.last_seen}, `${ago(phone.last_seen_ms)} ago`));
}

const rows = (phones) => phones.length === 0 ? el("p", {class: "empty"}, "No phone matches.")
	: el("div", {class: "phones"}, el("div", {class: "phones-head", "aria-hidden": "true"},
		["state", "identity", "cause or answer", "device", "place", "seen"].map((name) => el("span", {}, name))), phones.map(row));

// made anew when what they tell has changed, which is also the time that has passed
export const fillRows = (element, phones) => when(element, [phones, phones.map((phone) => ago(phone.last_seen_ms))],
	() => rows(phones));

function select(name, options, value, none) {
	return el("label", {}, el("span", {}, name), el("select", {name}, el("option", {value: ""}, none),
		options.map((option) => el("option", {value: option, selected: option === value}, option === "any" ? `any ${name}` : option))));
}

function input(name, value, hint, size) {
	return el("label", {}, el("span", {}, name),
		el("input", {name, value: value || "", placeholder: hint, size, autocomplete: "off", spellcheck: "false", maxlength: 100}));
}

// The filters as a form; each change makes a new address, so that it can be sent to somebody.
function filters(parameters, causes) {
	const form = el("form", {class: "filters", "aria-label": "Filters"},
		select("state", STATES, parameters.state, "all"),
		select("cause", ["any", ...causes], parameters.cause, "all, also without"),
		select("access", ["NR", "E-UTRAN", "WLAN", "fixed", "UTRAN", "GERAN", "3GPP2-1X", "3GPP2-HRPD", "other"], parameters.access, "all"),
		input("plmn", parameters.plmn, "00101", 6), input("tac", parameters.tac, "000001", 7),
		input("cell", parameters.cell, "cell", 10), input("device", parameters.device, "part of User-Agent", 16),
		input("code", parameters.code, "403", 4), input("finding", parameters.finding, "CSEQ-02", 9),
		el("a", {class: "button", href: "#/phones"}, "Clear"));
	const apply = () => {
		const filter = Object.fromEntries([...new FormData(form)].map(([name, text]) => [name, text.trim()]));
		location.hash = listLink(filter);
	};
	form.addEventListener("change", apply);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		apply();
	});
	return form;
}

export function listView(parameters) {
	const count = el("p", {class: "count", role: "status"});
	const body = el("div", {});
	const more = el("div", {class: "more"});
	const bar = el("div", {});
	const shown = new Set(); // values of further pages stay while the first is refreshed
	let later = [];
	let next;

	async function further() {
		try {
			const answer = await api("list", {...parameters, cursor: next});
			later = later.concat(answer.phones);
			next = answer.cursor;
			draw();
		} catch (error) {
			replace(more, el("p", {class: "notice warn"}, `${error.message}.`));
		}
	}

	let first = {phones: [], more: 0};
	function draw() {
		shown.clear();
		const all = [...first.phones, ...later].filter((phone) => {
			const key = `${phone.impu} ${phone.instance || phone.contact || ""}`;
			return !shown.has(key) && shown.add(key);
		});
		fillRows(body, all);
		const left = Math.max(0, first.phones.length + (first.more || 0) - all.length);
		count.textContent = `${plural(all.length, "phone")}${left ? ` of ${(all.length + left).toLocaleString("en")}` : ""}`;
		when(more, [next, left > 0], () => next && left > 0
			? el("button", {type: "button", "data-key": "more", onclick: further}, "Show more") : "");
	}

	async function refresh() {
		const [answer, summary] = await Promise.all([api("list", parameters), api("summary")]);
		if (later.length === 0)
			next = answer.cursor;
		first = answer;
		const causes = summary.causes.map((cause) => cause.cause);
		if (parameters.cause && parameters.cause !== "any" && !causes.includes(parameters.cause))
			causes.push(parameters.cause);
		if (!bar.contains(document.activeElement))
			when(bar, [parameters, causes], () => filters(parameters, causes));
		draw();
	}

	replace(bar, filters(parameters, parameters.cause && parameters.cause !== "any" ? [parameters.cause] : []));
	return {title: "Phones", refresh, element: el("div", {class: "view"},
		el("div", {class: "head"}, el("h1", {}, "Phones"), count), bar, body, more)};
}

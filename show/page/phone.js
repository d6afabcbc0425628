// SPDX-License-Identifier: GPL-2.0-or-later
// One phone: how it stands, why, what happened, its last REGISTER, and everything else that is known.
import {api} from "./api.js";
import {el, replace, when} from "./dom.js";
import {findingList, remembered} from "./decode.js";
import {asks, fields, label} from "./explain.js";
import {ladder} from "./ladder.js";
import {chip, place} from "./list.js";

function cause(verdict, index) {
	const more = [["likely_reasons", verdict.likely_reasons], ["refuted_by", verdict.refuted_by], ["clause", verdict.clause]];
	return el("article", {class: `why ${verdict.certainty}`},
		el("header", {}, el("span", {class: "rank"}, `${index + 1}`), el("h3", {}, asks(verdict.cause)),
			el("span", {class: `certainty ${verdict.certainty}`}, verdict.certainty)),
		el("p", {class: "title"}, verdict.title),
		el("h4", {}, "Evidence"), el("ul", {class: "evidence"}, verdict.evidence.map((line) => el("li", {}, line))),
		el("dl", {class: "steps"}, el("dt", {}, "First suspect"), el("dd", {}, verdict.first_suspect),
			el("dt", {}, "Inspect"), el("dd", {}, verdict.inspect), el("dt", {}, "Next step"), el("dd", {}, verdict.next_step)),
		el("dl", {class: "steps aside"}, more.map(([name, text]) => [el("dt", {}, label(name)), el("dd", {}, text)])));
}

function identities(phone) {
	const list = [["IMPI", phone.impi], ["IMSI", phone.imsi], ["MSISDN", phone.msisdn], ["IMEI", phone.imei], ["Device", phone.device],
		["Access", place(phone)], ["From", phone.source], ["Contact", phone.contact], ["Call-ID", phone.call_id]];
	return el("dl", {class: "identities"}, list.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), " ", el("dd", {}, value))));
}

function why(phone) {
	return [el("p", {class: "summary"}, phone.summary),
		phone.causes.length === 0 ? el("p", {class: "verdict"}, phone.verdict) : phone.causes.map(cause),
		phone.causes_more && el("p", {class: "faint"}, phone.causes_more)];
}

// bindings of one identity: which is looked at
function tabs(phones, chosen, choose) {
	return phones.length < 2 ? "" : el("div", {class: "tabs", role: "group", "aria-label": "Bindings"},
		phones.map((phone, i) => el("button", {type: "button", "data-key": `tab-${i}`, "aria-pressed": i === chosen ? "true" : "false",
			onclick: () => choose(i)}, phone.impu.replace(/^sip:/, "").split("@")[0], " ", phone.imei || phone.source || "", " ", chip(phone.state))));
}

export function phoneView(who) {
	const top = el("div", {}), tabBar = el("div", {}), reasons = el("section", {"aria-label": "Why"});
	const drawing = el("div", {class: "drawing"}), message = el("div", {}), broken = el("div", {}), all = el("div", {});
	let chosen = 0;
	let events = [];

	const draw = () => when(drawing, [events, drawing.clientWidth], () => events.length === 0
		? el("p", {class: "empty"}, "Nothing is kept of what happened.") : ladder(events, Math.max(340, Math.floor(drawing.clientWidth))));

	function choose(index) {
		chosen = index;
		refresh();
	}

	async function refresh() {
		const [whys, shows, timelines, decodes] = await Promise.all(["why", "show", "timeline", "decode"].map((name) => api(name, {who})));
		chosen = Math.min(chosen, whys.phones.length - 1, shows.phones.length - 1, timelines.phones.length - 1, decodes.phones.length - 1);
		const shown = shows.phones[chosen];
		when(tabBar, [chosen, shows.phones.map((phone) => [phone.call_id, phone.state])], () => tabs(shows.phones, chosen, choose));
		when(top, [shown.state, shown.impu, shown.state_since, shown.device, shown.source, shown.contact], () => [
			el("div", {class: "head"}, el("h1", {class: "impu"}, shown.impu.replace(/^sip:/, "")), chip(shown.state),
				el("span", {class: "faint"}, `${shown.meaning}; since ${shown.state_since}`)), identities(shown)]);
		when(reasons, whys.phones[chosen], why);
		events = timelines.phones[chosen].timeline;
		draw();
		when(message, decodes.phones[chosen], remembered);
		when(broken, shown.findings, findingList);
		when(all, shown, (value) => fields(value, new Set(["findings", "causes", "impu"])));
	}

	new ResizeObserver(draw).observe(drawing);
	replace(top, el("p", {class: "faint"}, `looking for ${who}`));
	return {title: who.replace(/^impu:(sip:)?/, ""), refresh, element: el("div", {class: "view one"},
		el("p", {class: "back"}, el("a", {href: "#/phones"}, "\u2190 Phones")), tabBar, top,
		el("div", {class: "columns"},
			el("div", {}, el("h2", {}, "Why"), reasons),
			el("div", {}, el("h2", {}, "What happened"), drawing)),
		el("h2", {}, "Last REGISTER, line by line"), message,
		el("details", {class: "block"}, el("summary", {}, "All findings"), broken),
		el("details", {class: "block"}, el("summary", {}, "Everything known"), all))};
}

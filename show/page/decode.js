// SPDX-License-Identifier: GPL-2.0-or-later
// A message read line by line: header, value, what it says, verdict, the rules that it broke; and the same of what is
// remembered of a phone's last REGISTER.
import {decodeText} from "./api.js";
import {el, replace} from "./dom.js";
import {asks, fields, severity} from "./explain.js";

function finding(found) {
	return el("li", {class: `finding ${found.severity}`}, severity(found.severity), " ", asks(found.id), " ",
		el("b", {}, found.name), el("p", {}, found.text), found.seen && el("p", {class: "faint"}, "seen: ", el("code", {}, found.seen)),
		el("p", {class: "faint"}, found.clause, found.next_step && `; next: ${found.next_step}`));
}

export const findingList = (list) => list.length === 0 ? el("p", {class: "empty"}, "No rule is broken.")
	: el("ul", {class: "findings"}, list.map(finding));

const worstOf = (list) => ["error", "warning", "note"].find((name) => list.some((found) => found.severity === name)) || "";

// lines: {header, value, says, meaning, note, count}; each finding stands under its header
export function lineTable(lines, findings, others = "Findings of the whole message") {
	const placed = new Set();
	const of = (header) => findings.filter((found) => found.header && header
		&& found.header.toLowerCase() === header.toLowerCase() && !placed.has(found) && placed.add(found));
	const drawn = lines.map((line) => {
		const here = of(line.header);
		return el("div", {class: `line ${worstOf(here)} ${line.missing ? "missing" : ""}`},
			el("div", {class: "line-head"}, line.header ? asks(line.header, line.name || line.header) : el("span", {class: "faint"}, line.name)),
			el("div", {class: "line-body"},
				line.missing ? el("span", {class: "faint"}, line.missing) : el("code", {}, line.value),
				line.says && el("span", {class: "says"}, line.says),
				line.meaning && el("span", {class: "meaning"}, line.meaning),
				here.length > 0 && el("ul", {class: "findings"}, here.map(finding))));
	});
	const rest = findings.filter((found) => !placed.has(found));
	return [el("div", {class: "lines"}, drawn), rest.length > 0
		&& el("div", {class: "lines-rest"}, el("h3", {}, others), findingList(rest))];
}

function decoded(answer) {
	const lines = answer.headers.map((line) => ({header: line.header, value: line.value ?? "",
		says: line.says, meaning: `${line.required}${line.condition ? ` (${line.condition})` : ""}; ${line.meaning}`,
		missing: line.count === 0 && (line.verdict.startsWith("missing") ? line.verdict : "missing")}));
	return [el("p", {class: `verdict ${worstOf(answer.findings)}`}, answer.verdict),
		answer.note && el("p", {class: "notice warn"}, answer.note),
		el("p", {}, [answer.message, `leg ${answer.leg}: ${answer.leg_meaning}`, answer.purpose,
			answer.credentials && `credentials: ${answer.credentials}`].filter(Boolean).join("; ")),
		lineTable(lines, answer.findings), answer.more && el("p", {class: "notice warn"}, answer.more),
		answer.in_the_call_flow && el("details", {}, el("summary", {}, "Its place in the call flow"),
			fields(answer.in_the_call_flow))];
}

// What is remembered of a phone's last REGISTER, under the headers that it came from.
export function remembered(phone) {
	const lines = [["To", phone.impu, "the public identity that registers"], ["Authorization", phone.impi && `username="${phone.impi}"`, phone.credentials && `credentials: ${phone.credentials}`],
		["Contact", phone.contact, phone.instance && `instance ${phone.instance}`], ["Expires", phone.expires === undefined ? "" : `${phone.expires}`, "seconds asked for"],
		["CSeq", phone.cseq === undefined ? "" : `${phone.cseq} REGISTER`, phone.purpose && `purpose: ${phone.purpose}`], ["Call-ID", phone.call_id],
		["P-Access-Network-Info", phone.access_type || phone.access, [phone.plmn && `PLMN ${phone.plmn}`, phone.tac && `TAC ${phone.tac}`,
			phone.cell && `cell ${phone.cell}`].filter(Boolean).join(", ")], ["User-Agent", phone.device]]
		.filter(([, value]) => value).map(([header, value, says]) => ({header, value, says}));
	if (phone.source)
		lines.unshift({name: "came from", value: phone.source});
	if (phone.answer)
		lines.push({name: "answer", value: phone.answer});
	return [lineTable(lines, phone.findings || [], "Other findings of this phone: answers, order, what is missing"), el("p", {class: "faint"}, phone.note)];
}

let keptText = ""; // while other views are looked at

export function decodeView() {
	const area = el("textarea", {id: "message", rows: 12, spellcheck: "false", autocomplete: "off", maxlength: 12000,
		placeholder: "REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org SIP/2.0\nVia: ...\n\nor an answer: SIP/2.0 401 Unauthorized ..."});
	const result = el("div", {"aria-live": "polite"});

	async function decode(event) {
		event.preventDefault();
		keptText = area.value;
		try {
			replace(result, decoded(await decodeText(area.value.trim() + "\r\n\r\n")));
		} catch (error) {
			replace(result, el("p", {class: "notice warn"}, error.code === 0
				? "The node closed the connection: the text may be longer than its TCP read buffer (tcp_rd_buf_size)."
				: `${error.message}.`));
		}
	}

	area.value = keptText;
	area.addEventListener("keydown", (event) => event.ctrlKey && event.key === "Enter" && decode(event));
	return {title: "Decode", element: el("div", {class: "view"},
		el("div", {class: "head"}, el("h1", {}, "Decode a message")),
		el("form", {class: "decode", onsubmit: decode}, el("label", {for: "message"},
			"A REGISTER or an answer to one. It stays between this browser and the node; nonce and response are never shown."),
		area, el("button", {type: "submit"}, "Decode")), result)};
}

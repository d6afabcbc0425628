// SPDX-License-Identifier: GPL-2.0-or-later
// One word told in full, in a dialog over the page: rules, headers, causes, answers, states. Any answer of the API can
// be shown by fields().
import {api} from "./api.js";
import {el, replace} from "./dom.js";

const dialog = document.getElementById("explain");

const SEVERITIES = new Set(["error", "warning", "note", "off"]);

export const label = (name) => name.replaceAll("_", " ");

// a value of the API as elements; *_ms stand beside their text
export function fields(value, skip = new Set()) {
	if (Array.isArray(value)) {
		if (value.length === 0)
			return el("span", {class: "faint"}, "none");
		if (value.every((part) => typeof part !== "object"))
			return el("ul", {class: "plain"}, value.map((part) => el("li", {}, part)));
		return value.map((part) => el("div", {class: "part"}, fields(part)));
	}
	if (value === null || typeof value !== "object")
		return el("span", {}, typeof value === "number" ? value.toLocaleString("en", {maximumFractionDigits: 2}) : value);
	const rows = Object.entries(value)
		.filter(([name]) => !skip.has(name) && !(name.endsWith("_ms") && name.slice(0, -3) in value));
	return el("dl", {class: "fields"}, rows.map(([name, part]) => [
		el("dt", {}, label(name)), el("dd", {}, SEVERITIES.has(part) && name.includes("severity")
			? severity(part) : fields(part))]));
}

export const severity = (name) => el("span", {class: `severity ${name}`}, name);

// a word that is explained on click
export function asks(word, shown = word, kind = "") {
	return el("button", {type: "button", class: `word ${kind}`, "data-key": `word-${word}-${shown}`,
		title: `What is ${word}?`, onclick: () => explain(word)}, shown);
}

export function closeExplanation() {
	if (dialog.open)
		dialog.close();
}

function frame(word, ...content) {
	replace(dialog, el("div", {class: "dialog-head"}, el("h2", {id: "explain-title"}, word),
		el("button", {type: "button", class: "quiet", onclick: closeExplanation}, "Close")),
	el("div", {class: "dialog-body", tabindex: "0"}, content));
}

export async function explain(word) {
	frame(word, el("p", {class: "faint"}, "loading"));
	if (!dialog.open)
		dialog.showModal();
	try {
		const answer = await api("explain", {word});
		frame(word, answer.explained.map((thing) => el("section", {class: "explained"},
			thing.is && el("p", {class: "kind"}, thing.is), fields(thing, new Set(["is"])))));
	} catch (error) {
		frame(word, el("p", {}, `${error.message}.`));
	}
}

// a click beside it closes it
dialog.addEventListener("click", (event) => event.target === dialog && closeExplanation());

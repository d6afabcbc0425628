// SPDX-License-Identifier: GPL-2.0-or-later
// The frame: which view is shown (the part behind #), when it asks again, search, keys, colours, and what is said when
// the node does not answer.
import {api, Refused} from "./api.js";
import {clock, el, replace} from "./dom.js";
import {decodeView} from "./decode.js";
import {listView} from "./list.js";
import {overviewView} from "./overview.js";
import {phoneView} from "./phone.js";
import {closeExplanation} from "./explain.js";

const EVERY_MS = 5000;
const main = document.getElementById("main");
const pulse = document.getElementById("pulse");
const notice = document.getElementById("notice");
const who = document.getElementById("who");

let view = null; // {element, refresh} of the view that is shown
let timer = 0;
let asked = 0; // counts views, so that a late answer changes nothing

function route() {
	const [path, words = ""] = (location.hash.slice(1) || "/").split("?");
	const [, name = "", ...rest] = path.split("/");
	const parameters = Object.fromEntries(new URLSearchParams(words));
	if (name === "phone")
		return {name: "phones", ...phoneView(decodeURIComponent(rest.join("/")))};
	if (name === "phones")
		return {name, ...listView(parameters)};
	if (name === "decode")
		return {name, ...decodeView()};
	return {name: "overview", ...overviewView()};
}

function say(text, kind) {
	notice.hidden = !text;
	notice.className = `notice ${kind || ""}`;
	notice.textContent = text || "";
}

function failed(error) {
	const code = error instanceof Refused ? error.code : -1;
	pulse.className = "pulse lost";
	if (code === 403) {
		pulse.textContent = "forbidden";
		say(`Forbidden: ${error.message}.`, "bad");
	} else if (code === 0) {
		pulse.textContent = `no answer since ${clock(new Date(lastAnswer || Date.now()))}`;
		say(`No answer: ${error.message}. What is shown may be old; asking again every 5 s.`, "bad");
	} else if (code > 0) {
		pulse.textContent = `refused at ${clock(new Date())}`;
		say(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`, "warn");
	} else {
		pulse.textContent = "broken";
		say(`This page has a fault: ${error.message}`, "bad");
		console.error(error);
	}
}

let lastAnswer = 0;

// Text that is being copied stays where it is.
function isSelecting() {
	const selection = getSelection();
	return !selection.isCollapsed && main.contains(selection.anchorNode);
}

async function refresh() {
	clearTimeout(timer);
	const mine = asked;
	if (document.visibilityState === "visible" && view.refresh && !isSelecting()) {
		try {
			await view.refresh();
			if (mine !== asked)
				return;
			lastAnswer = Date.now();
			pulse.className = "pulse";
			pulse.textContent = `live, ${clock(new Date())}`;
			say("");
		} catch (error) {
			if (mine !== asked)
				return;
			failed(error);
		}
	}
	clearTimeout(timer);
	timer = setTimeout(refresh, EVERY_MS);
}

function show() {
	asked++;
	closeExplanation();
	who.value = "";
	view = route();
	say("");
	replace(main, view.element);
	document.title = view.title ? `${view.title} - IMS registrations` : "IMS registrations";
	for (const link of document.querySelectorAll("nav a")) {
		if (link.dataset.view === view.name)
			link.setAttribute("aria-current", "page");
		else
			link.removeAttribute("aria-current");
	}
	window.scrollTo(0, 0);
	if (asked > 1) // whoever has just come begins at the top
		main.focus({preventScroll: true});
	if (!view.refresh) {
		pulse.className = "pulse";
		pulse.textContent = "";
	}
	refresh();
}

// ---- search ----

document.getElementById("search").addEventListener("submit", async (event) => {
	event.preventDefault();
	const text = who.value.trim();
	if (!text)
		return;
	try {
		const found = await api("show", {who: text});
		// one phone under several names is still one: its IMPU is the name that stays
		const names = new Set(found.phones.map((phone) => phone.impu));
		who.value = "";
		location.hash = `#/phone/${encodeURIComponent(names.size === 1 ? `impu:${[...names][0]}` : text)}`;
	} catch (error) {
		if (error instanceof Refused && error.code === 404)
			say(`Nobody is known here as "${text}". Full identities only; the list of phones filters by cell, device and more.`,
				"warn");
		else
			failed(error);
		who.select();
	}
});

document.addEventListener("keydown", (event) => {
	const inField = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
	if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]"))
		return;
	if (event.key === "/" && !inField) {
		event.preventDefault();
		who.focus();
		who.select();
	} else if (event.key === "Escape") {
		if (inField)
			event.target.blur();
		else if (location.hash.startsWith("#/phone"))
			history.length > 1 ? history.back() : location.assign("#/phones");
		else if (location.hash.length > 2)
			location.hash = "#/";
	}
});

// ---- colours ----

const THEMES = ["auto", "dark", "light"];
const button = document.getElementById("theme");

function kept() {
	try {
		return localStorage.getItem("regmon-theme") || "auto";
	} catch {
		return "auto"; // storage is switched off
	}
}

function paint(theme) {
	document.documentElement.dataset.theme = theme;
	replace(button, el("span", {class: `theme-icon ${theme}`, "aria-hidden": "true"}), theme);
	button.setAttribute("aria-label", `Colours: ${theme}`);
}

button.addEventListener("click", () => {
	const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
	try {
		localStorage.setItem("regmon-theme", theme);
	} catch {
		// for this page alone, then
	}
	paint(theme);
});

paint(kept());
document.getElementById("node").textContent = location.hostname;
addEventListener("hashchange", show);
// a view that wants other rows now
addEventListener("regmon-again", () => refresh());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
show();

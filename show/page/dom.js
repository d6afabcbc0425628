// SPDX-License-Identifier: GPL-2.0-or-later
// Elements by code alone: what a phone wrote becomes text nodes and attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === undefined || value === null || value === false)
			continue;
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else
			element.setAttribute(name, value === true ? "" : String(value));
	}
	add(element, children);
	return element;
}

function add(element, children) {
	for (const child of children.flat(4)) {
		if (child === undefined || child === null || child === false || child === "")
			continue;
		element.append(child instanceof Node ? child : document.createTextNode(String(child)));
	}
}

export function el(name, attributes, ...children) {
	return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
	return fill(document.createElementNS(SVG, name), attributes, children);
}

// Puts the children in place of what is there, and keeps the focus on what has the same data-key.
export function replace(element, ...children) {
	const focused = element.contains(document.activeElement) && document.activeElement.dataset.key;
	element.replaceChildren();
	add(element, children);
	if (focused)
		element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
}

// The element is made anew only when the value has changed.
export function when(element, value, make) {
	const now = JSON.stringify(value);
	if (element.regmonValue === now)
		return;
	element.regmonValue = now;
	replace(element, make(value));
}

export const plural = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export const percent = (value, digits = 1) =>
	value >= 100 || value <= 0 ? `${Math.round(value)} %` : `${value.toFixed(digits)} %`;

export const ms = (value) => value >= 10000 ? `${(value / 1000).toFixed(0)} s`
	: value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;

export const clock = (date) => date.toLocaleTimeString("en-GB");

export const day = (date) => date.toLocaleDateString("en-GB", {weekday: "short", day: "numeric", month: "short"});

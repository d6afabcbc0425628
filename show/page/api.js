// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to the node, and what is said when it does not answer.

export class Refused extends Error {
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}

// the text of an answer; a connection that breaks in the middle of it counts as no answer
async function ask(path, options) {
	let answer, text;
	try {
		answer = await fetch(path, {cache: "no-store", signal: AbortSignal.timeout(15000), ...options});
		text = await answer.text();
	} catch (error) {
		throw new Refused(0, error.name === "TimeoutError" ? "the node has not answered for 15 s"
			: "the node cannot be reached");
	}
	if (answer.ok)
		return text;
	let message = text.trim();
	if (message.startsWith("{"))
		message = JSON.parse(message).error?.message;
	throw new Refused(answer.status, message || `the node answered ${answer.status}`);
}

const query = (parameters) => {
	const pairs = Object.entries(parameters || {}).filter(([, value]) => value !== undefined && value !== "")
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
	return pairs.length ? `?${pairs.join("&")}` : "";
};

export const api = async (name, parameters) => JSON.parse(await ask(`api/${name}${query(parameters)}`));

export const decodeText = async (text) => JSON.parse(await ask("api/decode", {method: "POST", body: text}));

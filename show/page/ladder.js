// SPDX-License-Identifier: GPL-2.0-or-later
// The timeline of one phone drawn: phone, this node, core; each message an arrow with its time before and its delay
// behind, each finding at the line where it arose, long silences as gaps.
import {svg} from "./dom.js";
import {explain} from "./explain.js";

const GAP_MS = 3000;

const between = (ms) => ms < 100000 ? `${Math.round(ms / 1000)} s` : ms < 6000000 ? `${Math.round(ms / 60000)} min`
	: `${(ms / 3600000).toFixed(1)} h`;

const WAYS = {"phone -> here": [0, 1], "here -> core": [1, 2], "core -> here": [2, 1], "here -> phone": [1, 0],
	"here -x phone": [1, 0]};

function kindOf(entry) {
	if (entry.direction === "here -x phone" || entry.what.startsWith("no final"))
		return "bad";
	if (!entry.code)
		return "request";
	return entry.code === 401 ? "challenge" : entry.code < 300 ? "good" : "bad";
}

// text that is cut to so many pixels, by the usual width of a letter; the whole stands in the title
function cut(text, pixels, size) {
	const most = Math.max(4, Math.floor(pixels / (size * 0.58)));
	return text.length <= most ? text : `${text.slice(0, most - 1)}\u2026`;
}

function sentence(entry) {
	return `${entry.at} ${entry.direction}: ${entry.what}, CSeq ${entry.cseq}${entry.after ? `, after ${entry.after}` : ""}`
		+ `${entry.marks.length ? `; ${entry.marks.join(", ")}` : ""}`
		+ `${entry.finding ? `; ${entry.severity} ${entry.finding} ${entry.finding_name}` : ""}`;
}

function badge(entry, x, y, pixels) {
	const text = cut(`${entry.finding} ${entry.finding_name}`, pixels - 14, 11);
	const open = () => explain(entry.finding);
	const width = text.length * 6.5 + 14;
	return svg("g", {class: `badge ${entry.severity}`, tabindex: "0", role: "button",
		"aria-label": `${entry.severity} ${entry.finding} ${entry.finding_name}`, "data-key": `badge-${entry.at_ms}-${entry.what}`,
		onclick: open, onkeydown: (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), open())},
	svg("rect", {x: x - width / 2, y: y - 11, width, height: 16, rx: 3}),
	svg("text", {x, y: y + 1, "text-anchor": "middle", "font-size": 11}, text));
}

export function ladder(entries, width) {
	const narrow = width < 640;
	const size = narrow ? 11 : 12.5;
	const left = narrow ? 8 : 116; // the times' column; in a narrow one they stand above the arrows
	const right = narrow ? 8 : 96;
	const inset = narrow ? 24 : 44;
	const lanes = [left + inset, (left + width - right) / 2, width - right - inset];
	const parts = [];
	let y = 44;
	let before = 0;

	for (const entry of entries) {
		const silence = before ? entry.at_ms - before : 0;
		if (silence >= GAP_MS) {
			parts.push(svg("g", {class: "gap"}, svg("line", {x1: lanes[0], x2: lanes[2], y1: y + 4, y2: y + 4}),
				svg("text", {x: lanes[1], y: y + 8, "text-anchor": "middle", "font-size": 11}, `${between(silence)} nothing`)));
			y += 26;
		}
		before = entry.at_ms;
		const way = WAYS[entry.direction];
		const kind = kindOf(entry);
		const row = svg("g", {class: `entry ${kind}`, role: "listitem", "aria-label": sentence(entry)}, svg("title", {}, sentence(entry)));
		const at = narrow ? entry.at.replace(/\.\d+$/, "") : entry.at;
		y += narrow ? 30 : 22;
		if (way) {
			const [from, to] = [lanes[way[0]], lanes[way[1]]];
			const ahead = Math.sign(to - from);
			const failed = entry.direction === "here -x phone";
			const tip = failed ? (from + to) / 2 : to - ahead * 2;
			const middle = (from + to) / 2;
			const room = Math.abs(to - from) - 10;
			row.append(svg("text", {class: "what", x: middle, y: y - 6, "text-anchor": "middle", "font-size": size},
				cut(entry.what, room, size)),
			svg("line", {class: "arrow", x1: from, x2: tip, y1: y, y2: y}),
			failed ? svg("path", {class: "cross", d: `M${tip - 5} ${y - 5}l10 10m0 -10l-10 10`})
				: svg("path", {class: "tip", d: `M${tip} ${y}l${-ahead * 8} -4.5v9z`}));
			const beside = narrow ? [at, entry.after].filter(Boolean).join(" \u00b7 +") : `CSeq ${entry.cseq}`;
			row.append(svg("text", {class: "beside", x: middle, y: y + 13, "text-anchor": "middle", "font-size": 10.5},
				cut(beside, room, 10.5)));
			// what else is known of it stands where no arrow is
			const free = way.includes(0) ? (lanes[1] + lanes[2]) / 2 : (lanes[0] + lanes[1]) / 2;
			if (entry.marks.length)
				row.append(svg("text", {class: "marks", x: free, y: y + 4, "text-anchor": "middle", "font-size": 10.5},
					cut(entry.marks.join(", "), room, 10.5)));
		} else {
			row.append(svg("line", {class: "event", x1: lanes[0], x2: lanes[2], y1: y + 4, y2: y + 4}),
				svg("text", {class: "what event-text", x: lanes[1], y: y - 3, "text-anchor": "middle", "font-size": size}, entry.what));
		}
		if (!narrow) {
			row.append(svg("text", {class: "time", x: left - 4, y: y + 4, "text-anchor": "end", "font-size": 11.5}, at));
			if (entry.after)
				row.append(svg("text", {class: `delay ${entry.after_ms >= 1000 ? "long" : ""}`, x: width - right + 6, y: y + 4,
					"font-size": 11.5}, `+${entry.after}`));
		}
		parts.push(row);
		y += 16;
		if (entry.finding) {
			y += 14;
			parts.push(badge(entry, way ? (lanes[way[0]] + lanes[way[1]]) / 2 : lanes[1], y, way ? Math.abs(lanes[way[0]] - lanes[way[1]]) + 20 : width - 20));
			y += 6;
		}
		y += 6;
	}
	const height = y + 10;
	const names = ["phone", "this node", "core"];
	return svg("svg", {class: "ladder", width, height, viewBox: `0 0 ${width} ${height}`, role: "list",
		"aria-label": "Messages between phone, this node and core"},
	lanes.map((x, i) => [svg("line", {class: "lane", x1: x, x2: x, y1: 30, y2: height - 4}),
		svg("text", {class: "lane-name", x, y: 18, "text-anchor": i === 1 ? "middle" : narrow ? (i ? "end" : "start") : "middle",
			dx: i === 1 || !narrow ? 0 : i ? 20 : -20, "font-size": 12.5}, names[i])]),
	parts);
}

// SPDX-License-Identifier: GPL-2.0-or-later
// Lines over time, drawn by hand: one scale, few labels, the last value at the end of its line.
import {clock, svg} from "./dom.js";

const LEFT = 54;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 20;

// lines: [{name, class, points: [[time, value or null], ...]}]; print: value to text; time: date to text
export function chart({width, height = 150, lines, least = 0, most, print, from, to, time: printTime = clock}) {
	const x = (time) => LEFT + (width - LEFT - RIGHT) * (time - from) / Math.max(1, to - from);
	const y = (value) => height - BOTTOM - (height - TOP - BOTTOM) * (value - least) / Math.max(1e-9, most - least);
	const ticks = [least, (least + most) / 2, most];

	function path(points) {
		let d = "";
		let pen = false;
		for (const [time, value] of points) {
			if (value === null) {
				pen = false;
				continue;
			}
			// a point that stays alone is a dot
			d += `${pen ? "L" : "M"}${x(time).toFixed(1)} ${y(Math.min(most, Math.max(least, value))).toFixed(1)}${pen ? "" : "h0"}`;
			pen = true;
		}
		return d;
	}

	const last = (points) => points.length > 0 ? points[points.length - 1] : null;
	return svg("svg", {class: "chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
		"aria-label": lines.map((line) => `${line.name}: ${last(line.points)?.[1] == null ? "nothing yet" : print(last(line.points)[1])}`).join("; ")},
	ticks.map((value) => [svg("line", {class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value)}),
		svg("text", {class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end", "font-size": 11}, print(value))]),
	svg("text", {class: "tick", x: LEFT, y: height - 4, "font-size": 11}, printTime(new Date(from))),
	svg("text", {class: "tick", x: width - RIGHT, y: height - 4, "text-anchor": "end", "font-size": 11}, printTime(new Date(to))),
	lines.map((line) => {
		const end = last(line.points);
		return [svg("path", {class: `curve ${line.class}`, d: path(line.points)}),
			end && end[1] !== null && svg("circle", {class: `curve-end ${line.class}`, cx: x(end[0]), cy: y(Math.min(most, end[1])), r: 3})];
	}));
}

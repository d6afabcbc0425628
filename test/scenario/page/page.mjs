// SPDX-License-Identifier: GPL-2.0-or-later
// page.mjs MODULES BASE PICTURES PHONES: drives the page as a person would. One line of JSON for each check:
// {"name": ..., "ok": ..., "error": ...}.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {appendFileSync, mkdirSync} from "node:fs";

const [modules, base, pictures, phonesText] = process.argv.slice(2);
const {chromium} = createRequire(`${modules}/`)("playwright-core");
const PHONES = Number(phonesText);
const EVIL = "<img src=x onerror=\"document.title=`owned`\">";
const LOOPS = "imsi:001010000900001";
const imsi = (number) => `00101${String(number).padStart(10, "0")}`;

for (const folder of [pictures, process.env.FAILED])
	mkdirSync(folder, {recursive: true});
const browser = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]});
const context = await browser.newContext({viewport: {width: 1280, height: 800}, colorScheme: "light", reducedMotion: "reduce"});
context.setDefaultTimeout(15000);

// what must never happen, in whatever check
const faults = [];
const violations = [];
const requests = [];
await context.exposeFunction("regmonViolation", (text) => violations.push(text));
await context.addInitScript(() => addEventListener("securitypolicyviolation",
	(event) => window.regmonViolation(`${event.violatedDirective} ${event.blockedURI}`)));
context.on("page", (page) => {
	page.on("pageerror", (error) => faults.push(error.message));
	page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text())
		&& faults.push(message.text()));
	page.on("request", (request) => requests.push(request.url()));
	// what the page was told, for whoever looks for secrets
	page.on("response", async (response) => appendFileSync(process.env.ANSWERS, await response.text().catch(() => "")));
	page.on("dialog", (dialog) => (faults.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
});

const page = await context.newPage();
const kept = await context.newPage(); // stays on the overview, so that its curves grow
await kept.goto(`${base}/`);
const api = async (path) => (await (await fetch(`${base}/api/${path}`)).json());

async function go(hash) {
	await page.goto(`${base}/${hash}`);
	await page.waitForFunction(() => /live|^$/.test(document.getElementById("pulse").textContent));
}
// the page asks again when it becomes visible, too: sooner than by its clock
const again = () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
const text = (selector) => page.locator(selector).first().innerText();
const picture = (name) => page.screenshot({path: `${pictures}/${name}.png`});
const eventually = async (condition, what, timeout = 15000) => {
	for (const until = Date.now() + timeout; Date.now() < until;) {
		if (await condition())
			return;
		await new Promise((done) => setTimeout(done, 50));
	}
	assert.fail(`not within ${timeout} ms: ${what}`);
};

const checks = {
	async "overview shows what summary says"() {
		await go("#/");
		await page.waitForSelector(".tile");
		const tiles = await page.locator(".tiles").innerText();
		const summary = await api("summary");
		// some go on registering
		const registered = Number(tiles.match(/Registered\n([\d,]+)/)[1].replace(",", ""));
		assert.ok(registered > PHONES / 2 && registered <= summary.registrations.registered, tiles);
		assert.ok(tiles.includes(summary.registrations.failed.toLocaleString("en")), tiles);
		assert.match(await text(".state-names"), /registered .*challenged .*failed/s);
	},

	async "causes, how many phones, and what they share"() {
		await page.waitForSelector(".share.telling");
		const refused = (await api("summary")).causes.find((cause) => cause.cause === "forbidden-by-core").phones;
		const first = page.locator(".cause-list > li", {hasText: "forbidden-by-core"});
		assert.match(await first.innerText(), new RegExp(`^${refused.toLocaleString("en")} phones`));
		assert.match(await first.innerText(), /\d+ % TAC 0000a1 \(\d+ % of all\)/);
		await first.locator("a.share", {hasText: "TAC"}).click();
		await page.waitForSelector(".phone");
		assert.match(page.url(), /#\/phones\?cause=forbidden-by-core&tac=0000a1$/);
		await page.goBack();
	},

	async "curves are there at once, from the node's rows"() {
		const fresh = await context.newPage();
		await fresh.goto(`${base}/`);
		await fresh.waitForSelector(".curve.ratio", {state: "attached"}); // a single point has no size
		await eventually(async () => {
			const {rows} = await api("history?minutes=60");
			const drawn = (await fresh.locator(".curve.ratio").getAttribute("d")).match(/[ML]/g) || [];
			return rows.length > 0 && drawn.length === rows.length;
		}, "a point for each row");
		assert.match(await fresh.locator(".chart").first().getAttribute("aria-label"), /success ratio: \d/);
		assert.match(await fresh.locator(".chart").last().getAttribute("aria-label"), /median: \d.*95 %: \d/);
		const {rows: [newest]} = await api("history?minutes=60");
		assert.ok(newest.p95_ms > 0 && (await fresh.locator(".tiles").innerText()).includes("Delay"));
		await fresh.close();
	},

	async "an hour, a day, eight days"() {
		await go("#/");
		const pressed = () => page.locator(".spans [aria-pressed=true]").innerText();
		await page.waitForSelector(".spans button");
		assert.equal(await pressed(), "1 hour");
		for (const [name, question] of [["1 day", "minutes=1440"], ["8 days", "hours=193"], ["1 hour", "minutes=60"]]) {
			await page.locator(".spans button", {hasText: name}).click();
			await eventually(async () => await pressed() === name
				&& (await page.locator(".curve.ratio").getAttribute("d")).match(/[ML]/g).length === (await api(`history?${question}`)).rows.length, name);
		}
		assert.match(await text("figcaption"), /of the attempts that ended in each minute/);
	},

	async "delays of the open bucket do not stretch the scale"() {
		await context.route("**/api/history?*", async (route) => {
			const answer = await (await route.fetch()).json();
			for (const row of answer.rows)
				if (row.p95_ms)
					row.p95_ms = 2147483647;
			await route.fulfill({json: answer});
		});
		const fresh = await context.newPage();
		await fresh.goto(`${base}/`);
		await fresh.waitForSelector(".curve.p95", {state: "attached"});
		assert.match(await fresh.locator(".tiles").innerText(), /over 60 s/);
		assert.match(await fresh.locator(".chart").last().locator(".tick").nth(2).textContent(), /^66 s$/);
		await fresh.close();
		await context.unroute("**/api/history?*");
	},

	async "search by any identity"() {
		const {phones: [phone]} = await api(`show?who=imsi:${imsi(21)}`);
		for (const who of [phone.impu, phone.impi, `imsi:${phone.imsi}`, phone.imsi, `imei:${phone.imei}`, phone.call_id,
			phone.contact.match(/@([\d.]+)/)[1]]) {
			await go("#/phones");
			await page.keyboard.press("/");
			assert.equal(await page.evaluate(() => document.activeElement.id), "who");
			await page.keyboard.type(who);
			await page.keyboard.press("Enter");
			await page.waitForSelector(".impu");
			assert.equal(await text(".impu"), phone.impu.replace("sip:", ""), who);
		}
		await page.fill("#who", "sip:nobody@example");
		await page.keyboard.press("Enter");
		await page.waitForSelector("#notice:not([hidden])");
		assert.match(await text("#notice"), /Nobody is known here as "sip:nobody@example"/);
	},

	async "filters, and more by cursor"() {
		await go("#/phones");
		await page.waitForSelector(".phone");
		await page.selectOption("select[name=state]", "failed");
		await eventually(async () => /state=failed/.test(page.url()) && await page.locator(".phone .chip:not(.bad)").count() === 0,
			"only failed ones");
		const failed = (await api("summary")).registrations.failed;
		await eventually(async () => (await text(".count")).includes(`of ${failed.toLocaleString("en")}`), "how many there are");
		const before = await page.locator(".phone").count();
		await page.click("text=Show more");
		await eventually(async () => await page.locator(".phone").count() > before, "more of them");
		const names = await page.locator(".phone .name b").allInnerTexts();
		assert.equal(new Set(names).size, names.length, "each phone once");
		await page.fill("input[name=device]", "quectel");
		await page.keyboard.press("Enter");
		await page.waitForSelector(".empty");
		assert.equal(await text(".empty"), "No phone matches.");
		await page.click("text=Clear");
		await page.waitForSelector(".phone");
		await page.fill("input[name=cell]", "000000011");
		await page.keyboard.press("Enter");
		await eventually(async () => (await page.locator(".phone .place").allInnerTexts()).every((place) => /cell 000000011/.test(place)),
			"only that cell");
		await page.fill("input[name=code]", "99");
		await page.keyboard.press("Enter");
		await page.waitForSelector("#notice.warn:not([hidden])");
		assert.match(await text("#notice"), /code: 99 is no number from 100 to 699/i);
	},

	async "one phone: state, why, evidence, next step"() {
		await go(`#/phone/${LOOPS}`);
		await page.waitForSelector(".why");
		const {phones: [why]} = await api(`why?who=${LOOPS}`);
		assert.equal(await text(".why .word"), why.causes[0].cause);
		assert.equal(await text(".why .certainty"), why.causes[0].certainty);
		const first = await text(".why");
		for (const part of [why.causes[0].title, why.causes[0].inspect, why.causes[0].next_step, why.causes[0].refuted_by])
			assert.ok(first.includes(part), part);
		for (const part of why.causes[0].evidence)
			assert.ok(first.includes(part.slice(0, 25)), part);
		assert.match(await text(".identities"), /001010000900001/);
	},

	async "ladder: both legs, delays, findings where they arose"() {
		const {phones: [{timeline}]} = await api(`timeline?who=${LOOPS}`);
		await page.waitForSelector(".ladder");
		assert.equal(await page.locator(".ladder .entry").count(), timeline.length);
		const lanes = await page.locator(".lane").evaluateAll((all) => all.map((lane) => Number(lane.getAttribute("x1"))));
		const arrows = await page.locator(".arrow").evaluateAll((all) => all.map((arrow) => [Number(arrow.getAttribute("x1")), Number(arrow.getAttribute("x2"))]));
		for (const [from, to] of [[0, 1], [1, 2], [2, 1], [1, 0]])
			assert.ok(arrows.some(([x1, x2]) => x1 === lanes[from] && Math.abs(x2 - lanes[to]) < 3), `an arrow from lane ${from} to ${to}`);
		assert.equal(await page.locator(".badge").count(), timeline.filter((entry) => entry.finding).length);
		assert.ok(await page.locator(".badge").count() > 0);
		assert.ok((await page.locator(".ladder .delay").allTextContents()).includes(`+${timeline.find((entry) => entry.after).after}`));
		assert.match(await page.locator(".ladder").innerHTML(), /nothing/, "the silence before the second attempt");
	},

	async "explained on click, Escape back"() {
		const badge = page.locator(".badge").first();
		const id = (await badge.getAttribute("aria-label")).split(" ")[1];
		await badge.focus();
		await page.keyboard.press("Enter");
		await page.waitForSelector("dialog[open] .fields");
		assert.equal(await text("#explain-title"), id);
		assert.match(await text("dialog"), /clause/i);
		await page.keyboard.press("Escape");
		assert.equal(await page.locator("dialog[open]").count(), 0);
		assert.ok(await page.evaluate(() => document.activeElement.classList.contains("badge")), "the focus is back where it was");
		await page.locator(".line .word", {hasText: "Contact"}).click();
		await page.waitForSelector("dialog[open] .fields");
		await page.click("text=Close");
		await page.keyboard.press("Escape");
		await eventually(() => !page.url().includes("#/phone/"), "Escape leaves the phone");
	},

	async "last REGISTER line by line, with rule texts"() {
		await go(`#/phone/imsi:${imsi(3)}`);
		await page.waitForSelector(".line");
		const {phones: [known]} = await api(`decode?who=imsi:${imsi(3)}`);
		const lines = await text(".lines");
		for (const part of ["To", "Contact", "CSeq", "Call-ID", "User-Agent", known.contact, known.device, "1 REGISTER"])
			assert.ok(lines.includes(part), part);
		const finding = known.findings.find((found) => found.header === "P-Access-Network-Info");
		assert.ok((await page.locator(".line", {hasText: "P-Access-Network-Info"}).innerText()).includes(finding.text));
	},

	async "decode a message, line by line"() {
		await go("#/decode");
		await page.fill("textarea", [`REGISTER sip:ims.example SIP/2.0`, "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", "From: <sip:a@b>;tag=1",
			"To: <sip:a@b>;tag=2", "Call-ID: c", "CSeq: abc REGISTER", `User-Agent: ${EVIL}`, "Content-Length: 0"].join("\n"));
		await page.keyboard.press("Control+Enter");
		await page.waitForSelector(".line");
		assert.match(await text(".verdict"), /findings?, the worst: error/);
		const cseq = page.locator(".line", {hasText: "abc REGISTER"});
		assert.match(await cseq.innerText(), /CSEQ-04/);
		assert.equal(await page.locator(".line", {hasText: /^Via/}).count(), 1, "Via is Via");
		await cseq.locator(".word", {hasText: "CSEQ-04"}).click();
		await page.waitForSelector("dialog[open] .fields");
		await page.keyboard.press("Escape");
		await picture("decode");
		await page.fill("textarea", "INVITE x");
		await page.keyboard.press("Control+Enter");
		await eventually(async () => (await page.locator(".notice").allInnerTexts()).some((said) => /say what/.test(said)), "what is wrong");
	},

	async "what a phone wrote stays text"() {
		for (const hash of [`#/phone/imsi:${imsi(13)}`, "#/phones?device=img", "#/phones?cause=any&device=img"]) {
			await go(hash);
			await page.waitForSelector(".phone, .identities");
			assert.ok((await page.locator("main").innerText()).includes(EVIL), hash);
			assert.equal(await page.locator("img, script:not([src]), iframe").count(), 0);
		}
		assert.notEqual(await page.title(), "owned");
		assert.deepEqual(violations, []);
	},

	async "the policy does hold scripts back"() {
		await page.evaluate(() => {
			const script = document.createElement("script");
			script.textContent = "document.title = 'owned'";
			document.body.append(script);
			script.remove();
			document.body.insertAdjacentHTML("beforeend", "<p id=probe style='color:red' onclick='document.title=`owned`'>x</p>");
			document.getElementById("probe").click();
			document.getElementById("probe").remove();
		});
		await eventually(() => violations.length >= 3, "three violations");
		assert.notEqual(await page.title(), "owned");
		violations.length = 0;
		faults.length = 0; // Chromium writes them to the console, too
	},

	async "dark by system, and by choice"() {
		const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number)[0]);
		await go("#/");
		assert.ok(await ground() > 200);
		await page.emulateMedia({colorScheme: "dark"});
		assert.ok(await ground() < 40);
		await go(`#/phone/${LOOPS}`);
		await page.waitForSelector(".ladder");
		await picture("phone-dark");
		await page.click("#theme"); // auto, dark
		await page.click("#theme"); // light
		assert.ok(await ground() > 200);
		await page.reload();
		assert.ok(await ground() > 200, "kept");
		await page.emulateMedia({colorScheme: "light"});
		await page.click("#theme"); // auto
		assert.match(await page.locator("#theme").innerText(), /auto/);
	},

	async "readable in both colours"() {
		await go(`#/phone/${LOOPS}`);
		for (const scheme of ["light", "dark"]) {
			await page.emulateMedia({colorScheme: scheme});
			const worst = await page.evaluate(() => {
				const light = (color) => color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255)
					.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
					.reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
				const ground = (element) => {
					for (; element; element = element.parentElement) {
						const color = getComputedStyle(element).backgroundColor;
						if (!/, 0\)|transparent/.test(color))
							return color;
					}
					return "rgb(255,255,255)";
				};
				let found = [21, ""];
				for (const element of document.querySelectorAll("main *, header *")) {
					if (element instanceof SVGElement || ![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
						continue;
					const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
					const ratio = (a + 0.05) / (b + 0.05);
					if (ratio < found[0])
						found = [ratio, `${element.className} "${element.textContent.slice(0, 30)}"`];
				}
				return found;
			});
			assert.ok(worst[0] >= 4.5, `${scheme}: contrast ${worst}`);
		}
		await page.emulateMedia({colorScheme: "light"});
	},

	async "by keyboard alone"() {
		await go("#/");
		await page.reload();
		await page.waitForSelector(".cause-n");
		const seen = [];
		for (let i = 0; i < 12; i++) {
			await page.keyboard.press("Tab");
			seen.push(await page.evaluate(() => {
				const element = document.activeElement;
				const style = getComputedStyle(element);
				const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
				return `${element.id || element.className || element.textContent}${visible ? "" : " without focus"}`;
			}));
		}
		assert.deepEqual(seen.filter((name) => name.endsWith("without focus")), []);
		for (const name of ["skip", "who", "theme", "tile"])
			assert.ok(seen.some((part) => part.includes(name)), `${name} in ${seen}`);
		await page.locator(".cause-n").first().focus();
		await page.keyboard.press("Enter");
		await page.waitForSelector(".phone");
		await page.locator(".phone").first().focus();
		await page.keyboard.press("Enter");
		await page.waitForSelector(".impu");
		await page.keyboard.press("Escape");
		await eventually(() => /#\/phones\?cause=/.test(page.url()), "back in the list");
	},

	async "the focus stays through refreshes"() {
		await go("#/phones?state=failed");
		await page.waitForSelector(".phone");
		const key = await page.locator(".phone").nth(2).getAttribute("data-key");
		await page.locator(".phone").nth(2).focus();
		await page.locator(".phone").first().evaluate((row) => row.classList.add("old"));
		await eventually(async () => (await again(), await page.locator(".phone.old").count() === 0), "rows made anew");
		assert.equal(await page.evaluate(() => document.activeElement.dataset.key), key);
	},

	async "links lead to one phone, and back"() {
		await go("#/phones?state=failed");
		await page.waitForSelector(".phone");
		const name = await text(".phone .name b");
		await page.locator(".phone").first().click();
		await page.waitForSelector(".impu");
		assert.ok((await text(".impu")).startsWith(name));
		const link = page.url();
		const other = await context.newPage();
		await other.goto(link);
		await other.waitForSelector(".impu");
		assert.ok((await other.locator(".impu").innerText()).startsWith(name));
		await other.close();
		await page.goBack();
		await page.waitForSelector(".filters");
		assert.equal(await page.locator("select[name=state]").inputValue(), "failed");
	},

	async "390 pixels are enough"() {
		await page.setViewportSize({width: 390, height: 844});
		for (const [hash, shot] of [["#/", "narrow-overview"], ["#/phones?cause=any", ""], [`#/phone/${LOOPS}`, "narrow-phone"], ["#/decode", ""],
			[`#/phone/imsi:${imsi(13)}`, ""]]) {
			await go(hash);
			await page.waitForSelector(".tile, .phone, .ladder, textarea");
			await page.waitForTimeout(200);
			const width = await page.evaluate(() => document.documentElement.scrollWidth);
			assert.ok(width <= 390, `${hash}: ${width} pixels`);
			if (shot === "narrow-phone")
				await page.locator(".drawing").scrollIntoViewIfNeeded();
			if (shot)
				await picture(shot);
		}
		await page.setViewportSize({width: 1280, height: 800});
	},

	async "a node that does not answer, or forbids"() {
		await go("#/");
		await page.waitForSelector(".tile");
		await context.route("**/api/**", (route) => route.abort());
		await again();
		await page.waitForSelector("#notice.bad:not([hidden])");
		assert.match(await text("#notice"), /cannot be reached/);
		assert.match(await text("#pulse"), /no answer since/);
		assert.ok(await page.locator(".tile").count() > 0, "what is known stays");
		await context.unroute("**/api/**");
		await eventually(async () => await page.locator("#notice").isHidden(), "the notice goes by itself when it answers again");
		await context.route("**/api/**", (route) => route.fulfill({status: 403, contentType: "text/plain",
			body: "this address may not look: it is not in http_allow, a parameter of the module ims_regmon\n"}));
		await again();
		await page.waitForSelector("#notice.bad:not([hidden])");
		assert.match(await text("#notice"), /^Forbidden: .*http_allow/);
		await context.unroute("**/api/**");
		await page.goto(`${base}/#/phone/imsi:1`);
		await eventually(async () => /Imsi:1 is not known here/i.test(await text("#notice")), "an unknown phone");
	},

	async "many phones are no burden"() {
		const started = Date.now();
		await go("#/phones");
		await page.waitForSelector(".phone");
		const took = Date.now() - started;
		assert.match(await text(".count"), /^\d+ phones of [\d,]+$/);
		const all = Number((await text(".count")).split(" of ")[1].replaceAll(",", ""));
		assert.ok(all >= 0.9 * PHONES && all <= (await api("summary")).registrations.all, all);
		assert.ok(took < 10000, `${took} ms with ${PHONES} phones`);
		const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
		assert.ok(nodes < 3000, `${nodes} elements`);
	},

	async "curves grow with the node's clock"() {
		// at most a minute: the next one begins
		await eventually(async () => ((await kept.locator(".curve.ratio").getAttribute("d")).match(/[ML]/g) || []).length >= 2,
			"a second minute", 90000);
		await kept.screenshot({path: `${pictures}/overview.png`});
	},

	async "nothing from elsewhere, no faults, no violations"() {
		assert.deepEqual([...new Set(requests.map((url) => new URL(url).origin))], [new URL(base).origin]);
		assert.deepEqual(violations, []);
		assert.deepEqual(faults, []);
	},
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
	const started = Date.now();
	let error = "";
	try {
		await check();
	} catch (caught) {
		error = `${caught.message}\n${(caught.stack || "").split("\n").filter((line) => line.includes("page.mjs")).slice(0, 2).join("\n")}`;
		failed++;
		await page.screenshot({path: `${process.env.FAILED}/failed-${failed}.png`}).catch(() => {});
		await context.unroute("**/api/**").catch(() => {});
	}
	console.log(JSON.stringify({name, ok: !error, error, ms: Date.now() - started}));
}
await browser.close();
process.exitCode = failed ? 1 : 0;

// Runs Lighthouse on a served site:
//
//     node lighthouse.mjs --site URL --chromium FILE --out DIR [--runs N] [--first-pass] [--page PATH]...
//
// lighthouse.json has the pages, the thresholds and the number of runs. Mobile preset with simulated throttling: Lighthouse
// loads the page as fast as it can and computes what a slow phone would have made of it. Performance is the median of the
// runs, each with a browser of its own; no further run is made once those that are done have decided on which side of the
// threshold the median lies. The other scores do not vary and are taken from the first run. Where Chromium spoilt a run
// there is nothing to judge: that is said, and the run is made anew a few times. A score is never made anew.
// With --first-pass, the first run that reaches the performance threshold ends the runs of its page.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const PERFORMANCE = "performance";
/** What a line of the table shows after the scores. */
const METRICS = {
  FCP: "first-contentful-paint",
  LCP: "largest-contentful-paint",
  TBT: "total-blocking-time",
  CLS: "cumulative-layout-shift",
  SI: "speed-index",
};
/**
 * What Lighthouse says of a run that Chromium spoilt, which happens now and then whatever the page is: a broken recording
 * (its `badTraceRecording` and `internalChromeError`), a driver that did not answer, a window that was not painted in time.
 * Every other word, such as a page that answers 500 or hangs, is about the page.
 */
const SPOILT = new Set([
  "NO_TRACING_STARTED",
  "NO_RESOURCE_REQUEST",
  "NO_NAVSTART",
  "NO_DCL",
  "NO_FCP",
  "TRACING_ALREADY_STARTED",
  "PARSING_PROBLEM",
  "READ_FAILED",
  "PROTOCOL_TIMEOUT",
]);
/** How often a run is begun at most until one is whole. */
const ATTEMPTS = 3;
/** How many of the places are shown where an audit finds fault. */
const SHOWN_ITEMS = 5;
/** The longest text that is shown of such a place, in characters. */
const SHOWN_LENGTH = 240;

const given = JSON.parse(readFileSync(new URL("lighthouse.json", import.meta.url), "utf8"));
const { values: args } = parseArgs({
  options: {
    site: { type: "string" },
    chromium: { type: "string" },
    out: { type: "string" },
    runs: { type: "string", default: String(given.runs) },
    "first-pass": { type: "boolean", default: false },
    page: { type: "string", multiple: true, default: given.pages },
  },
});
for (const name of ["site", "chromium", "out"]) {
  if (!args[name]) {
    throw new Error(`--${name} is missing`);
  }
}
const runs = Number(args.runs);
if (!Number.isInteger(runs) || runs < 1) {
  throw new Error(`--runs is ${args.runs}; it must be a whole number from 1`);
}
/** So many runs on one side of the bar, and the median is there too; of an even number the lower of the middle two. */
const majority = Math.floor(runs / 2) + 1;

/** One attempt at a run: the report as Lighthouse tells it. */
async function attempt(page, categories, file) {
  const chrome = await launch({
    chromePath: args.chromium,
    // Containers forbid the sandbox and give little shared memory; the language must not be the machine's.
    chromeFlags: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=en-US"],
  });
  try {
    const url = new URL(page, args.site).href;
    const flags = { port: chrome.port, logLevel: "error", output: ["html", "json"], onlyCategories: categories };
    const { lhr, report } = await lighthouse(url, flags);
    report.forEach((text, i) => writeFileSync(join(args.out, `${file}.${flags.output[i]}`), text));
    return lhr;
  } finally {
    chrome.kill();
  }
}

/** Why a run says nothing about the page; undefined if it does. */
function spoiltBy({ runtimeError, categories, audits }) {
  if (runtimeError) {
    return runtimeError.code;
  }
  // An audit that could not be made leaves its category without a score.
  const weighty = Object.values(categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0));
  const failed = weighty.map(({ id }) => audits[id]).find(({ scoreDisplayMode }) => scoreDisplayMode === "error");
  return failed && `${failed.id}: ${failed.errorMessage}`;
}

/** One run: the categories' scores out of 100, and the report they come from. */
async function judge(page, categories, file) {
  for (let n = 1; ; n += 1) {
    let lhr;
    let spoilt;
    try {
      lhr = await attempt(page, categories, file);
      spoilt = spoiltBy(lhr);
    } catch (error) {
      // The browser's: it did not start, or did not answer.
      spoilt = error.message;
    }
    if (!spoilt) {
      const scores = Object.values(lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]);
      return { scores: Object.fromEntries(scores), lhr };
    }
    const aboutPage = lhr?.runtimeError && !SPOILT.has(lhr.runtimeError.code);
    if (aboutPage) {
      throw new Error(`${spoilt}: ${lhr.runtimeError.message}`);
    }
    if (n === ATTEMPTS) {
      throw new Error(`${spoilt}, ${n} times in a row`);
    }
    console.log(`${page.padEnd(width)}  attempt ${n} of ${ATTEMPTS} was spoilt (${spoilt}); once more`);
  }
}

/** All runs of one page. */
async function judgePage(page) {
  const name = page.replaceAll(/[^A-Za-z0-9]+/g, " ").trim().replaceAll(" ", "-") || "index";
  const bar = given.bars[PERFORMANCE];
  const done = [];
  const decided = () =>
    (args["first-pass"] && done.some(({ scores }) => scores[PERFORMANCE] >= bar)) ||
    done.filter(({ scores }) => scores[PERFORMANCE] >= bar).length >= majority ||
    done.filter(({ scores }) => scores[PERFORMANCE] < bar).length > runs - majority;
  while (done.length < runs && !decided()) {
    const categories = done.length === 0 ? Object.keys(given.bars) : [PERFORMANCE];
    done.push(await judge(page, categories, `${name}-${done.length + 1}`));
  }
  const [first] = done;
  const sorted = done.toSorted((a, b) => a.scores[PERFORMANCE] - b.scores[PERFORMANCE]);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const scores = { ...first.scores, [PERFORMANCE]: median.scores[PERFORMANCE] };
  return { page, scores, first, median, all: done.map((run) => run.scores[PERFORMANCE]) };
}

/** The table's line of a page. */
function line({ page, scores, median, all }) {
  const { audits, environment } = median.lhr;
  const of = Object.keys(given.bars).map((category) => String(scores[category]).padStart(category.length));
  const metrics = Object.entries(METRICS).map(
    ([short, id]) => `${short} ${(audits[id].displayValue ?? "?").replaceAll("\u00a0", " ")}`,
  );
  const noise = `runs ${all.join(", ")}, benchmark index ${Math.round(environment.benchmarkIndex)}`;
  return `${page.padEnd(width)}  ${of.join("  ")}  ${metrics.join(", ")}; ${noise}`;
}

/** What a person needs to find a place: the element, the file, the numbers; links and types are left out. */
function place(value) {
  if (value === null || typeof value !== "object") {
    return String(value);
  }
  const { selector, snippet, explanation, url, line: row, column } = value;
  if (selector || snippet) {
    return [selector, snippet, explanation].filter(Boolean).join("  ");
  }
  if (url) {
    return [url, row, column].filter((part) => part !== undefined).join(":");
  }
  const parts = Object.entries(value).filter(([key]) => !["type", "subItems", "debugData", "entity"].includes(key));
  return parts.map(([key, part]) => (Array.isArray(value) ? place(part) : `${key}: ${place(part)}`)).join(", ");
}

/**
 * Why a category is below its bar: every audit that costs points, with what it found. Of performance also those that cost
 * none, for they say why the others do.
 */
function* reasons(category, lhr) {
  for (const { id, weight } of lhr.categories[category].auditRefs) {
    const { title, score, displayValue, errorMessage, details } = lhr.audits[id];
    const isSound = score === null || score === 1 || (weight === 0 && category !== PERFORMANCE);
    // An audit that could not be made must not go by unseen, even if it has no weight.
    if (isSound && !errorMessage) {
      continue;
    }
    yield `  ${id} (${Math.round((score ?? 0) * 100)} of 100, weight ${weight}): ${title} ${displayValue ?? errorMessage ?? ""}`;
    const items = details?.items ?? [];
    for (const item of items.slice(0, SHOWN_ITEMS)) {
      yield `      ${place(item).replaceAll(/\s+/g, " ").slice(0, SHOWN_LENGTH)}`;
    }
    if (items.length > SHOWN_ITEMS) {
      yield `      and ${items.length - SHOWN_ITEMS} more`;
    }
  }
}

/** Measures a page and shows what came of it; how many of its scores are below their bars. */
async function report(page) {
  let judged;
  try {
    judged = await judgePage(page);
  } catch (error) {
    // A page that cannot be measured has no score at all; the others are measured all the same.
    console.log(`${page.padEnd(width)}  cannot be measured: ${error.message}`);
    return Object.keys(given.bars).length;
  }
  console.log(line(judged));
  const missed = Object.entries(given.bars).filter(([category, bar]) => judged.scores[category] < bar);
  for (const [category, bar] of missed) {
    console.log(`  ${category} is ${judged.scores[category]}; the bar is ${bar}:`);
    const { lhr } = category === PERFORMANCE ? judged.median : judged.first;
    for (const reason of reasons(category, lhr)) {
      console.log(`  ${reason}`);
    }
  }
  for (const warning of new Set([judged.first, judged.median].flatMap(({ lhr }) => lhr.runWarnings))) {
    console.log(`  warning: ${warning}`);
  }
  return missed.length;
}

const width = Math.max(...args.page.map((page) => page.length));
mkdirSync(args.out, { recursive: true });
console.log(`${"".padEnd(width)}  ${Object.keys(given.bars).join("  ")}`);
let nMissed = 0;
for (const page of args.page) {
  nMissed += await report(page);
}
console.log(`the reports are in ${args.out}`);
if (nMissed > 0) {
  console.log(`${nMissed} of ${args.page.length * Object.keys(given.bars).length} scores are missing or below their bars`);
  process.exitCode = 1;
}

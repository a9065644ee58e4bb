/** Reads the series every few seconds while somebody looks, and draws it. */
import { draw } from "./chart.js";

/** Another one by the address: /?series=kitchen */
const series = new URLSearchParams(location.search).get("series") ?? "demo";
const everyMilliseconds = 3_000;
const patienceMilliseconds = 10_000;
const pointsShown = 500;
const rowsShown = 20;
const atOnce = 4;
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, maximumSignificantDigits: 3, roundingPriority: "morePrecision" });
const time = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const byId = (id) => document.getElementById(id);
const chart = byId("chart");

let points = [];

async function call(path, options) {
  const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(patienceMilliseconds) });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `The server answered ${answer.status}.`);
  return body;
}

const send = (value, at) =>
  call("api/points", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ series, value, ...(at ? { at } : {}) }) });

/** Screen readers speak a status whenever it is written: not every three seconds. */
function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

const problems = { read: "", write: "" };

/** A reading that works doesn't take away what is wrong with the last point. */
function problem(kind, message = "") {
  problems[kind] = message;
  const text = [problems.write, problems.read].filter(Boolean).join(" ");
  say("problem", text);
  byId("problem").hidden = text === "";
}

let asked = 0;
let timer;
let shown;

/** Only the answer to the newest question counts: an older one may lack a point that was just added. */
async function refresh() {
  clearTimeout(timer);
  asked += 1;
  const mine = asked;
  try {
    const found = await call(`api/points?${new URLSearchParams({ series, limit: pointsShown })}`);
    if (mine !== asked) return;
    say("state", `Series “${series}”, read again every ${everyMilliseconds / 1_000} seconds`);
    problem("read");
    keep(found.points);
  } catch (error) {
    if (mine !== asked) return;
    say("state", `Series “${series}”, can't be read now`);
    problem("read", `The points can't be read: ${error.message}`);
  }
  if (document.visibilityState === "visible") timer = setTimeout(refresh, everyMilliseconds);
}

/** Nothing new leaves the page alone: what is being selected or pointed at stays. */
function keep(found) {
  const text = JSON.stringify(found);
  if (text === shown) return;
  shown = text;
  points = found.map(({ at, value }) => ({ time: Date.parse(at), value, text: number.format(value) }));
  show();
}

function show() {
  draw(chart, points, Math.max(240, chart.parentElement.clientWidth - 32));
  const values = points.map(({ value }) => value);
  const facts = { latest: values.at(-1), lowest: values.length ? Math.min(...values) : undefined, highest: values.length ? Math.max(...values) : undefined };
  for (const [id, value] of Object.entries(facts)) byId(id).textContent = value === undefined ? "–" : number.format(value);
  byId("count").textContent = `${number.format(points.length)}${points.length < pointsShown ? "" : "+"}`;
  byId("rows").replaceChildren(
    ...points
      .slice(-rowsShown)
      .reverse()
      .map((point) => {
        const row = document.createElement("tr");
        const [when, value] = [document.createElement("td"), document.createElement("td")];
        when.textContent = time.format(point.time);
        value.textContent = point.text;
        value.className = "number";
        row.append(when, value);
        return row;
      }),
  );
  // The keyboard must not stand on what is hidden.
  if (points.length > 0 && byId("examples").contains(document.activeElement)) byId("add").elements.value.focus();
  byId("examples").hidden = points.length > 0;
}

/** One submit at a time; what goes wrong is said. */
function onSubmit(id, act) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("button");
    // Not `disabled`, which would take the keyboard's place away.
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    say("added", "");
    try {
      say("added", await act(form));
      problem("write");
      await refresh();
    } catch (error) {
      problem("write", `That was not kept: ${error.message}`);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

onSubmit("add", async (form) => {
  const value = form.elements.value.valueAsNumber;
  await send(value);
  form.reset();
  return `Added ${number.format(value)}.`;
});

onSubmit("examples", async () => {
  const now = Date.now();
  const made = Array.from({ length: 20 }, (_, at) => ({
    value: Math.round((20 + 5 * Math.sin(at / 3) + (at % 4) * 0.4) * 10) / 10,
    at: new Date(now - (20 - at) * 60_000).toISOString(),
  }));
  // A new AWS account runs ten functions at once: a few at a time get through.
  while (made.length > 0) await Promise.all(made.splice(0, atOnce).map(({ value, at }) => send(value, at)));
  return "Added twenty examples.";
});

let drawnAt = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (contentRect.width === drawnAt) return; // the chart's own height changes the box, too
  drawnAt = contentRect.width;
  show();
}).observe(chart.parentElement);

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void refresh();
  else clearTimeout(timer);
});
await refresh();

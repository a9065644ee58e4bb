/** Reads the series every few seconds while somebody looks, and draws it. */
import { draw } from "./chart.js";

const series = "demo";
const everyMilliseconds = 3_000;
const rowsShown = 20;
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const time = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const byId = (id) => document.getElementById(id);
const chart = byId("chart");

let points = [];

async function call(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `The server answered ${answer.status}.`);
  return body;
}

const send = (value, at) =>
  call("api/points", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ series, value, ...(at ? { at } : {}) }) });

async function refresh() {
  try {
    const found = await call(`api/points?series=${series}&limit=500`);
    points = found.points.map(({ at, value }) => ({ time: Date.parse(at), value }));
    byId("state").textContent = `Series “${series}”, read again every ${everyMilliseconds / 1_000} seconds`;
    byId("problem").hidden = true;
    show();
  } catch (error) {
    problem(`The points can't be read: ${error.message}`);
  }
}

function problem(message) {
  byId("problem").textContent = message;
  byId("problem").hidden = false;
}

function show() {
  draw(chart, points, Math.max(240, chart.parentElement.clientWidth - 32));
  const values = points.map(({ value }) => value);
  const facts = { latest: values.at(-1), lowest: values.length ? Math.min(...values) : undefined, highest: values.length ? Math.max(...values) : undefined };
  for (const [id, value] of Object.entries(facts)) byId(id).textContent = value === undefined ? "–" : number.format(value);
  byId("count").textContent = number.format(points.length);
  byId("examples").hidden = points.length > 0;
  byId("rows").replaceChildren(
    ...points
      .slice(-rowsShown)
      .reverse()
      .map((point) => {
        const row = document.createElement("tr");
        const [when, value] = [document.createElement("td"), document.createElement("td")];
        when.textContent = time.format(point.time);
        value.textContent = number.format(point.value);
        value.className = "number";
        row.append(when, value);
        return row;
      }),
  );
}

/** One submit at a time; what goes wrong is said. */
function onSubmit(id, act) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await act(form);
      await refresh();
    } catch (error) {
      problem(`That was not kept: ${error.message}`);
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit("add", async (form) => {
  await send(form.elements.value.valueAsNumber);
  form.reset();
});

onSubmit("examples", async () => {
  const now = Date.now();
  const made = Array.from({ length: 20 }, (_, at) => ({
    value: Math.round((20 + 5 * Math.sin(at / 3) + (at % 4) * 0.4) * 10) / 10,
    at: new Date(now - (20 - at) * 60_000).toISOString(),
  }));
  await Promise.all(made.map(({ value, at }) => send(value, at)));
});

let drawnAt = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (contentRect.width === drawnAt) return; // the chart's own height changes the box, too
  drawnAt = contentRect.width;
  show();
}).observe(chart.parentElement);

await refresh();
setInterval(() => {
  if (document.visibilityState === "visible") void refresh();
}, everyMilliseconds);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void refresh();
});

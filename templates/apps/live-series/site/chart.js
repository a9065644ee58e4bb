/** A line over time as SVG, drawn at the width that it has: text keeps its size on a phone. */

const space = "http://www.w3.org/2000/svg";
const letter = 7; // a digit's width at 12 px
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [second, 5 * second, 15 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute].concat(
  [1, 2, 3, 6, 12].map((hours) => hours * hour),
  [1, 2, 7, 14, 30, 90, 180, 365, 730, 1_825, 3_650, 18_250].map((days) => days * day),
);

function element(name, attributes = {}, text = undefined) {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Round steps that a person would choose: 1, 2 or 5 times a power of ten. */
function ticks(low, high, about) {
  const rough = (high - low || Math.abs(high) || 1) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(low / step) * step;
  const count = Math.max(1, Math.ceil((high - first) / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, at) => Number((first + at * step).toPrecision(12)));
}

/** Short, but with as many digits as tell one tick from the next. */
export function tickFormat(all) {
  const largest = Math.max(...all.map(Math.abs));
  const step = all[1] - all[0];
  const notation = largest >= 1e15 || largest < 1e-3 ? "scientific" : largest >= 1e4 ? "compact" : "standard";
  // 1e-9: log10(1000) must not come out as 2.99…
  const digits = Math.floor(Math.log10(largest) + 1e-9) - Math.floor(Math.log10(step) + 1e-9) + 1;
  const format = new Intl.NumberFormat(undefined, { notation, maximumSignificantDigits: Math.min(21, Math.max(1, digits)) });
  return (tick) => format.format(tick);
}

const isMidnight = (time) => new Date(time).getHours() === 0 && new Date(time).getMinutes() === 0 && new Date(time).getSeconds() === 0;

/** At most `most` round times of the reader's own clock, and how to write them. */
export function timeTicks(first, last, most) {
  const step = steps.find((size) => (last - first) / size < most) ?? (last - first) / most;
  const ofDay = { hour: "2-digit", minute: "2-digit", ...(step < minute ? { second: "2-digit" } : {}) };
  const ofYear = step < 90 * day ? { month: "short", day: "numeric" } : { year: "numeric", month: "short" };
  const format = new Intl.DateTimeFormat(undefined, step < day ? ofDay : ofYear);
  const zone = new Date(first).getTimezoneOffset() * minute;
  const start = Math.ceil((first - zone) / step) * step + zone;
  const times = [];
  for (let time = start; time <= last; time += step) times.push(time);
  // Across midnight a time of day alone would not say which day.
  const days = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
  const text = (time) => (step < day && isMidnight(time) ? days.format(time) : format.format(time));
  return times.length > 0 ? times.map((time) => ({ time, text: text(time) })) : [{ time: first, text: format.format(first) }];
}

/** `points`: `{ time, value, text }`, oldest first, `time` in milliseconds. */
export function draw(svg, points, width) {
  const height = Math.round(Math.min(380, Math.max(220, width * 0.5)));
  const description = points.length === 0 ? "No points yet." : `A line of ${points.length} points; the table below has the newest ones.`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Values over time. ${description}`);
  svg.replaceChildren(element("title", {}, "Values over time"), element("desc", {}, description));
  if (points.length === 0) {
    svg.append(element("text", { x: width / 2, y: height / 2, "text-anchor": "middle", class: "none" }, "No points yet: add the first one below"));
    return;
  }
  const values = points.map(({ value }) => value);
  const yTicks = ticks(Math.min(...values), Math.max(...values), height / 60);
  const yText = tickFormat(yTicks);
  const margin = { top: 12, right: 16, bottom: 28, left: 14 + letter * Math.max(3, ...yTicks.map((tick) => yText(tick).length)) };
  const [low, high] = [yTicks[0], yTicks.at(-1)];
  const [first, last] = [points[0].time, points.at(-1).time];
  const y = (value) => margin.top + ((high - value) / (high - low || 1)) * (height - margin.top - margin.bottom);
  const x = (time) => (last === first ? width / 2 : margin.left + ((time - first) / (last - first)) * (width - margin.left - margin.right));

  for (const tick of yTicks) {
    svg.append(element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick) }));
    svg.append(element("text", { x: margin.left - 8, y: y(tick) + 4, "text-anchor": "end" }, yText(tick)));
  }
  for (const { time, text } of timeTicks(first, last, Math.max(2, (width - margin.left) / 90))) {
    const room = (text.length * letter) / 2;
    const anchor = x(time) + room > width ? "end" : x(time) < room ? "start" : "middle";
    svg.append(element("text", { x: x(time), y: height - 8, "text-anchor": anchor }, text));
  }
  const line = points.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.time).toFixed(1)} ${y(point.value).toFixed(1)}`).join("");
  svg.append(element("path", { class: "line", d: line }));
  for (const point of points.length > 200 ? points.slice(-1) : points) {
    const dot = element("circle", { class: "dot", cx: x(point.time), cy: y(point.value), r: points.length > 60 ? 2 : 4 });
    dot.append(element("title", {}, `${whole.format(point.time)}: ${point.text}`));
    svg.append(dot);
  }
}

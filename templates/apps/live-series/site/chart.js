/** A line over time as SVG, drawn at the width that it has: text keeps its size on a phone. */

const space = "http://www.w3.org/2000/svg";
const margin = { top: 12, right: 16, bottom: 34, left: 48 };
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

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

/** `points`: `{ time, value }`, oldest first, `time` in milliseconds. */
export function draw(svg, points, width) {
  const height = Math.round(Math.min(380, Math.max(220, width * 0.5)));
  const description = points.length === 0 ? "No points yet." : `A line of ${points.length} points; the table below has the newest ones.`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Values over time. ${description}`);
  svg.replaceChildren();
  if (points.length === 0) {
    svg.append(element("text", { x: width / 2, y: height / 2, "text-anchor": "middle", class: "none" }, "No points yet: add the first one below"));
    return;
  }
  const values = points.map(({ value }) => value);
  const yTicks = ticks(Math.min(...values), Math.max(...values), height / 60);
  const [low, high] = [yTicks[0], yTicks.at(-1)];
  const [first, last] = [points[0].time, points.at(-1).time];
  const y = (value) => margin.top + ((high - value) / (high - low || 1)) * (height - margin.top - margin.bottom);
  const x = (time) => (last === first ? width / 2 : margin.left + ((time - first) / (last - first)) * (width - margin.left - margin.right));

  for (const tick of yTicks) {
    svg.append(element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick) }));
    svg.append(element("text", { x: margin.left - 8, y: y(tick) + 4, "text-anchor": "end" }, short.format(tick)));
  }
  const times = last === first ? 1 : Math.max(2, Math.floor(width / 130));
  const format = last - first > 86_400_000 ? day : clock;
  for (let at = 0; at < times; at++) {
    const time = times === 1 ? first : first + ((last - first) * at) / (times - 1);
    const anchor = times === 1 ? "middle" : at === 0 ? "start" : at === times - 1 ? "end" : "middle";
    svg.append(element("text", { x: x(time), y: height - 10, "text-anchor": anchor }, format.format(time)));
  }
  const line = points.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.time).toFixed(1)} ${y(point.value).toFixed(1)}`).join("");
  svg.append(element("path", { class: "line", d: line }));
  for (const point of points.length > 200 ? points.slice(-1) : points) {
    const dot = element("circle", { class: "dot", cx: x(point.time), cy: y(point.value), r: points.length > 60 ? 2 : 4 });
    dot.append(element("title", {}, `${new Date(point.time).toLocaleString()}: ${point.value}`));
    svg.append(dot);
  }
}

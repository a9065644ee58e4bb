/** One chart as SVG, drawn at the width that it has: text keeps its size on a phone. */

const space = "http://www.w3.org/2000/svg";
const letter = 7; // a digit's width at 12 px
/** Above that many pixels a row, its dot can be told from the next one's. */
const dotsFrom = 3;

function element(name, attributes = {}, text = undefined) {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Round steps that a person would choose: 1, 2 or 5 times a power of ten. */
export function ticks(low, high, about) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step - 1e-9);
  return Array.from({ length: Math.max(1, count) + 1 }, (_, at) => Number((first + at * step).toPrecision(12)));
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

/** Not by spreading into Math.min: a long column doesn't fit on the stack. */
const extent = (values, start = [Infinity, -Infinity]) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], start);

/**
 * `kind`: bar, line, area or scatter. `points`: `{ label, text, x, y }`, `text` being its numbers to read; a `y` without a number is a gap. For a scatter `x` is a
 * number, for the others the position of its row.
 */
export function draw(svg, { kind, points, title, description, width }) {
  const height = Math.round(Math.min(340, Math.max(220, width * 0.58)));
  const shown = points.filter(({ x, y }) => y !== undefined && x !== undefined);
  svg.replaceChildren(element("title", {}, title), element("desc", {}, description));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${title}. ${description}`);
  if (shown.length === 0) {
    svg.append(element("text", { x: width / 2, y: height / 2, "text-anchor": "middle", class: "none" }, "No numbers in these columns"));
    return;
  }
  const values = shown.map(({ y }) => y);
  // Lengths are compared from zero; positions need not be.
  const fromZero = kind === "bar" || kind === "area";
  const yTicks = ticks(...extent(values, fromZero ? [0, 0] : undefined), height / 60);
  const yText = tickFormat(yTicks);
  const margin = { top: 12, right: 12, bottom: 28, left: 14 + letter * Math.max(3, ...yTicks.map((tick) => yText(tick).length)) };
  const [low, high] = [yTicks[0], yTicks.at(-1)];
  const y = (value) => margin.top + ((high - value) / (high - low || 1)) * (height - margin.top - margin.bottom);
  const inner = width - margin.left - margin.right;
  const xTicks = kind === "scatter" ? ticks(...extent(shown.map((point) => point.x)), width / 90) : [];
  const slot = inner / points.length;
  const x = (value) =>
    kind === "scatter" ? margin.left + ((value - xTicks[0]) / (xTicks.at(-1) - xTicks[0] || 1)) * inner : margin.left + (value + 0.5) * slot;

  for (const tick of yTicks) {
    svg.append(element("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick) }));
    svg.append(element("text", { x: margin.left - 8, y: y(tick) + 4, "text-anchor": "end" }, yText(tick)));
  }
  const base = Math.min(height - margin.bottom, y(Math.max(low, Math.min(0, high))));
  svg.append(element("line", { class: "axis", x1: margin.left, x2: width - margin.right, y1: base, y2: base }));
  xAxis(svg, { kind, points, xTicks, x, at: height - 8, width, slot });
  marks[kind](svg, { points, shown, x, y, base, slot });
}

/** As many labels as fit beside each other. */
function xAxis(svg, { kind, points, xTicks, x, at, width, slot }) {
  if (kind === "scatter") {
    const text = tickFormat(xTicks);
    for (const tick of xTicks) svg.append(element("text", { x: x(tick), y: at, "text-anchor": "middle" }, text(tick)));
    return;
  }
  const longest = points.reduce((most, { label }) => Math.max(most, Math.min(label.length, 12)), 0);
  const every = Math.max(1, Math.ceil((longest * letter + 14) / slot));
  for (let index = 0; index < points.length; index += every) {
    const text = points[index].label.length > 12 ? `${points[index].label.slice(0, 11)}…` : points[index].label;
    const edge = x(index) + (longest * letter) / 2 > width ? "end" : "middle";
    svg.append(element("text", { x: Math.min(x(index), width), y: at, "text-anchor": edge }, text));
  }
}

function named(mark, { label, text }) {
  mark.append(element("title", {}, `${label}: ${text}`));
  return mark;
}

/** Runs of neighbours: an empty cell is a gap in the line, not a zero. */
function runs(points) {
  const found = [[]];
  for (const point of points) {
    if (point.y === undefined) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter((run) => run.length > 0);
}

const path = (run, x, y) => run.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");

function line(svg, { points, shown, x, y, slot }) {
  const found = runs(points);
  for (const run of found) svg.append(element("path", { class: "line", d: path(run, x, y) }));
  const radius = slot > 14 ? 3.5 : 2;
  // Between two gaps a point has no line: its dot is all there is of it.
  for (const point of slot < dotsFrom ? found.filter((run) => run.length === 1).flat() : shown)
    svg.append(named(element("circle", { class: "dot", cx: x(point.x), cy: y(point.y), r: radius }), point));
}

const marks = {
  bar: (svg, { shown, x, y, base, slot }) => {
    const width = Math.max(1, slot * 0.7);
    for (const point of shown) {
      const top = Math.min(y(point.y), base);
      svg.append(
        named(
          element("rect", {
            class: "bar",
            x: x(point.x) - width / 2,
            y: top,
            width,
            height: Math.max(1, Math.abs(y(point.y) - base)),
            rx: Math.min(3, width / 4),
          }),
          point,
        ),
      );
    }
  },
  line,
  area: (svg, parts) => {
    const { points, x, y, base } = parts;
    for (const run of runs(points)) svg.append(element("path", { class: "area", d: `${path(run, x, y)}L${x(run.at(-1).x)} ${base}L${x(run[0].x)} ${base}Z` }));
    line(svg, parts);
  },
  scatter: (svg, { shown, x, y }) => {
    for (const point of shown) svg.append(named(element("circle", { class: "dot", cx: x(point.x), cy: y(point.y), r: 5, "fill-opacity": 0.75 }), point));
  },
};

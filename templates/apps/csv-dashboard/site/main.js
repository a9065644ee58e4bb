/** Puts the page together: reads data.csv, offers its columns, draws what is chosen. */
import { draw } from "./chart.js";
import { tableOf } from "./csv.js";
import { showTable } from "./table.js";

const count = new Intl.NumberFormat();
const space = "http://www.w3.org/2000/svg";
const kinds = { bar: "bars", line: "line", area: "area" };
/** The first row of the file that comes with the template: only that one is called an example. */
const exampleRow = "2024-01,86.0,67,4.1,1.6";
const byId = (id) => document.getElementById(id);

async function read() {
  const answer = await fetch("data.csv");
  if (!answer.ok) throw new Error(`data.csv can't be read: the server answered ${answer.status}.`);
  return tableOf(await answer.text());
}

function offer(select, columns, chosen) {
  select.replaceChildren(...columns.map(({ name, at }) => new Option(name, at, false, at === chosen)));
}

function show(data) {
  const columns = data.columns.map((column, at) => ({ ...column, at }));
  const numeric = columns.filter((column) => column.numeric);
  const [label, value, other] = ["label", "value", "other"].map(byId);
  const names = columns.find((column) => column.labels) ?? columns[0];
  const [first = names, second = first] = numeric.filter((column) => column !== names);
  offer(label, [...columns.filter((column) => column.labels), ...columns.filter((column) => !column.labels)], names.at);
  offer(value, numeric, first.at);
  offer(other, numeric, second.at);
  const example = columns.map(({ cells }) => cells[0]).join() === exampleRow ? " (example data, until you put your own there)" : "";
  byId("about").textContent = `${count.format(data.length)} ${data.length === 1 ? "row" : "rows"} of data.csv${example}`;

  // A column compared with itself says nothing.
  const compares = numeric.length > 1;
  other.parentElement.hidden = !compares;
  const charts = ["bar", "line", "area", ...(compares ? ["scatter"] : [])].map((kind) => {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const svg = document.createElementNS(space, "svg");
    figure.append(caption, svg);
    return { kind, figure, caption, svg };
  });
  byId("charts").replaceChildren(...charts.map(({ figure }) => figure));

  const update = () => {
    const [rows, values, others] = [label, value, other].map((select) => columns[Number(select.value)]);
    for (const { kind, svg, caption, figure } of charts) {
      const scatter = kind === "scatter";
      const points = values.values.map((y, at) => ({
        label: rows.cells[at] || `Row ${at + 1}`,
        y,
        x: scatter ? others.values[at] : at,
        text: scatter ? `${others.text(at)}, ${values.text(at)}` : values.text(at),
      }));
      const title = scatter ? `${values.name} against ${others.name}` : `${values.name} by ${rows.name}, ${kinds[kind]}`;
      caption.textContent = title;
      const description = `${scatter ? "A scatter plot" : `${kind === "area" ? "An" : "A"} ${kind} chart`} of ${points.length} rows; the table below has the numbers.`;
      draw(svg, { kind, points, title, description, width: Math.max(240, figure.clientWidth - 32) });
    }
  };
  for (const select of [label, value, other]) select.addEventListener("change", update);
  let drawnAt = 0;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === drawnAt) return; // a chart's own height changes the box, too
    drawnAt = contentRect.width;
    update();
  }).observe(byId("charts"));
  for (const id of ["choices", "rows"]) byId(id).hidden = false;
  showTable(document.querySelector("#rows table"), data);
}

try {
  show(await read());
} catch (error) {
  byId("about").textContent = "Nothing to show.";
  byId("problem").textContent = error.message;
  byId("problem").hidden = false;
}

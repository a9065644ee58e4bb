/** The trend as a chart, from the table that the page has anyway: bars of a row's first amount, a line of its second one. */
import uPlot from "uplot";
import { formatCents } from "../../../core/money.ts";

const height = 208;
const halfDay = 43_200;
let undo: (() => void) | undefined;

/** Also when the figures were replaced. */
export function drawTrend(): void {
  undo?.();
  undo = undefined;
  const host = document.querySelector<HTMLElement>("#trend-chart");
  const readout = document.querySelector<HTMLElement>("#trend-readout");
  const rows = [...document.querySelectorAll<HTMLTableRowElement>("#trend-days tbody tr")];
  if (!host || !readout || rows.length === 0) return;
  const days = rows.map((row) => Date.parse(`${row.querySelector("time")?.dateTime}T00:00:00Z`) / 1_000);
  const amounts = rows.map((row) => [...row.querySelectorAll("data")]);
  const cents = amounts.map(([first]) => Number(first?.value));
  const line = amounts.map(([, second]) => Number(second?.value));
  const withLine = amounts.some(([, second]) => second !== undefined);
  const usual = readout.textContent;
  const show = (at: number | null | undefined): void => {
    const row = at == null ? undefined : rows[at];
    const [first, second] = at == null ? [] : (amounts[at] ?? []);
    const beside = second ? `, estimated ${second.textContent}` : "";
    readout.textContent = row ? `${row.querySelector("time")?.textContent}: ${first?.textContent}${beside}` : usual;
  };

  const draw = (): uPlot => {
    const colour = (name: string): string => getComputedStyle(host).getPropertyValue(name).trim();
    const font = `12px ${getComputedStyle(host).fontFamily}`;
    const axis: uPlot.Axis = {
      stroke: colour("--quiet"),
      font,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width: host.clientWidth,
      height,
      padding: [8, 4, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { range: (_, least, most) => [least - halfDay, most + halfDay] },
        y: { range: (_, least, most) => [Math.min(0, least * 1.08), Math.max(100, most * 1.08)] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 28, space: 64, values: (_, splits) => splits.map(dayOf) },
        { ...axis, size: ({ ctx }, labels) => roomFor(labels ?? [], ctx, font), gap: labelGap, space: 36, values: (_, splits) => amountsOf(splits) },
      ],
      series: [
        {},
        { fill: colour("--accent"), paths: uPlot.paths.bars?.({ size: [0.68, 48], radius: 0.12 }), points: { show: false } },
        ...(withLine ? [{ stroke: colour("--warn"), width: 2, dash: [5, 3], points: { show: false } }] : []),
      ],
      hooks: { setCursor: [({ cursor }) => show(cursor.idx)] },
    };
    return new uPlot(options, withLine ? [days, cents, line] : [days, cents], host);
  };

  let chart = draw();
  const redraw = (): void => {
    chart.destroy();
    chart = draw();
  };
  const size = new ResizeObserver(() => {
    if (host.clientWidth !== chart.width) chart.setSize({ width: host.clientWidth, height });
  });
  size.observe(host);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw);
  undo = () => {
    size.disconnect();
    dark.removeEventListener("change", redraw);
    chart.destroy();
  };
}

const labelGap = 6;

/** As wide as the longest label. */
function roomFor(labels: string[], ctx: CanvasRenderingContext2D, font: string): number {
  ctx.save();
  ctx.font = font;
  const widest = Math.max(0, ...labels.map((label) => ctx.measureText(label).width));
  ctx.restore();
  return Math.ceil(widest) + labelGap + 2;
}

/** Whole dollars need no cents. */
const amountsOf = (splits: number[]): string[] => {
  const whole = splits.every((cents) => cents % 100 === 0);
  return splits.map((cents) => (whole ? formatCents(cents).slice(0, -3) : formatCents(cents)));
};

const dayOf = (seconds: number): string => new Date(seconds * 1_000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

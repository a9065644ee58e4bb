/** The tables of docs/FAULTS.md that are what a test saw: compared each time, written with CHARTCTL_RECORD=1. */
import { readFileSync, writeFileSync } from "node:fs";

/** One fault at one call: what it stopped, what stood then, what one more run did. */
export interface Failure {
  run: string;
  call: string;
  /** Done all the same: only its answer was lost. */
  answerLost: boolean;
  /** Undefined: the run came to its end. */
  stopped: string | undefined;
  left: string;
  next: string;
}

export const drawn = (titles: string[], rows: string[][]): string[] => {
  const cells = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const [head = "", ...lines] = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines];
};

/** How many of each run's calls were failed, and what came of it. The test has looked at each: one that ends elsewhere fails it. */
export const countsOf = (all: readonly Failure[], calls: Record<string, number>): string[] => {
  const rows = [...new Set(all.map(({ run }) => run))].map((run) => {
    const own = all.filter((one) => one.run === run);
    const stopped = own.filter((one) => one.stopped !== undefined).length;
    return [run, calls[run] ?? 0, own.length, own.length - stopped, stopped, own.length].map(String);
  });
  return drawn(
    ["run", "its calls", "faults injected", "came to its end all the same", "stopped, with what stands and the way on", "same end after one more run"],
    rows,
  );
};

/** The stopped ones; those that say the same are one row. `isRead`: reads may come in any order, and are not told apart. */
export function failuresOf(all: readonly Failure[], isRead: (call: string) => boolean): string[] {
  const byEffect = new Map<string, { failure: Failure; calls: Set<string> }>();
  for (const failure of all) {
    const { run, stopped, left, next, call, answerLost } = failure;
    if (stopped === undefined) continue;
    const key = JSON.stringify([run, stopped, left, next]);
    const known = byEffect.get(key) ?? { failure, calls: new Set() };
    known.calls.add(isRead(call) ? "its reads" : `${call}${answerLost ? ", answer lost" : ""}`);
    byEffect.set(key, known);
  }
  const rows = [...byEffect.values()].map(({ failure: { run, stopped = "", left, next }, calls }) => [run, stopped, [...calls].join("; "), left, next]);
  return drawn(["run", "stopped at", "call that fails", "what stood then", "what the next run did"], rows);
}

/** The tables under a heading of docs/FAULTS.md, in their order; written anew first, when recording. */
export function tablesUnder(heading: string, seen: readonly string[][], document = "docs/FAULTS.md"): string[][] {
  const text = readFileSync(document, "utf8");
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`${document} has no ${heading}`);
  const next = text.indexOf("\n## ", start + heading.length);
  const end = next < 0 ? text.length : next;
  const table = /^\|.*\n(?:\|.*\n)+/gm;
  let at = 0;
  const section = text.slice(start, end).replace(table, (whole) => (process.env.CHARTCTL_RECORD && seen[at] ? `${seen[at++]?.join("\n")}\n` : whole));
  if (process.env.CHARTCTL_RECORD) writeFileSync(document, text.slice(0, start) + section + text.slice(end));
  return [...section.matchAll(table)].map(([whole]) => whole.trimEnd().split("\n"));
}

/** Progress on stderr: a spinner with times on a terminal, plain lines elsewhere. */
import chalk from "chalk";
import type { Ora } from "ora";
import type { ProgressEvent, Step } from "../core/ports.ts";
import { planText } from "./plan.ts";

const titles: Record<Step, string> = {
  "take-over": "Read what an earlier run left in AWS",
  boundary: "Make the account's permissions boundary",
  plan: "Plan",
  apply: "Apply",
  adopt: "Look for what the state doesn't know",
  destroy: "Destroy",
  verify: "Prove that nothing is left",
  build: "Build the application",
  upload: "Upload",
  publish: "Publish a version of the function",
  check: "Ask the new version whether it works",
  switch: "Switch to the new version",
  answer: "Ask through the project's URL",
  reset: "Take the application's code off",
  empty: "Empty the bucket",
  clear: "Clear the table",
};
const verbs = { create: "created", update: "changed", delete: "destroyed", import: "adopted", read: "read" } as const;

export interface ProgressView {
  /** `at`: when it happened, where that was elsewhere. */
  show(event: ProgressEvent, at?: Date): void;
  /** Takes the spinner away: before a prompt, the result, or an error. */
  stop(): void;
}

export function progressView(
  write: (line: string) => void,
  options: { live: boolean; unicode: boolean; quiet: boolean; stream: NodeJS.WriteStream; now(): number },
): ProgressView {
  if (options.quiet) return { show: () => {}, stop: () => {} };
  const started = new Map<string, number>();
  const seconds = (key: string, now: number): string => `${((now - (started.get(key) ?? now)) / 1_000).toFixed(1)} s`;
  const between = options.unicode ? " · " : " - ";
  let spinner: Ora | undefined;
  let ora: typeof import("ora").default | undefined;
  if (options.live)
    void import("ora").then((loaded) => {
      ora = loaded.default;
    });
  const say = (line: string): void => {
    const text = spinner?.text;
    spinner?.stop();
    write(line);
    if (text !== undefined) spinner?.start(text);
  };
  const spin = (text: string): void => {
    spinner ??= ora?.({ stream: options.stream, discardStdin: false, ...(options.unicode ? {} : { spinner: "line" as const }) });
    spinner?.start(text);
  };
  const step = ({ title, phase, detail }: { title: string; phase: "start" | "done" | "failed"; detail?: string | undefined }, now: number): void => {
    if (phase === "start") {
      finished = 0;
      pending.clear();
      started.set(title, now);
      if (options.live) spin(title);
      else write(`${title} …`);
      return;
    }
    spinner?.stop();
    spinner = undefined;
    write(`${phase === "done" ? chalk.green("✔") : chalk.red("✖")} ${title}${detail ? `: ${detail}` : ""} (${seconds(title, now)})`);
  };
  let planned = 0;
  let finished = 0;
  const pending = new Map<string, number>();
  const resource = ({ address, action, phase, seconds: taken }: Extract<ProgressEvent, { type: "resource" }>): void => {
    if (phase === "start" || phase === "progress") pending.set(address, taken ?? 0);
    else {
      pending.delete(address);
      finished++;
      say(`  ${phase === "done" ? chalk.green("✔") : chalk.red("✖")} ${address} ${phase === "done" ? verbs[action] : "failed"}${taken ? ` (${taken} s)` : ""}`);
    }
    if (!spinner) return;
    const [oldest] = pending; // what started first holds the others up
    const count = planned > 0 ? `${finished}/${planned}` : `${finished}`;
    spinner.text = [spinner.text.split(between)[0], count, oldest && `${oldest[0]}${oldest[1] ? ` ${oldest[1]} s` : ""}`].filter(Boolean).join(between);
  };
  const count = ({ done, total, unit }: Extract<ProgressEvent, { type: "count" }>): void => {
    if (spinner)
      spinner.text = `${spinner.text.split(between)[0]}${between}${done.toLocaleString("en-US")}${total === undefined ? "" : `/${total.toLocaleString("en-US")}`} ${unit}`;
  };
  return {
    show: (event, at) => {
      if (event.type === "step") step({ title: titles[event.step], phase: event.phase }, at?.getTime() ?? options.now());
      else if (event.type === "part") step(event, at?.getTime() ?? options.now());
      else if (event.type === "resource") resource(event);
      else if (event.type === "plan") {
        planned = event.plan.changes.length;
        say(planText(event.plan, event.monthlyCents));
      } else if (event.type === "count") count(event);
      else say(event.level === "warn" ? `${chalk.yellow("warning:")} ${event.message}` : event.message);
    },
    stop: () => {
      spinner?.stop();
      spinner = undefined;
    },
  };
}

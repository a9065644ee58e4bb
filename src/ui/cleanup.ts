/** What a clean-up did, would do, or left alone, and why. */
import chalk from "chalk";
import type { CleanedUp } from "../core/lifecycle/cleanup.ts";

const marks: Record<CleanedUp["outcome"], string> = {
  planned: chalk.cyan("would"),
  done: chalk.green("done"),
  failed: chalk.red("failed"),
  waiting: chalk.yellow("waits"),
  active: chalk.dim("in use"),
  found: chalk.yellow("found"),
};

export function cleanupText(all: (CleanedUp & { tenantId: string })[], dryRun: boolean): string {
  if (all.length === 0) return "Nothing to clean up.";
  const lines = all.map(({ tenantId, projectId, action, reason, outcome, error }) => {
    const head = `${marks[outcome]}  ${tenantId}/${projectId}: ${outcome === "found" ? "not in these books" : action}`;
    return [head, `    because ${reason}`, ...(error ? [`    ${error.message}`] : [])].join("\n");
  });
  const more = [
    ...(dryRun ? [`Nothing was changed.${all.some(({ outcome }) => outcome === "planned") ? " Do it: chartctl cleanup --yes" : ""}`] : []),
    ...(all.some(({ outcome }) => outcome === "found")
      ? ["What is in no book stays, because another machine's books may have it; destroy it: chartctl cleanup --unbooked --yes"]
      : []),
    ...(all.some(({ outcome }) => outcome === "failed") ? ["What failed is tried again later; see: chartctl stats"] : []),
  ];
  return [...lines, ...more].join("\n");
}

/** `npm run bench`: medians and ratios of one run, as a table for docs/BENCHMARKS.md. Names of parts choose some. */
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { bookings } from "./bench/bookings.mjs";
import { costsBench } from "./bench/costs.mjs";
import { hosted } from "./bench/hosted.mjs";
import { lifecycle } from "./bench/lifecycle.mjs";
import { packaged } from "./bench/package.mjs";
import { reports } from "./bench/reports.mjs";
import { startup } from "./bench/startup.mjs";
import { synthesis } from "./bench/synthesis.mjs";
import { transfer } from "./bench/transfer.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const launcher = `${root}bin/chartctl.js`;
const rounds = Number(process.env.CHARTCTL_BENCH_ROUNDS ?? 5);
const parts = {
  startup: () => startup(launcher, rounds * 4),
  synthesis: () => synthesis(root),
  bookings: () => bookings(root),
  lifecycle: () => lifecycle(launcher, rounds),
  transfer: () => transfer(root, launcher, Math.min(rounds, 3)),
  costs: () => costsBench(launcher, rounds),
  reports: () => reports(launcher),
  hosted: () => hosted(launcher, Math.min(rounds, 3)),
  package: () => packaged(root, ["wrangler", "heroku", "cdktf-cli"]),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(", ")}; there is: ${Object.keys(parts).join(", ")}`);

console.log(
  `${cpus().length} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${rounds} rounds; medians, A and B in turn\n`,
);
console.log("| what | chartctl | against | ratio | limit | holds |\n| --- | --- | --- | --- | --- | --- |");
let missed = 0;
for (const [name, run] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  for (const { what, ours, peer, ratio, limit, holds } of await run()) {
    if (!holds) missed++;
    console.log(`| ${what} | ${ours} | ${peer} | ${ratio.toFixed(2)} | ${limit} | ${holds ? "yes" : "**no**"} |`);
  }
}
process.exitCode = missed > 0 ? 1 : 0;

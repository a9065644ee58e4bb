/** Timing whole processes: medians, and ratios of runs that took turns (these machines are shared and noisy). */
import { spawnSync } from "node:child_process";

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Seconds of one command; throws with its output when the exit code is not one of `allowed`. */
export function seconds(command, args, options = {}, allowed = [0]) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  const taken = Number(process.hrtime.bigint() - start) / 1e9;
  if (error) throw error;
  if (!allowed.includes(status)) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}\n${stderr}`);
  return taken;
}

/** Runs A and B in turn; the ratio is the median of the pairs' ratios. */
export function paired(rounds, a, b) {
  const pairs = [];
  a();
  b();
  for (let round = 0; round < rounds; round++) pairs.push([a(), b()]);
  return { a: median(pairs.map(([x]) => x)), b: median(pairs.map(([, y]) => y)), ratio: median(pairs.map(([x, y]) => x / y)) };
}

export const row = (what, ours, peer, ratio, limit) => ({ what, ours, peer, ratio, limit, holds: ratio <= limit });

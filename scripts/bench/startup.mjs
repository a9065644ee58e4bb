/** `--version`, `--help` and `status` against the floor: an empty Node process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paired, row, seconds } from "./measure.mjs";

export function startup(launcher, rounds) {
  const home = mkdtempSync(join(tmpdir(), "chartctl-bench-"));
  const env = { ...process.env, CHARTCTL_HOME: home };
  const node = () => seconds(process.execPath, ["-e", "0"]);
  const ours =
    (...args) =>
    () =>
      seconds(process.execPath, [launcher, ...args], { env }, [0, 6]);
  try {
    seconds(process.execPath, [launcher, "tenants", "add", "acme"], { env });
    return [
      ["chartctl --version", 1.5, ["--version"]],
      ["chartctl --help", 1.5, ["--help"]],
      ["chartctl status (embedded store)", 6, ["-t", "acme", "-p", "sales", "status"]],
    ].map(([what, limit, args]) => {
      const { a, b, ratio } = paired(rounds, ours(...args), node);
      return row(what, `${(a * 1000).toFixed(0)} ms`, `node -e 0: ${(b * 1000).toFixed(0)} ms`, ratio, limit);
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** provision, provision again and destroy in the sandbox, against Terraform typed by hand on the same files. */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, row, seconds } from "./measure.mjs";

const mirrorRoots = ["/opt", "/usr/share", "/usr/local/share"];

function pluginMirror() {
  if (process.env.CHARTCTL_PLUGIN_MIRROR) return process.env.CHARTCTL_PLUGIN_MIRROR;
  for (const root of mirrorRoots.filter((folder) => existsSync(folder))) {
    const found = readdirSync(root).find((name) => existsSync(join(root, name, "registry.terraform.io")));
    if (found) return join(root, found);
  }
  return undefined;
}

/** One round of each, on one emulator, one after the other. */
function round(launcher, home, env, number) {
  const project = ["--sandbox", "-t", "acme", "-p", `bench-${number}`];
  const chartctl = (...args) => seconds(process.execPath, [launcher, ...project, ...args], { env });
  const ours = { first: chartctl("provision", "--yes", "-q") };

  const folder = findRun(join(home, "data", "sandbox", "runs"));
  const hand = mkdtempSync(join(tmpdir(), "chartctl-by-hand-"));
  for (const file of readdirSync(folder).filter((name) => name === "main.tf.json" || name.endsWith(".zip"))) cpSync(join(folder, file), join(hand, file));

  ours.second = chartctl("provision", "--yes", "-q");
  ours.destroy = chartctl("destroy", "--yes", "-q");

  const url = JSON.parse(spawnSync(process.execPath, [launcher, "sandbox", "status", "--json"], { env, encoding: "utf8" }).stdout).data.url;
  const handEnv = {
    ...env,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_EC2_METADATA_DISABLED: "true",
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: join(home, "by-hand.tfrc"),
  };
  const terraform = (...args) => seconds("terraform", [args[0], "-input=false", "-no-color", ...args.slice(1)], { cwd: hand, env: handEnv });
  const typed = () =>
    terraform("init") + terraform("plan", "-out=plan") + seconds("terraform", ["apply", "-input=false", "-no-color", "plan"], { cwd: hand, env: handEnv });
  const theirs = { first: typed(), second: typed(), destroy: terraform("destroy", "-auto-approve") };
  rmSync(hand, { recursive: true, force: true });
  return { ours, theirs };
}

/** The project's run folder: the only one that there is now. */
function findRun(runs) {
  const folders = readdirSync(runs);
  if (folders.length !== 1) throw new Error(`expected one run folder, found ${folders.length}`);
  return join(runs, folders[0]);
}

export function lifecycle(launcher, rounds) {
  const home = mkdtempSync(join(tmpdir(), "chartctl-bench-"));
  const env = { ...process.env, CHARTCTL_HOME: home };
  const mirror = pluginMirror();
  writeFileSync(join(home, "by-hand.tfrc"), mirror ? `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n` : "");
  try {
    seconds(process.execPath, [launcher, "--sandbox", "tenants", "add", "acme"], { env });
    round(launcher, home, env, 0); // warms the provider's page cache and its checksum
    const measured = Array.from({ length: rounds }, (_, index) => round(launcher, home, env, index + 1));
    return [
      ["first", "provision, first (all of chartctl included)", 0.95, "init && plan -out && apply"],
      ["second", "provision again, unchanged, with refresh", 0.8, "init && plan -out && apply"],
      ["destroy", "destroy, with the proof of absence", 1.0, "destroy -auto-approve"],
    ].map(([key, what, limit, peer]) =>
      row(
        what,
        `${median(measured.map(({ ours }) => ours[key])).toFixed(2)} s`,
        `terraform ${peer}: ${median(measured.map(({ theirs }) => theirs[key])).toFixed(2)} s`,
        median(measured.map(({ ours, theirs }) => ours[key] / theirs[key])),
        limit,
      ),
    );
  } finally {
    spawnSync(process.execPath, [launcher, "sandbox", "stop"], { env });
    rmSync(home, { recursive: true, force: true });
  }
}

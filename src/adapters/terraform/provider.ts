/** The AWS provider: installed and verified by Terraform itself, once; then started once for a whole operation. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import lockfile from "proper-lockfile";
import { awsProviderVersion } from "../../blueprints/provider-version.ts";
import type { TerraformBinary } from "./binary.ts";
import { lineSplitter } from "./events.ts";
import { terraformFailure } from "./failures.ts";
import type { Guarded } from "./guarded.ts";
import { spawnGuarded } from "./guarded.ts";

const registryOf = { terraform: "registry.terraform.io", tofu: "registry.opentofu.org" } as const;

/**
 * The provider's executable. The first time on a machine, and whenever the file has changed, `terraform init` installs it
 * and checks its signature and hashes; afterwards the file's size, times and inode stand for that check.
 * Error `terraform.no-provider` (`external`).
 */
export async function installedProvider(binary: TerraformBinary, cacheDir: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = join(cacheDir, `provider-${binary.product}-${awsProviderVersion}`);
  const verdict = join(folder, "verified.json");
  const known = verified(verdict);
  if (known) return known;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = await lockfile.lock(folder, { retries: { retries: 120, minTimeout: 500, maxTimeout: 1_000, factor: 1 }, stale: 60_000 });
  try {
    const meanwhile = verified(verdict);
    if (meanwhile) return meanwhile;
    rmSync(join(folder, ".terraform"), { recursive: true, force: true });
    writeFileSync(
      join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: { aws: { source: "hashicorp/aws", version: awsProviderVersion } } } }),
    );
    const init = await execa(binary.path, ["init", "-input=false", "-no-color"], { cwd: folder, env, extendEnv: false, reject: false, all: true });
    if (init.failed) throw terraformFailure("init", `exit code ${init.exitCode}`, [], init.all ?? "");
    const path = executable(join(folder, ".terraform", "providers", registryOf[binary.product], "hashicorp", "aws", awsProviderVersion));
    writeFileSync(verdict, JSON.stringify({ path, stamp: stampOf(path) }), { mode: 0o600 });
    return path;
  } finally {
    await release();
  }
}

function verified(verdict: string): string | undefined {
  try {
    const { path, stamp } = JSON.parse(readFileSync(verdict, "utf8")) as { path: string; stamp: string };
    return existsSync(path) && stampOf(path) === stamp ? path : undefined;
  } catch {
    return undefined; // not verified yet
  }
}

function stampOf(path: string): string {
  const { size, mtimeMs, ino, dev } = statSync(path);
  return [size, mtimeMs, ino, dev].join("/");
}

function executable(versionFolder: string): string {
  for (const platform of readdirSync(versionFolder)) {
    const folder = realpathSync(join(versionFolder, platform));
    const file = readdirSync(folder).find((name) => name.startsWith("terraform-provider-aws"));
    if (file) return join(folder, file);
  }
  throw new Error("terraform init left no provider");
}

export interface RunningProvider extends Guarded {
  /** For Terraform's environment: TF_REATTACH_PROVIDERS. */
  reattach: string;
}

/** How long a provider may take to say that it listens. */
const startMilliseconds = 30_000;

/**
 * Starts the provider as HashiCorp documents it for debuggers (`-debug`, then TF_REATTACH_PROVIDERS), so that plan,
 * apply and destroy share one process. Undefined when it doesn't come up: every command then starts its own.
 */
export async function startProvider(
  path: string,
  options: { cwd: string; env: NodeJS.ProcessEnv; product: TerraformBinary["product"] },
): Promise<RunningProvider | undefined> {
  const guarded = spawnGuarded([path, "-debug"], { cwd: options.cwd, env: options.env, onOrphaned: "TERM", patienceSeconds: 10 });
  const { stdout, stderr } = guarded.child;
  stderr?.resume(); // megabytes of its debug log: read, so that it never blocks, and dropped
  const reattach = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), startMilliseconds);
    const end = (value: string | undefined): void => {
      clearTimeout(timer);
      resolve(value);
    };
    guarded.child.once("error", () => end(undefined));
    guarded.child.once("exit", () => end(undefined));
    stdout?.setEncoding("utf8").on(
      "data",
      lineSplitter((line) => {
        const match = /TF_REATTACH_PROVIDERS='(.*)'/.exec(line);
        if (match?.[1]) end(match[1].replace(registryOf.terraform, registryOf[options.product]));
      }),
    );
  });
  if (reattach) return { ...guarded, reattach };
  guarded.child.kill("SIGKILL");
  guarded.dismiss();
  return undefined;
}

/** The AWS provider: installed and verified by Terraform itself, once; then started once for a whole operation. */
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import lockfile from "proper-lockfile";
import { awsProviderVersion } from "../../blueprints/provider-version.ts";
import { makePrivateFolder } from "../../private-folder.ts";
import type { TerraformBinary } from "./binary.ts";
import { lineSplitter } from "./events.ts";
import { terraformFailure } from "./failures.ts";
import type { Guarded } from "./guarded.ts";
import { spawnGuarded } from "./guarded.ts";
import { followOutput } from "./output.ts";
import { providerLock } from "./provider-lock.ts";
import { signal } from "./run-folder.ts";

const registryOf = { terraform: "registry.terraform.io", tofu: "registry.opentofu.org" } as const;

/**
 * The provider's executable. The first time on a machine, and whenever the file has changed, `terraform init` installs it
 * and checks its signature (from the registry) and its checksum (where `providerLock` knows one); afterwards the file's
 * size, times and inode stand for that check. Errors (`external`): `terraform.no-provider`, `terraform.provider-changed`.
 */
export async function installedProvider(binary: TerraformBinary, cacheDir: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = verifiedFolder(binary, cacheDir);
  const verdict = join(folder, "verified.json");
  const known = verified(verdict);
  if (known) return known;
  makePrivateFolder(folder);
  const release = await lockfile.lock(folder, { retries: { retries: 120, minTimeout: 500, maxTimeout: 1_000, factor: 1 }, stale: 60_000 });
  try {
    const meanwhile = verified(verdict);
    if (meanwhile) return meanwhile;
    for (const stale of [".terraform", ".terraform.lock.hcl"]) rmSync(join(folder, stale), { recursive: true, force: true });
    const lock = binary.product === "terraform" ? providerLock(`${process.platform}-${process.arch}`) : undefined; // OpenTofu builds its own packages
    if (lock) writeFileSync(join(folder, ".terraform.lock.hcl"), lock);
    writeFileSync(
      join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: { aws: { source: "hashicorp/aws", version: awsProviderVersion } } } }),
    );
    const init = await execa(binary.path, ["init", "-input=false", "-no-color"], { cwd: folder, env, extendEnv: false, reject: false, all: true });
    if (init.failed) throw terraformFailure("init", `exit code ${init.exitCode}`, [], init.all ?? "");
    const path = executable(join(verifiedMirror(binary, cacheDir), registryOf[binary.product], "hashicorp", "aws", awsProviderVersion));
    writeFileSync(verdict, JSON.stringify({ path, stamp: stampOf(path) }), { mode: 0o600 });
    return path;
  } finally {
    await release();
  }
}

const verifiedFolder = ({ product }: TerraformBinary, cacheDir: string): string => join(cacheDir, `provider-${product}-${awsProviderVersion}`);

/** What `installedProvider` verified, laid out as a filesystem mirror: an `init` from it downloads nothing. */
export const verifiedMirror = (binary: TerraformBinary, cacheDir: string): string => join(verifiedFolder(binary, cacheDir), ".terraform", "providers");

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

/** How often its first words are looked for. */
const readMilliseconds = 10;

/**
 * Starts the provider as HashiCorp documents it for debuggers (`-debug`, then TF_REATTACH_PROVIDERS), so that plan,
 * apply and destroy share one process. Undefined when it doesn't come up: every command then starts its own.
 */
export async function startProvider(
  path: string,
  options: { cwd: string; env: NodeJS.ProcessEnv; product: TerraformBinary["product"] },
): Promise<RunningProvider | undefined> {
  const found: { line?(reattach: string): void } = {};
  const output = followOutput(
    options.cwd,
    ".provider",
    readMilliseconds,
    lineSplitter((line) => {
      const match = /TF_REATTACH_PROVIDERS='(.*)'/.exec(line);
      if (match?.[1]) found.line?.(match[1].replace(registryOf.terraform, registryOf[options.product]));
    }),
  );
  let guarded: Guarded;
  try {
    // On stderr it writes megabytes of its debug log.
    const how = { onOrphaned: "KILL", patienceSeconds: 5, stdout: output.fd, stderr: "ignore" } as const;
    guarded = spawnGuarded([path, "-debug"], { cwd: options.cwd, env: options.env, ...how });
  } catch (error) {
    output.finish();
    throw error;
  }
  const reattach = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), startMilliseconds);
    const end = (value: string | undefined): void => {
      clearTimeout(timer);
      resolve(value);
    };
    guarded.child.once("error", () => end(undefined));
    guarded.child.once("exit", () => end(undefined));
    found.line = end;
  });
  output.finish();
  if (reattach) return { ...guarded, reattach };
  await endProvider(guarded);
  return undefined;
}

/** It holds nothing that a kill could lose: the state is Terraform's. */
export async function endProvider({ child, pid, dismiss }: Guarded): Promise<void> {
  const running = child.exitCode === null && child.signalCode === null;
  const ended = running ? new Promise((resolve) => child.once("exit", resolve)) : undefined;
  signal(-pid, "SIGKILL");
  await ended;
  dismiss();
}

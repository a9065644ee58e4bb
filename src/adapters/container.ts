/** A folder as a host: a Dockerfile, a compose file with PostgreSQL, systemd units. Nothing here calls any cloud. */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readEnv, withEnv } from "../core/setup/env-file.ts";
import type { Host } from "../core/setup/host.ts";
import type { ConfigWanted, RandomBase64 } from "../core/setup/platform-config.ts";
import { configChanges } from "../core/setup/platform-config.ts";
import type { Changes, Step } from "../core/setup/steps.ts";
import { Secret } from "../core/setup/steps.ts";
import { ChartctlError, messageOf } from "../errors.ts";
import { makeFolder } from "../private-folder.ts";

export interface ContainerOptions {
  folder: string;
  /** Of the files to start from. */
  templates: string;
  version: string;
  /** As users reach it; undefined: what is set, or this machine alone. */
  publicUrl: string | undefined;
  config: Omit<ConfigWanted, "fixed">;
  /** Writes over what was changed by hand. */
  force: boolean;
  /** This package as a tarball, for the image. */
  tarball(): Promise<Uint8Array>;
  random: RandomBase64;
}

const templateFiles = ["Dockerfile", "compose.yaml", "chartctl-web.service", "chartctl-worker.service"];
const platformFile = "platform.env";
const postgresFile = "postgres.env";
const secretMode = 0o600;
/** What was written, by file: its SHA-256, so that a change by hand is seen. */
const recordFile = ".chartctl-container.json";

export function containerHost(options: ContainerOptions): Host {
  const { folder, version } = options;
  const tarballFile = `chartctl-${version}.tgz`;
  return {
    name: folder,
    url: async () => readEnv(textOf(folder, platformFile) ?? "").PUBLIC_URL ?? localUrl,
    bringUp: () => [
      fileStep(options, tarballFile, async () => await options.tarball()),
      ...templateFiles.map((name) => fileStep(options, name, async () => Buffer.from(fromTemplate(options, name)))),
      databaseStep(options),
      platformStep(options),
    ],
    takeDown: () => [
      ...[tarballFile, ...templateFiles].map((name) => removeStep(options, name)),
      ...[postgresFile, platformFile].map((name) => keptStep(folder, name)),
    ],
    lost: async () => [`the files of ${folder} that were not changed by hand`],
  };
}

const localUrl = "http://localhost:5001";

const fromTemplate = ({ templates, version }: ContainerOptions, name: string): string =>
  readFileSync(join(templates, name), "utf8").replaceAll("@VERSION@", version);

const fileStep = (options: ContainerOptions, name: string, wanted: () => Promise<Uint8Array>): Step => ({
  name,
  run: async (changes) => {
    const { folder, force } = options;
    const bytes = await wanted();
    const there = bytesOf(folder, name);
    if (there && Buffer.from(bytes).equals(there)) return "found";
    if (there && !force && recorded(folder)[name] !== digestOf(there))
      return { outcome: "waits", detail: `changed by hand, and left so; --force writes over it. ${differences(there, bytes)}` };
    await write(changes, options, name, bytes, 0o644);
    return there ? { outcome: "changed", detail: differences(there, bytes) } : "made";
  },
});

/** The database's own password, made once: there is no default that anybody could know. */
const databaseStep = (options: ContainerOptions): Step => ({
  name: postgresFile,
  run: async (changes) => {
    const { folder, random } = options;
    const text = textOf(folder, postgresFile) ?? "";
    const set = readEnv(text);
    const known = passwordIn(readEnv(textOf(folder, platformFile) ?? "").DATABASE_URL);
    const wanted = { POSTGRES_USER: "chartctl", POSTGRES_DB: "chartctl", POSTGRES_PASSWORD: new Secret(known ?? urlSafe(random(24))) };
    return await writeEnv(changes, options, postgresFile, text, Object.fromEntries(Object.entries(wanted).filter(([name]) => !set[name])));
  },
});

const platformStep = (options: ContainerOptions): Step => ({
  name: platformFile,
  run: async (changes) => {
    const { folder, publicUrl, config, random } = options;
    const text = textOf(folder, platformFile) ?? "";
    const set = readEnv(text);
    const password = readEnv(textOf(folder, postgresFile) ?? "").POSTGRES_PASSWORD ?? "";
    const fixed = { PUBLIC_URL: publicUrl ?? set.PUBLIC_URL ?? localUrl };
    const decided = configChanges(set, { ...config, fixed }, random);
    // In compose's own network, where nobody else listens: no TLS between the two.
    const database: Record<string, Secret> = set.DATABASE_URL
      ? {}
      : { DATABASE_URL: new Secret(`postgres://chartctl:${password}@postgres:5432/chartctl?sslmode=disable`) };
    return await writeEnv(changes, options, platformFile, text, { ...decided, ...database });
  },
});

const passwordIn = (url: string | undefined): string | undefined => (url && URL.canParse(url) ? new URL(url).password || undefined : undefined);
const urlSafe = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function writeEnv(
  changes: Changes,
  options: ContainerOptions,
  name: string,
  text: string,
  set: Record<string, string | Secret>,
): ReturnType<Step["run"]> {
  const names = Object.keys(set);
  if (names.length === 0) return "found";
  const body = { file: join(options.folder, name), mode: "0600", set };
  await changes.make(
    { operation: `write ${name}`, body },
    async (sent) => put(options.folder, name, Buffer.from(withEnv(text, sent.set as Record<string, string>)), secretMode),
    undefined,
  );
  return { outcome: text === "" ? "made" : "changed", detail: names.length > shownNames ? `${names.length} variables` : names.join(", ") };
}

async function write(changes: Changes, { folder }: ContainerOptions, name: string, bytes: Uint8Array, mode: number): Promise<void> {
  const body = { file: join(folder, name), bytes: bytes.length };
  await changes.make(
    { operation: `write ${name}`, body },
    async () => {
      put(folder, name, bytes, mode);
      record(folder, { ...recorded(folder), [name]: digestOf(bytes) });
    },
    undefined,
  );
}

const removeStep = ({ folder, force }: ContainerOptions, name: string): Step => ({
  name,
  run: async ({ make }) => {
    const there = bytesOf(folder, name);
    if (!there) return "absent";
    if (!force && recorded(folder)[name] !== digestOf(there)) return { outcome: "waits", detail: "changed by hand, and left so; --force takes it away" };
    const { [name]: _, ...others } = recorded(folder);
    await make(
      { operation: `delete ${name}`, body: { file: join(folder, name) } },
      async () => {
        rmSync(join(folder, name));
        record(folder, others);
      },
      undefined,
    );
    return "removed";
  },
});

/** What they hold opens the database, and is nowhere else. */
const keptStep = (folder: string, name: string): Step => ({
  name,
  run: async () => (bytesOf(folder, name) ? { outcome: "waits", detail: "holds the only copy of its secrets: delete it yourself" } : "absent"),
});

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function bytesOf(folder: string, name: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(folder, name, error);
  }
}
const textOf = (folder: string, name: string): string | undefined => bytesOf(folder, name)?.toString("utf8");

function recorded(folder: string): Record<string, string> {
  try {
    return JSON.parse(textOf(folder, recordFile) ?? "{}") as Record<string, string>;
  } catch {
    return {}; // damaged: then everything counts as changed by hand, and nothing is written over
  }
}

function record(folder: string, digests: Record<string, string>): void {
  if (Object.keys(digests).length === 0) rmSync(join(folder, recordFile), { force: true });
  else put(folder, recordFile, Buffer.from(`${JSON.stringify(digests, undefined, 2)}\n`), 0o644);
}

/** Whole at every instant, and readable for those who may from its first byte on. */
function put(folder: string, name: string, bytes: Uint8Array, mode: number): void {
  const draft = join(folder, `.${name}.${randomBytes(4).toString("hex")}`);
  try {
    makeFolder(folder);
    writeFileSync(draft, bytes, { mode, flag: "wx" });
    chmodSync(draft, mode);
    renameSync(draft, join(folder, name));
  } catch (error) {
    rmSync(draft, { force: true });
    throw unusable(folder, name, error);
  }
}

const shownDifferences = 6;
const shownNames = 3;

/** Lines that only one of the two has. */
function differences(there: Uint8Array, wanted: Uint8Array): string {
  const [before, after] = [there, wanted].map((bytes) => Buffer.from(bytes).toString("utf8").split("\n")) as [string[], string[]];
  if ([before, after].some((lines) => lines.some((line) => line.includes("\0")))) return "";
  const lines = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  return lines.slice(0, shownDifferences).join(" ") + (lines.length > shownDifferences ? ` ... ${lines.length} lines differ` : "");
}

const unusable = (folder: string, name: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "container.folder",
    message: `${join(folder, name)} can't be read or written: ${messageOf(cause)}`,
    hint: "name another folder: chartctl setup container DIR",
    cause,
  });

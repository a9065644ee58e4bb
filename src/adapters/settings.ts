/** Settings of one call, from flags, environment, chartctl.json, the context and defaults; and the folders for files. */
import { existsSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { SettingValues } from "../core/settings.ts";
import { settingNames, settingVariables, settle, userIdFrom } from "../core/settings.ts";
import { ChartctlError, messageOf } from "../errors.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { readJson } from "./json-file.ts";

const sandboxContext = "sandbox";
/** The sandbox's own tenant: made by itself, so that the first command works. */
const sandboxTenant = "demo";

export interface Folders {
  config: string;
  data: string;
  cache: string;
}

/** `CHARTCTL_HOME` moves everything; otherwise the XDG Base Directory folders. */
export function folders(env: NodeJS.ProcessEnv): Folders {
  const home = env.CHARTCTL_HOME;
  if (home) return { config: home, data: join(home, "data"), cache: join(home, "cache") };
  const user = env.HOME ?? homedir();
  const xdg = (variable: string | undefined, otherwise: string): string => join(variable || join(user, otherwise), "chartctl");
  return { config: xdg(env.XDG_CONFIG_HOME, ".config"), data: xdg(env.XDG_DATA_HOME, ".local/share"), cache: xdg(env.XDG_CACHE_HOME, ".cache") };
}

/** Where the sandbox keeps its own books, states and emulator: never mixed with real ones. */
export const sandboxData = (env: NodeJS.ProcessEnv): string => join(folders(env).data, "sandbox");

export interface SavedContexts {
  current: string | undefined;
  contexts: Record<string, SettingValues>;
}

const configFile = (config: string): string => join(config, "config.json");

/** Error `config.corrupt` (`failed`). */
export function readContexts(config: string): SavedContexts {
  const file = configFile(config);
  if (!existsSync(file)) return { current: undefined, contexts: {} };
  try {
    const saved = JSON.parse(readFileSync(file, "utf8")) as Partial<SavedContexts>;
    return { current: saved.current, contexts: saved.contexts ?? {} };
  } catch (error) {
    throw new ChartctlError({
      kind: "failed",
      code: "config.corrupt",
      message: `The settings file ${file} can't be read: ${messageOf(error)}`,
      hint: "mend it, or move it aside: the defaults then apply",
      cause: error,
    });
  }
}

/** Writes through conf: atomic, and readable for the owner alone. Error `config.unwritable` (`failed`). */
export async function writeContexts(config: string, change: (saved: SavedContexts) => SavedContexts): Promise<void> {
  const next = change(readContexts(config));
  const { default: Conf } = await import("conf");
  try {
    makePrivateFolder(config);
    const store = new Conf({ cwd: config, configName: "config", projectName: "chartctl", projectSuffix: "", configFileMode: 0o600 });
    store.store = JSON.parse(JSON.stringify(next));
  } catch (error) {
    throw new ChartctlError({
      kind: "failed",
      code: "config.unwritable",
      message: `The settings in ${config} can't be written: ${messageOf(error)}`,
      hint: "make the folder writable, or set CHARTCTL_HOME to another one",
      cause: error,
    });
  }
}

/** `chartctl.json` here or in a folder above, as far as the repository's root. Error `config.corrupt` (`failed`). */
function projectFile(from: string): { file: string; values: SettingValues } | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "chartctl.json");
    if (existsSync(file)) return { file, values: settingsIn(file) };
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return undefined;
  }
}

function settingsIn(file: string): SettingValues {
  const document = readJson(file);
  return Object.fromEntries(settingNames.flatMap((name) => (typeof document[name] === "string" ? [[name, document[name]]] : [])));
}

export interface Given {
  flags: SettingValues;
  /** `--context`, `--sandbox` or `CHARTCTL_CONTEXT`. */
  context: string | undefined;
  /** The context may be one that isn't there yet. */
  newContext: boolean;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** Error `context.unknown` (`usage`). */
export function resolveSettings({ flags, context: asked, newContext, env, cwd }: Given) {
  const paths = folders(env);
  const saved = readContexts(paths.config);
  const context = asked ?? saved.current ?? "default";
  const sandbox = context === sandboxContext;
  if (asked && !newContext && !sandbox && asked !== "default" && !saved.contexts[asked]) {
    const known = [...Object.keys(saved.contexts), sandboxContext];
    throw new ChartctlError({
      kind: "usage",
      code: "context.unknown",
      message: `There is no context ${JSON.stringify(asked)}`,
      hint: `there is: ${known.join(", ")}; make it: chartctl config set tenant ID --context ${asked}`,
      details: { choices: known },
    });
  }
  const file = projectFile(cwd);
  const fromEnv = Object.fromEntries(
    settingNames.flatMap((name) => (env[settingVariables[name] ?? ""] ? [[name, env[settingVariables[name] ?? ""]]] : [])),
  ) as SettingValues;
  if (!fromEnv.region && env.AWS_DEFAULT_REGION) fromEnv.region = env.AWS_DEFAULT_REGION;
  if (sandbox) {
    // The sandbox talks to nobody else, whatever the environment says.
    delete fromEnv.apiUrl;
    delete fromEnv.awsProfile;
  }
  const { values, origins } = settle([
    { values: flags, origin: () => "flag" },
    { values: fromEnv, origin: (name) => settingVariables[name] ?? "environment" },
    { values: { ...file?.values, ...(sandbox ? { apiUrl: undefined, awsProfile: undefined } : {}) }, origin: () => file?.file ?? "chartctl.json" },
    { values: saved.contexts[context] ?? {}, origin: () => `context ${context}` },
    { values: sandbox ? { tenant: sandboxTenant } : {}, origin: () => "sandbox" },
    { values: { user: userIdFrom(login(env)), region: "us-east-1", environment: "development" }, origin: () => "default" },
  ]);
  if (file && values.apiUrl !== undefined && origins.apiUrl === file.file) refuseUnknownApi(values.apiUrl, file.file, saved.contexts);
  const data = sandbox ? sandboxData(env) : paths.data;
  return {
    ...values,
    user: values.user ?? "operator",
    region: values.region ?? "us-east-1",
    environment: values.environment ?? "development",
    context,
    sandbox,
    paths: { ...paths, data },
    origins,
  };
}

/**
 * A folder that was cloned must not lead tokens and passwords to a server of its author's: what its file names counts once
 * its reader has named it, too. Error `api.unknown` (usage).
 */
function refuseUnknownApi(apiUrl: string, file: string, contexts: Record<string, SettingValues>): void {
  const plain = (url: string | undefined): string | undefined => url?.replace(/\/+$/, "");
  if (Object.values(contexts).some((values) => plain(values.apiUrl) === plain(apiUrl))) return;
  throw new ChartctlError({
    kind: "usage",
    code: "api.unknown",
    message: `${file} names the control API ${apiUrl}, which nobody on this machine has named`,
    hint: `if you trust it: chartctl login --api-url ${apiUrl}, or set CHARTCTL_API_URL`,
  });
}

function login(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER ?? ""; // no entry in the password file, as in some containers
  }
}

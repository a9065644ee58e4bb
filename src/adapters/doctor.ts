/** What `doctor` looks at; every check answers by itself, whatever the others say. */
import { statSync } from "node:fs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { interruption, unlessStopped } from "../core/stoppable.ts";
import { isChartctlError, messageOf } from "../errors.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { clientSettings } from "./aws/clients.ts";
import { operatorCredentials } from "./aws/credentials.ts";
import { translated } from "./aws/errors.ts";
import { findTerraform } from "./terraform/binary.ts";
import { findMirror, userSettings } from "./terraform/mirror.ts";

interface Check {
  name: string;
  result: "ok" | "warn" | "fail";
  found: string;
  mend?: string;
}
interface Examined {
  settings: {
    sandbox: boolean;
    region: string;
    awsProfile?: string | undefined;
    apiUrl?: string | undefined;
    tenant?: string | undefined;
    paths: { config: string; data: string; cache: string };
  };
  env: NodeJS.ProcessEnv;
  awsEnvironment(): Promise<NodeJS.ProcessEnv>;
  api(): Promise<CallApi>;
  /** Ctrl-C. */
  interrupted: AbortSignal;
}

/** More than this, and signed requests are refused (SigV4 allows 5 minutes). */
const clockToleranceSeconds = 240;

/** Error `interrupted`: whatever is still asked then is asked no longer. */
export async function diagnose(examined: Examined): Promise<Check[]> {
  const checks: [string, (examined: Examined) => Promise<Omit<Check, "name">>][] = [
    ["Node.js", node],
    ["Terraform", terraform],
    ["AWS provider", provider],
    ["Folders", folders],
    ["Control API", controlApi],
    ["AWS credentials", aws],
    ["Clock", clock],
  ];
  const looked = async ([name, check]: (typeof checks)[number]): Promise<Check> => {
    try {
      return { name, ...(await check(examined)) };
    } catch (error) {
      return { name, result: "fail", found: messageOf(error), ...(isChartctlError(error) && error.hint ? { mend: error.hint } : {}) };
    }
  };
  return await unlessStopped(examined.interrupted, interruption, () => Promise.all(checks.map(looked)));
}

const ok = (found: string): Omit<Check, "name"> => ({ result: "ok", found });
const warn = (found: string, mend: string): Omit<Check, "name"> => ({ result: "warn", found, mend });

async function node(): Promise<Omit<Check, "name">> {
  return ok(process.versions.node); // the launcher refuses what is too old
}

async function terraform({ env }: Examined): Promise<Omit<Check, "name">> {
  const { product, version } = await findTerraform(env);
  return ok(`${product} ${version}`);
}

async function provider({ env }: Examined): Promise<Omit<Check, "name">> {
  const mirror = findMirror(env);
  if (mirror) return ok(`from the filesystem mirror ${mirror.path}`);
  const own = userSettings(env);
  return ok(own ? `as your Terraform settings say (${own})` : "from the registry, when first needed");
}

async function folders({ settings: { paths } }: Examined): Promise<Omit<Check, "name">> {
  makePrivateFolder(paths.data);
  const open = [paths.config, paths.data].filter((path) => (modeOf(path) & 0o077) !== 0);
  return open.length === 0
    ? ok(`${paths.data} is private`)
    : warn(`${open.join(", ")} can be read by other users of this machine`, `chmod 700 ${open.join(" ")}`);
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0; // not made yet
  }
}

async function controlApi({ api, settings }: Examined): Promise<Omit<Check, "name">> {
  const call = await api();
  const { version } = await call(endpoints.health, {});
  if (settings.apiUrl) return ok(`${settings.apiUrl}, version ${version}`);
  const direct = (await call(endpoints.listTenants, {})).filter(({ roleArn }) => roleArn === null).map(({ id }) => id);
  if (direct.length === 0 || settings.sandbox) return ok(`embedded, in ${settings.paths.data}`);
  return warn(`embedded; without a role of their own: ${direct.join(", ")}`, "their projects are made with your own credentials: chartctl tenants connect ID");
}

async function aws({ awsEnvironment, settings, interrupted: abortSignal }: Examined): Promise<Omit<Check, "name">> {
  const env = await awsEnvironment();
  const sts = new STSClient({ ...clientSettings(env, "STS", settings.region, await operatorCredentials(env, settings.awsProfile)), maxAttempts: 1 });
  const { Arn } = await translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({}), { abortSignal }));
  return ok(String(Arn));
}

/** Against the Date header of the STS endpoint: it answers without credentials. */
async function clock({ awsEnvironment, settings, interrupted }: Examined): Promise<Omit<Check, "name">> {
  const env = await awsEnvironment();
  const url = env.AWS_ENDPOINT_URL_STS ?? env.AWS_ENDPOINT_URL ?? `https://sts.${settings.region}.amazonaws.com/`;
  const response = await fetch(url, { method: "HEAD", signal: AbortSignal.any([interrupted, AbortSignal.timeout(5_000)]) }).catch(() => undefined);
  const date = response?.headers.get("date");
  if (!date) return warn(`not compared: ${url} does not answer`, "check the network and proxy");
  const off = Math.abs(Date.now() - Date.parse(date)) / 1_000;
  if (off < clockToleranceSeconds) return ok(`agrees with AWS within ${Math.ceil(off)} s`);
  return {
    result: "fail",
    found: `is ${Math.round(off)} s off`,
    mend: "set the clock (timedatectl set-ntp true): AWS refuses requests that are 5 minutes off",
  };
}

/** The checks of a deployment, one by one. Each does what a user or an attacker would do, and leaves nothing behind. */
import { blueprintParameters } from "../../contract/blueprints.ts";
import type { CallApi } from "../../contract/endpoints.ts";
import { endpoints } from "../../contract/endpoints.ts";
import { readySchema } from "../../contract/platform-endpoints.ts";
import { isChartctlError, messageOf } from "../../errors.ts";
import { isLoopback } from "../loopback.ts";
import type { Clock, Processes } from "../ports.ts";
import type { Finding, Platform, Verified } from "./platform.ts";
import { fail, ok, skipped } from "./platform.ts";

export interface VerifyOptions {
  platform: Platform;
  /** The API in the operator's name. */
  call: CallApi;
  clock: Clock;
  processes: Processes;
  /** The front end's origin: it must be let in, and a stranger's must not. */
  origin?: string | undefined;
  version: string;
  /** A random UUID. */
  newId(): string;
  /** Names of checks that are left out. */
  skip: readonly string[];
  /** Before each one. */
  onCheck(done: number, total: number): void;
}

type Check = (options: VerifyOptions) => Promise<Finding>;

/** Days that a certificate must still last: whoever renews it late has time to look. */
const certificateDays = 14;
/** The widest limit of tries to sign in that is looked for; more counts as none. */
const signInTries = 40;
const workerWaitSeconds = 20;

const checks: [string, Check][] = [
  ["health", health],
  ["database", (options) => readiness(options, "database")],
  ["migrations", (options) => readiness(options, "migrations")],
  ["queue", (options) => readiness(options, "queue")],
  ["tls", tls],
  ["headers", securityHeaders],
  ["cors", cors],
  ["sign-in", signIn],
  ["forged-token", forgedToken],
  ["rate-limit", rateLimit],
  ["quota", quota],
  ["worker", worker],
  ["terraform", terraform],
  ["assume-role", assumeRole],
];
export const checkNames = checks.map(([name]) => name);

/** In order, every one, whatever the others found; unless nothing answers at all, which is said once. TLS may be why, and is looked at. */
export async function verify(options: VerifyOptions): Promise<Verified[]> {
  const results: Verified[] = [];
  let silent = false;
  for (const [name, check] of checks) {
    options.onCheck(results.length, checks.length);
    const started = options.clock.now().getTime();
    const find = async (): Promise<Finding> => {
      if (options.skip.includes(name)) return skipped("left out, as asked");
      if (silent && name !== "tls") return skipped("nothing answers");
      try {
        return await check(options);
      } catch (error) {
        silent ||= name === "health" && isChartctlError(error) && error.code === "api.unreachable";
        return failed(error);
      }
    };
    results.push({ name, ...(await find()), milliseconds: options.clock.now().getTime() - started });
  }
  return results;
}

function failed(error: unknown): Finding {
  if (!isChartctlError(error)) throw error;
  return fail(error.message, error.hint);
}

async function health({ platform, version }: VerifyOptions): Promise<Finding> {
  const { status, body } = await platform.ask({ method: "GET", path: "/api/health", as: "nobody" });
  const parsed = endpoints.health.response.safeParse(body);
  if (status !== 200 || !parsed.success) return fail(`${platform.url} answers ${status}, and it is no chartctl`, "check the address, and the host's logs");
  const { version: theirs } = parsed.data;
  return ok(theirs === version ? `version ${theirs}` : `version ${theirs}; this chartctl is ${version}`);
}

async function readiness({ platform }: VerifyOptions, name: string): Promise<Finding> {
  const { status, body } = await platform.ask({ method: "GET", path: "/api/ready", as: "nobody" });
  const parsed = readySchema.safeParse(body);
  const check = parsed.success ? parsed.data.checks.find((one) => one.name === name) : undefined;
  if (!check) return fail(`/api/ready answers ${status}, without saying anything about it`, "look into the server's logs");
  return check.ok ? ok(check.found) : fail(check.found, "look into the server's logs, and at its DATABASE_URL");
}

async function tls({ platform, clock }: VerifyOptions): Promise<Finding> {
  const url = new URL(platform.url);
  if (url.protocol !== "https:") {
    if (isLoopback(url.hostname)) return skipped("this machine's own address: nothing goes over a network");
    return fail(`${platform.url} sends passwords and tokens in the clear`, "put it behind HTTPS, and set PUBLIC_URL to the https address");
  }
  const { endsAt, issuer } = await platform.certificate();
  const days = Math.floor((endsAt.getTime() - clock.now().getTime()) / 86_400_000);
  if (days < certificateDays) return fail(`the certificate ends in ${days} days`, "renew it");
  const { headers } = await platform.ask({ method: "GET", path: "/api/health", as: "nobody" });
  if (!headers["strict-transport-security"]) return fail("browsers aren't told to stay with HTTPS", "set PUBLIC_URL to the https address of the platform");
  return ok(`certificate of ${issuer}, good for ${days} days`);
}

const wanted: Record<string, RegExp> = {
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
  "content-security-policy": /./,
  "referrer-policy": /./,
  "cache-control": /no-store/,
};

async function securityHeaders({ platform }: VerifyOptions): Promise<Finding> {
  const { headers } = await platform.ask({ method: "GET", path: "/api/health", as: "nobody" });
  const missing = Object.keys(wanted).filter((name) => !wanted[name]?.test(headers[name] ?? ""));
  return missing.length === 0
    ? ok(Object.keys(wanted).join(", "))
    : fail(`missing or changed: ${missing.join(", ")}`, "something between here and chartctl takes them away");
}

async function cors({ platform, origin, newId }: VerifyOptions): Promise<Finding> {
  const allowed = async (from: string): Promise<string | undefined> => {
    const headers = { origin: from, "access-control-request-method": "GET", "access-control-request-headers": "authorization" };
    return (await platform.ask({ method: "OPTIONS", path: "/api/projects", headers, as: "nobody" })).headers["access-control-allow-origin"];
  };
  const stranger = await allowed(`https://${newId()}.example.org`);
  if (stranger !== undefined) return fail(`pages of any origin may read it (${stranger})`, "list the front end's origin alone in CORS_ORIGIN");
  if (origin === undefined) return ok("a stranger's page is kept out; the front end's origin was not named (--origin)");
  const own = await allowed(origin);
  return own === origin ? ok(`${origin} is let in, a stranger's page is not`) : fail(`${origin} is kept out`, `add it to CORS_ORIGIN on the server`);
}

const noToken = (): Finding => skipped("nobody is signed in", "sign in: chartctl login, or set CHARTCTL_TOKEN");

async function signIn({ platform, call }: VerifyOptions): Promise<Finding> {
  const { status } = await platform.ask({ method: "GET", path: "/api/projects", as: "nobody" });
  if (status !== 401) return fail(`without a token it answers ${status} instead of 401`, "take the platform off the network, and look at what answers there");
  if (!platform.signedIn) return noToken();
  const { tenantId, userId, role } = await call(endpoints.me, {});
  return ok(`${userId} of ${tenantId}, ${role}; nobody without a token`);
}

async function forgedToken({ platform }: VerifyOptions): Promise<Finding> {
  if (!platform.signedIn) return noToken();
  const { status } = await platform.ask({ method: "GET", path: "/api/auth/me", as: "forger" });
  return status === 401
    ? ok("a changed token is refused")
    : fail(`a changed token is answered with ${status} instead of 401`, "take the platform off the network");
}

/** Of a user that isn't there: nobody is locked out. */
async function rateLimit({ platform, newId }: VerifyOptions): Promise<Finding> {
  const body = { tenant: "verify", user: `verify-${newId().slice(0, 8)}`, password: newId() };
  for (let tries = 1; tries <= signInTries; tries++) {
    const { status, headers } = await platform.ask({ method: "POST", path: "/api/auth/login", body, as: "nobody" });
    if (status === 429) return ok(`try ${tries} to guess a password is refused, for ${headers["retry-after"] ?? "some"} s`);
    if (status !== 401) return fail(`a wrong password is answered with ${status} instead of 401`, "look into the server's logs");
  }
  return fail(`${signInTries} passwords can be tried in a row`, "lower RATE_LIMIT_SIGN_INS");
}

/** A month that no limit allows: it must be refused before anything is booked. */
async function quota({ platform, call, processes, newId }: VerifyOptions): Promise<Finding> {
  if (!platform.signedIn) return noToken();
  const parameters = blueprintParameters["serverless-web"].parse({ monthly_requests: 10_000_000_000, request_duration_ms: 30_000, memory_mb: 10_240 });
  const body = {
    idempotencyKey: newId(),
    kind: "provision" as const,
    projectId: `verify-${newId().slice(0, 8)}`,
    holder: processes.self(),
    desired: { blueprint: "serverless-web" as const, region: "us-east-1" as const, environment: "development" as const, parameters },
  };
  try {
    const { operation } = await call(endpoints.openOperation, { body });
    await call(endpoints.finishOperation, {
      params: { operationId: operation.id },
      body: { fence: operation.fence, outcome: "cancelled", standing: "nothing" },
    });
    return fail("a project of millions of dollars a month was booked (and given back)", "set MAX_COST_PER_PROJECT and MAX_TOTAL_COST_PER_USER");
  } catch (error) {
    if (isChartctlError(error, "refused") && /^(quota|cost)\./.test(error.code)) return ok(`refused: ${messageOf(error)}`);
    throw error;
  }
}

async function aliveWorkers({ platform, call, clock }: VerifyOptions, patienceSeconds: number) {
  if (!platform.signedIn) return noToken();
  for (let waited = 0; ; waited += 2) {
    try {
      const workers = (await call(endpoints.adminStats, {})).workers.filter(({ alive }) => alive);
      // After a release or a restart it may still be on its way.
      if (workers.length > 0 || waited >= patienceSeconds) return workers;
    } catch (error) {
      if (isChartctlError(error, "auth")) return ownersOnly("the workers");
      throw error;
    }
    await clock.sleep(2_000);
  }
}

const ownersOnly = (what: string): Finding => skipped(`only the platform's owner sees ${what}`, "sign in as a global_owner");

const noWorker = (): Finding =>
  fail("no worker has reported in the last seconds: jobs and clean-up wait", "start one: chartctl worker; on Heroku: chartctl setup heroku scale worker=1");

async function worker(options: VerifyOptions): Promise<Finding> {
  const workers = await aliveWorkers(options, workerWaitSeconds);
  if (!Array.isArray(workers)) return workers;
  return workers.length > 0 ? ok(`${workers.length} alive`) : noWorker();
}

async function terraform(options: VerifyOptions): Promise<Finding> {
  const workers = await aliveWorkers(options, 0);
  if (!Array.isArray(workers)) return workers;
  const without = workers.filter((one) => one.terraform === null);
  if (workers.length === 0) return noWorker();
  if (without.length > 0) return fail(`it doesn't run on ${without.map(({ id }) => id).join(", ")}`, "put Terraform on its PATH, and start it again");
  return ok(`${[...new Set(workers.map((one) => one.terraform))].join(", ")} ran on ${workers.length === 1 ? "the worker" : `all ${workers.length} workers`}`);
}

/** Each tenant's role, tried by the platform itself: with its external ID, with a wrong one, and with none. */
async function assumeRole({ platform, call }: VerifyOptions): Promise<Finding> {
  if (!platform.signedIn) return noToken();
  const tenants = await call(endpoints.listTenants, {}).catch((error: unknown) => {
    if (isChartctlError(error, "auth")) return undefined;
    throw error;
  });
  if (!tenants) return ownersOnly("the tenants' roles");
  const connected = tenants.filter(({ roleArn }) => roleArn !== null);
  if (connected.length === 0) return skipped("no tenant has a role yet", "connect one: chartctl tenants connect ID");
  const holes: string[] = [];
  for (const { id } of connected) {
    const { checks } = await call(endpoints.verifyTenant, { params: { tenantId: id }, body: {} });
    holes.push(...checks.filter(({ result }) => result === "fail").map(({ name, found }) => `${id}: ${name}: ${found}`));
  }
  if (holes.length > 0) return fail(holes.join("; "), "see each: chartctl tenants verify ID");
  return ok(
    `${connected.length === 1 ? "the role of 1 tenant" : `the roles of ${connected.length} tenants`}: the right external ID is accepted, a wrong and a missing one are refused`,
  );
}

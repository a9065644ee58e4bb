/** The hosted control API as this call's user: which token counts, who it belongs to, and what asks in its name. */
import type { Cli, Settings } from "./commands/cli.ts";
import type { Me } from "./contract/access-endpoints.ts";
import type { CallApi } from "./contract/endpoints.ts";
import type { Clock } from "./core/ports.ts";
import type { TokenStore } from "./core/sign-in.ts";

interface SignedInOptions {
  env: NodeJS.ProcessEnv;
  given(): Promise<Settings>;
  clock: Clock;
  /** Ends the reading of a job's events, and of a report's file. */
  interrupted: AbortSignal;
}

export function signedIn({ env, given, clock, interrupted }: SignedInOptions) {
  const tokens = async (): Promise<TokenStore> => {
    const [{ systemKeyring, tokenStore }, { folders }] = await Promise.all([import("./adapters/token-store.ts"), import("./adapters/settings.ts")]);
    const keyring = env.CHARTCTL_KEYRING === "0" ? undefined : systemKeyring;
    return tokenStore({ config: folders(env).config, ownHome: Boolean(env.CHARTCTL_HOME), keyring });
  };
  const token: Cli["connect"]["token"] = async (url) =>
    env.CHARTCTL_TOKEN ? { token: env.CHARTCTL_TOKEN, place: "CHARTCTL_TOKEN", expiresAt: null } : await (await tokens()).kept(url);
  const headersFor = async (url: string): Promise<Record<string, string>> => authorization((await token(url))?.token);
  /** The token says who and where; only what was named on purpose is asked for besides. */
  const named = ({ user, origins }: Settings, tenant: string | undefined): Record<string, string> => ({
    ...(tenant ? { "x-chartctl-tenant": tenant } : {}),
    ...(origins.user === "default" ? {} : { "x-chartctl-user": user }),
  });
  const client = async (baseUrl: string, headers: Record<string, string>): Promise<CallApi> => {
    const [{ controlApiClient }, { randomUUID }] = await Promise.all([import("./adapters/control-api.ts"), import("node:crypto")]);
    return controlApiClient({ fetch, baseUrl, headers, newIdempotencyKey: randomUUID });
  };
  return {
    token,
    api: async (url: string, tenant: string | undefined): Promise<CallApi> =>
      await client(url, { ...(await headersFor(url)), ...named(await given(), tenant) }),
    me: async (url: string): Promise<Me> => {
      const { endpoints } = await import("./contract/endpoints.ts");
      return await (await client(url, await headersFor(url)))(endpoints.me, {});
    },
    signIn: (async () => {
      const [{ pipelineIdToken }, { controlApiClient }, { hostname }] = await Promise.all([
        import("./adapters/pipeline-identity.ts"),
        import("./adapters/control-api.ts"),
        import("node:os"),
      ]);
      return {
        // No idempotency keys: an answer with a secret in it is not to be kept.
        apiAt: (baseUrl, one) => controlApiClient({ fetch, baseUrl, headers: authorization(one) }),
        tokens: await tokens(),
        machine: hostname(),
        workloadToken: (audience) => pipelineIdToken(env, audience),
      };
    }) satisfies Cli["connect"]["signIn"],
    jobEvents: async function* (jobId) {
      const [{ jobEvents }, settings] = await Promise.all([import("./adapters/job-events.ts"), given()]);
      const { apiUrl = "", tenant } = settings;
      const headers = { ...(await headersFor(apiUrl)), ...named(settings, tenant) };
      yield* jobEvents({ fetch, baseUrl: apiUrl, headers, clock, signal: interrupted })(jobId);
    } satisfies Cli["connect"]["jobEvents"],
    reportDownload: async function* (reportId) {
      const [{ reportDownload }, settings] = await Promise.all([import("./adapters/report-download.ts"), given()]);
      const { apiUrl = "", tenant } = settings;
      const headers = { ...(await headersFor(apiUrl)), ...named(settings, tenant) };
      yield* reportDownload({ fetch, baseUrl: apiUrl, headers, interrupted }, reportId);
    } satisfies Cli["connect"]["reportDownload"],
  };
}

const authorization = (token: string | undefined): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});

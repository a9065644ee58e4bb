/** Hosts for the setup commands, with their real adapters, and what remembers them. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Cli, HerokuAsked, HostInHand } from "./commands/cli.ts";
import { whoever } from "./core/setup/first-use.ts";
import type { Host } from "./core/setup/host.ts";
import { frontEndVariables, offeredBy } from "./core/setup/platform-config.ts";
import { rememberedName, withHost, withoutHost, withPlatform } from "./core/setup/remembered-host.ts";
import type { Step } from "./core/setup/steps.ts";
import { ChartctlError, isChartctlError, outcomes } from "./errors.ts";

interface SetupHostsOptions {
  env: NodeJS.ProcessEnv;
  /** The package's own folder. */
  root: string;
  cli: Pick<Cli, "clock" | "interrupt" | "io" | "contextAsked" | "given"> & { connect: Pick<Cli["connect"], "contexts" | "signIn"> };
  me(url: string): Promise<{ userId: string; tenantId: string }>;
}

const randomBase64 = (bytes: number): string => randomBytes(bytes).toString("base64");

export async function herokuInHand({ env, root, cli, me }: SetupHostsOptions, asked: HerokuAsked): Promise<HostInHand> {
  const [{ herokuClient }, { herokuToken }, { herokuHost }, { addonPlans }, { packPlatform }, { askReady }, { apiAddress }] = await Promise.all([
    import("./adapters/heroku/client.ts"),
    import("./adapters/heroku/token.ts"),
    import("./adapters/heroku/host.ts"),
    import("./adapters/heroku/addons.ts"),
    import("./adapters/package-source.ts"),
    import("./adapters/platform-ready.ts"),
    import("./adapters/vendor-api.ts"),
  ]);
  const { clock, interrupt, io, connect } = cli;
  const { context } = cli.contextAsked();
  if (context === "sandbox") throw inSandbox();
  const contexts = await connect.contexts();
  const remembered = rememberedName("heroku", context, contexts.read());
  const url = apiAddress(env, "HEROKU_API_URL", "https://api.heroku.com");
  let invented: string | undefined;
  const name = asked.app ?? remembered;
  if (name === undefined && !asked.mayBeNew) throw noneRemembered();
  const host = herokuHost({
    client: herokuClient({
      fetch,
      url,
      token: herokuToken(env, new URL(url).hostname),
      interrupted: interrupt.gentle,
      sleep: (milliseconds) => clock.sleep(milliseconds, interrupt.gentle),
    }),
    app: {
      name,
      remembered: name !== undefined && Object.values(contexts.read().contexts).some((values) => values.host === `heroku/${name}`),
      inventName: () => `chartctl-${stamp(clock.now())}${invented === undefined ? "" : `-${randomBytes(2).toString("hex")}`}`,
      likeName: (one) => `${one.slice(0, longestName - 5)}-${randomBytes(2).toString("hex")}`,
      remember: async (chosen) => {
        await contexts.write((saved) => withHost("heroku", chosen, context, saved, invented === chosen ? undefined : invented));
        if (chosen !== name) invented = chosen;
      },
      team: asked.team,
      region: asked.region,
    },
    size: asked.size,
    addons: addonPlans(asked.addons),
    config: await checkedConfig(env, asked),
    build: { source: () => packPlatform(root), output: (line) => io.verbose && io.note(line), signal: interrupt.gentle },
    random: randomBase64,
  });
  const settingsOwner = async (): Promise<string> => (await host.running?.config())?.CHARTCTL_OWNER ?? "owner";
  return {
    host,
    firstUse: {
      clock,
      url: host.url,
      isReady: (at) => askReady(fetch, at, interrupt.gentle),
      signedInAs: (at) =>
        whoever(async () => {
          const { userId, tenantId } = await me(at);
          return `${userId} of ${tenantId}`;
        }),
      setOwner: async (password) => {
        const args = ["serve", "--set-owner", ...(asked.resetOwner ? [] : ["--if-unused"])];
        try {
          await host.running?.once(args, { CHARTCTL_OWNER_PASSWORD: password });
          return true;
        } catch (error) {
          if (isChartctlError(error) && error.details?.status === outcomes.conflict.exitCode) return false;
          throw error;
        }
      },
      resetCommand: "chartctl setup heroku --reset-owner",
      signIn: async (at, password) => {
        const { signIn } = await import("./core/sign-in.ts");
        const { place } = await signIn(await connect.signIn(), at, { by: "password", tenant: "platform", user: await settingsOwner(), password });
        return `the token is in ${place}`;
      },
      logsCommand: "chartctl setup heroku logs",
      newPassword: () => randomBytes(24).toString("base64url"),
      saveContext: async (at) => {
        const before = contexts.read();
        const after = withPlatform("heroku", host.name, at, context, before);
        const changed = !isDeepStrictEqual(before, after);
        if (changed) await contexts.write((saved) => withPlatform("heroku", host.name, at, context, saved));
        return { context: after.current ?? host.name, changed };
      },
    },
    frontEnd: (at) => frontEndVariables(at, asked.awsRegion),
    forget: async (at) => {
      await (await connect.signIn()).tokens.forget(at);
      await contexts.write((saved) => withoutHost("heroku", host.name, saved));
    },
  };
}

export async function containerInHand({
  env,
  root,
  config,
  ...asked
}: {
  env: NodeJS.ProcessEnv;
  root: string;
  version: string;
  config: { chosen: Record<string, string>; awsRegion: string };
  folder: string;
  publicUrl: string | undefined;
  force: boolean;
}): Promise<Host> {
  const [{ containerHost }, { packPackage }] = await Promise.all([import("./adapters/container.ts"), import("./adapters/package-source.ts")]);
  return containerHost({
    ...asked,
    templates: join(root, "templates", "container"),
    config: await checkedConfig(env, config),
    tarball: async () => (await packPackage(root)).bytes,
    random: randomBase64,
  });
}

export async function vercelInHand(
  env: NodeJS.ProcessEnv,
  { project, team, apiUrl, awsRegion }: { project: string; team: string | undefined; apiUrl: string; awsRegion: string },
): Promise<Step[]> {
  const [{ vercelSteps, vercelToken }, { apiAddress }] = await Promise.all([import("./adapters/vercel.ts"), import("./adapters/vendor-api.ts")]);
  const url = apiAddress(env, "VERCEL_API_URL", "https://api.vercel.com");
  return vercelSteps({ fetch, url, token: vercelToken(env), project, team, variables: frontEndVariables(apiUrl, awsRegion) });
}

/** The server's own rules, before a host is told anything. Error `config.invalid` (usage). */
async function checkedConfig(
  env: NodeJS.ProcessEnv,
  { chosen, awsRegion }: { chosen: Record<string, string>; awsRegion: string },
): Promise<{ chosen: Record<string, string>; offered: Record<string, string> }> {
  const { hostConfig } = await import("./control/serve/config.ts");
  const offered = { ...offeredBy(env), AWS_REGION: awsRegion };
  hostConfig({ ...offered, ...chosen });
  return { chosen, offered };
}

/** Of a Heroku app. */
const longestName = 30;

/** `20261121-184500`, in UTC. */
const stamp = (now: Date): string => now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");

const inSandbox = (): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "context.built-in",
    message: "The sandbox is this machine's alone, and no host runs it",
    hint: "leave --sandbox out, or name another context: --context NAME",
  });

const noneRemembered = (): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "heroku.no-app",
    message: "No Heroku app is remembered in this context",
    hint: "name it with --app NAME, or set one up: chartctl setup heroku",
  });

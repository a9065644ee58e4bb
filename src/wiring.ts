/** The connections of one run: every adapter, made when a command first asks for it, closed at the run's end. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Cli, Settings } from "./commands/cli.ts";
import type { CallApi } from "./contract/endpoints.ts";
import { storeFile } from "./control/store/file.ts";
import type { Clock, Credentials } from "./core/ports.ts";
import { costConnections, platformBill } from "./cost-wiring.ts";
import { ChartctlError } from "./errors.ts";
import { commandSummaries } from "./program.ts";
import { setupConnections } from "./setup-wiring.ts";
import { signedIn } from "./signed-in.ts";
import type { Terminal } from "./ui/terminal.ts";

interface GlobalFlags {
  tenant?: string;
  project?: string;
  user?: string;
  context?: string;
  sandbox?: boolean;
  apiUrl?: string;
  region?: string;
  awsProfile?: string;
  json?: boolean;
  yes?: boolean;
  input?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  debug?: boolean;
  color?: boolean;
}

const packageVersion = (): string => (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

/** `ended` collects what is to be closed. */
export async function createCli(program: Command, terminal: Terminal, interrupt: Cli["interrupt"], ended: (() => Promise<void>)[]): Promise<Cli> {
  const flags = (): GlobalFlags => program.opts<GlobalFlags>();
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      made ??= make();
      return made;
    };
  };
  const version = packageVersion();
  const contextAsked = () => ({ context: flags().sandbox ? "sandbox" : (flags().context ?? process.env.CHARTCTL_CONTEXT) });
  const resolved = async ({ newContext }: { newContext: boolean }): Promise<Settings> => {
    const { resolveSettings } = await import("./adapters/settings.ts");
    const { tenant, project, user, apiUrl, region, awsProfile } = flags();
    const given = Object.fromEntries(Object.entries({ tenant, project, user, apiUrl, region, awsProfile }).filter(([, value]) => value !== undefined));
    const { context } = contextAsked();
    return {
      apiUrl: undefined,
      tenant: undefined,
      project: undefined,
      awsProfile: undefined,
      host: undefined,
      ...resolveSettings({ flags: given, context, newContext, env: process.env, cwd: process.cwd() }),
    } as Settings;
  };
  const given = once(() => resolved({ newContext: false }));
  const clock: Clock = {
    now: () => new Date(),
    sleep: async (milliseconds, signal) => {
      const { setTimeout: wait } = await import("node:timers/promises");
      await wait(milliseconds, undefined, { signal }).catch(() => {}); // aborted: the caller looks at its signal
    },
  };
  const hosted = signedIn({ env: process.env, given, clock, interrupted: interrupt.gentle });
  const settings = once(async (): Promise<Settings> => {
    const asGiven = await given();
    if (!asGiven.apiUrl || asGiven.tenant) return asGiven;
    const { tenantId } = await me();
    return { ...asGiven, tenant: tenantId, origins: { ...asGiven.origins, tenant: "token" } };
  });
  // The settings, too, which next to every command asks for: files that are read one after the other are waited for.
  const [{ createIo }, { localProcesses }] = await Promise.all([import("./io.ts"), import("./adapters/processes.ts"), import("./adapters/settings.ts")]);
  const io = createIo({
    json: flags().json ?? false,
    quiet: flags().quiet ?? false,
    verbose: (flags().verbose ?? false) || /^(verbose|debug)$/.test(process.env.CHARTCTL_LOG ?? ""),
    terminal,
    args: process.argv.slice(2),
    interrupted: interrupt.gentle,
  });
  const awsEnvironment = once(async () => {
    const { sandbox, paths } = await given();
    if (!sandbox) return process.env;
    const { sandboxEnvironment, startEmulator } = await import("./adapters/sandbox.ts");
    const { emulator, started, lost } = await startEmulator(paths.data, process.env);
    if (lost) io.warn("The sandbox's emulator had died, and what it held is lost. Forget its projects with: chartctl sandbox reset");
    if (started) io.note(`Started the AWS emulator at ${emulator.url}`);
    const { ensureGateway } = await import("./adapters/sandbox-gateway.ts");
    return sandboxEnvironment(process.env, emulator.url, await ensureGateway(paths.data, emulator.url, thisProgram("sandbox", "gateway")));
  });
  const storedPrices = once(async () => (await import("./adapters/price-file.ts")).priceFile((await given()).paths.cache));
  const knownPrices = async () => {
    const stored = await storedPrices();
    return () => stored.current().table;
  };
  const embedded = once(async () => {
    const [{ openEmbedded }, { paths }, prices] = await Promise.all([import("./control/embedded.ts"), given(), knownPrices()]);
    const alertReceiver = async () => {
      const [{ alertWebhook }, adapter] = await Promise.all([import("./control/serve/config.ts"), import("./adapters/alert-webhook.ts")]);
      const webhook = alertWebhook(process.env);
      return webhook && adapter.alertReceiver(webhook, () => new Date());
    };
    const onBug = (error: unknown): unknown => flags().debug && console.error(error);
    const opened = openEmbedded({ dataDir: paths.data, version, now: () => new Date(), prices, alertReceiver, onBug });
    ended.push(opened.close);
    return opened;
  });
  /** The control API as one tenant's; without one, only what concerns all of them can be asked. */
  const apiOf = async (tenant: string | undefined): Promise<CallApi> => {
    const [{ controlApiClient }, { apiUrl, user }] = await Promise.all([import("./adapters/control-api.ts"), given()]);
    if (!apiUrl) {
      const headers = { "x-chartctl-tenant": tenant ?? "platform", "x-chartctl-user": user };
      return controlApiClient({ fetch: (await embedded()).fetch, baseUrl: "http://embedded", headers });
    }
    return await hosted.api(apiUrl, tenant);
  };
  const me = once(async () => {
    const [{ endpoints }, { apiUrl }] = await Promise.all([import("./contract/endpoints.ts"), given()]);
    return apiUrl ? await hosted.me(apiUrl) : await (await apiOf(undefined))(endpoints.me, {});
  });
  const api = once(async () => {
    const { tenant, sandbox } = await given();
    const call = await apiOf(tenant);
    if (sandbox) await addSandboxTenant(call);
    return call;
  });
  const fromBooks: Cli["connect"]["fromBooks"] = async (question, ask) => {
    const { apiUrl, sandbox, tenant, user, paths } = await given();
    const asked = async () => {
      const [call, { endpoints }] = await Promise.all([api(), import("./contract/endpoints.ts")]);
      return await ask(call, endpoints);
    };
    if (apiUrl || sandbox) return await asked();
    const { unchangedBooks } = await import("./adapters/unchanged-books.ts");
    const books = unchangedBooks({ database: storeFile(paths.data), folder: join(paths.cache, "books"), version, now: clock.now });
    return await books([tenant, user, ...question], asked);
  };
  const credentials = once(async () => {
    const { apiUrl } = await given();
    if (apiUrl) return (await import("./adapters/remote-credentials.ts")).remoteCredentials(await api(), () => new Date());
    const [{ awsCredentials }, { endpoints }, call, env, { awsProfile }] = await Promise.all([
      import("./adapters/aws/credentials.ts"),
      import("./contract/endpoints.ts"),
      api(),
      awsEnvironment(),
      given(),
    ]);
    return awsCredentials({
      connection: (tenantId) => call(endpoints.tenantConnection, { params: { tenantId } }),
      env,
      profile: awsProfile,
      allowDirect: true,
    });
  });
  const application = async () => {
    const [
      { createBuildApp },
      { holdsApp },
      { awsAppHost },
      { awsAppRemoval },
      { awsLogs },
      { probe },
      { reachThrough },
      { openBrowser },
      { templateFolder },
      env,
    ] = await Promise.all([
      import("./adapters/app/build.ts"),
      import("./adapters/app/config.ts"),
      import("./adapters/aws/app-host.ts"),
      import("./adapters/aws/app-removal.ts"),
      import("./adapters/aws/logs.ts"),
      import("./adapters/functions/probe.ts"),
      import("./adapters/functions/reach.ts"),
      import("./adapters/browser.ts"),
      import("./adapters/app/templates.ts"),
      awsEnvironment(),
    ]);
    return {
      buildApp: createBuildApp((name) => templateFolder(templates, name)),
      openHost: awsAppHost(env),
      openRemoval: awsAppRemoval(env),
      readLogs: awsLogs(env),
      probe,
      reach: reachThrough(env.CHARTCTL_GATEWAY_URL),
      holdsApp,
      openBrowser,
    };
  };
  const infrastructure = async (issuer: Credentials) => {
    const [{ terraformStacks }, { createSynthesize }, { awsInventory }, { awsBoundary }, { awsUnbooked }, env, { paths }, prices] = await Promise.all([
      import("./adapters/terraform/stack.ts"),
      import("./blueprints/synthesize.ts"),
      import("./adapters/aws/inventory.ts"),
      import("./adapters/aws/boundary.ts"),
      import("./adapters/aws/unbooked.ts"),
      awsEnvironment(),
      given(),
      knownPrices(),
    ]);
    return {
      openStack: terraformStacks({ dataDir: paths.data, cacheDir: paths.cache, env, credentialHelper, shareProvider: env.CHARTCTL_SHARE_PROVIDER !== "0" }),
      synthesize: createSynthesize({ emulated: (env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL)?.startsWith("http://") ?? false }),
      inventory: awsInventory(env),
      boundary: awsBoundary(env),
      findUnbooked: awsUnbooked(env, issuer, () => new Date()),
      prices,
    };
  };
  const cli: Cli = {
    version,
    commands: commandSummaries(),
    settings,
    given: async (options) => (options ? await resolved(options) : await given()),
    contextAsked,
    io,
    interrupt,
    clock,
    processes: localProcesses(),
    get yes() {
      return flags().yes ?? false;
    },
    connect: {
      ...setupConnections(() => cli, hosted, packageRoot),
      api,
      fromBooks,
      credentials,
      ...costConnections(() => cli, storedPrices),
      awsEnvironment,
      books: async () => (await import("./adapters/control-api.ts")).booksFrom(await api()),
      apiOf,
      booksOf: async (tenant) => (await import("./adapters/control-api.ts")).booksFrom(await apiOf(tenant)),
      me,
      token: hosted.token,
      signIn: hosted.signIn,
      jobEvents: hosted.jobEvents,
      reportDownload: hosted.reportDownload,
      brokeredCredentials: async (socket) => (await import("./adapters/terraform/credential-broker.ts")).requestCredentials(socket, brokerTimeoutMilliseconds),
      contexts: async () => {
        const { folders, readContexts, writeContexts } = await import("./adapters/settings.ts");
        const { config } = folders(process.env); // not by settings(): a context may be made by naming it
        return { read: () => readContexts(config), write: (change) => writeContexts(config, change) };
      },
      sandbox: async () => {
        const [{ sandboxControl }, { sandboxData }, { ensureGateway, stopGateway }] = await Promise.all([
          import("./adapters/sandbox.ts"),
          import("./adapters/settings.ts"),
          import("./adapters/sandbox-gateway.ts"),
        ]);
        const data = sandboxData(process.env);
        const control = sandboxControl(data, process.env);
        return {
          ...control,
          start: async () => {
            const started = await control.start();
            await ensureGateway(data, started.url, thisProgram("sandbox", "gateway"));
            return started;
          },
          stop: async () => {
            await stopGateway(data);
            return await control.stop();
          },
          reset: async () => {
            await stopGateway(data);
            await control.reset();
          },
          gateway: async (options) => {
            const { startGateway } = await import("./adapters/functions/gateway.ts");
            const gateway = await startGateway(options);
            await new Promise<void>((resolve) => interrupt.gentle.addEventListener("abort", () => resolve()));
            await gateway.close();
          },
        };
      },
      templates: async () => {
        const [{ templateNames, templateFolder }, { writeTemplate }] = await Promise.all([
          import("./adapters/app/templates.ts"),
          import("./adapters/app/init.ts"),
        ]);
        return { names: () => templateNames(templates), write: (template, to) => writeTemplate(templateFolder(templates, template), to) };
      },
      preview: async () => {
        const [{ startPreview }, { openBrowser }] = await Promise.all([import("./adapters/functions/preview.ts"), import("./adapters/browser.ts")]);
        return { startPreview, openBrowser };
      },
      reach: async () => {
        const { sandbox, paths } = await given();
        const [{ reachThrough }, { rememberedGateway }] = await Promise.all([import("./adapters/functions/reach.ts"), import("./adapters/sandbox-gateway.ts")]);
        return reachThrough(sandbox ? rememberedGateway(paths.data) : process.env.CHARTCTL_GATEWAY_URL);
      },
      application,
      checks: async () => {
        const [{ diagnose }, resolved] = await Promise.all([import("./adapters/doctor.ts"), given()]);
        return await diagnose({ settings: resolved, env: process.env, awsEnvironment, api, interrupted: interrupt.gentle });
      },
      host: async (asked) => {
        const [{ openHosting }, { paths }, prices] = await Promise.all([import("./hosting.ts"), given(), knownPrices()]);
        return await openHosting({
          version,
          dataDir: paths.data,
          env: process.env,
          given: asked,
          interrupt,
          processes: cli.processes,
          say: (line) => process.stderr.write(`${line}\n`),
          prices,
          bill: platformBill(() => cli),
          lifecycle: async (call) => {
            const [{ awsCredentials }, { booksFrom }, { endpoints }, env] = await Promise.all([
              import("./adapters/aws/credentials.ts"),
              import("./adapters/control-api.ts"),
              import("./contract/endpoints.ts"),
              awsEnvironment(),
            ]);
            const connection = (tenantId: string) => call(endpoints.tenantConnection, { params: { tenantId } });
            const issuer = awsCredentials({ connection, env, allowDirect: false });
            const { randomUUID } = await import("node:crypto");
            const [infra, app] = await Promise.all([infrastructure(issuer), application()]);
            return {
              books: booksFrom(call),
              credentials: issuer,
              ...infra,
              ...app,
              clock,
              processes: cli.processes,
              interrupt,
              progress: () => {},
              newIdempotencyKey: randomUUID,
            };
          },
        });
      },
      infrastructure: async () => await infrastructure(await credentials()),
    },
    exitCode: (code) => {
      process.exitCode = code;
    },
  };
  return cli;
}

/** A provider waits for its helper; a chartctl that is stopped (SIGSTOP) must not hold it for ever. */
const brokerTimeoutMilliseconds = 30_000;

/** How Terraform's provider asks this process for credentials: this program again, by the path it was started with. */
const credentialHelper = (socketPath: string): string[] => thisProgram("credentials", "--broker", socketPath);

const thisProgram = (...args: string[]): string[] => [process.execPath, process.argv[1] ?? "chartctl", ...args];

const packageRoot = fileURLToPath(new URL("..", import.meta.url));
/** Beside dist/ in the package. */
const templates = join(packageRoot, "templates/apps");

/** The sandbox's own tenant is there from the first command on. */
async function addSandboxTenant(call: CallApi): Promise<void> {
  const { endpoints } = await import("./contract/endpoints.ts");
  await call(endpoints.addTenant, { body: { id: "demo", roleArn: null, accountId: null } }).catch((error: unknown) => {
    if (!(error instanceof ChartctlError && error.code === "tenant.exists")) throw error;
  });
}

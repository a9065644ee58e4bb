/** One project's stack: real Terraform in its run folder, one provider process for all of its commands. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Adoption, OpenStack, Plan, PlannedChange, Stack, StackPorts, StackSpec } from "../../core/ports.ts";
import { isChartctlError } from "../../errors.ts";
import type { TerraformBinary } from "./binary.ts";
import { findTerraform } from "./binary.ts";
import type { CommandOptions } from "./command.ts";
import { terraformCommand } from "./command.ts";
import type { Broker } from "./credential-broker.ts";
import { startBroker } from "./credential-broker.ts";
import { awsConfig, terraformEnvironment } from "./environment.ts";
import { findMirror, mirrorConfig } from "./mirror.ts";
import type { RunningProvider } from "./provider.ts";
import { endProvider, installedProvider, startProvider, verifiedMirror } from "./provider.ts";
import type { RunFolder } from "./run-folder.ts";
import { endEarlierRun, forgetProcesses, makeRunFolder, readText, recordProcesses, sweepScratch, writeDurably, writeStack } from "./run-folder.ts";
import { newestState, stateAddresses, stateOutputs } from "./state.ts";
import { keepState } from "./state-keeper.ts";

export interface TerraformOptions {
  /** Run folders are made in `runs/` under it. */
  dataDir: string;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** The command that asks the broker on this socket, as `credential_process` runs it. */
  credentialHelper(socketPath: string): string[];
  /** One provider for all commands of a stack; off, each command starts its own. */
  shareProvider: boolean;
}

const stateFile = "terraform.tfstate";
const planFile = "plan.tfplan";
const adoptFile = "adopt.tf.json";

const runFolderOf = (dataDir: string, projectKey: string): string => join(dataDir, "runs", projectKey);

export const terraformStacks = (options: TerraformOptions): OpenStack => {
  let found: Promise<TerraformBinary> | undefined;
  return async (spec, ports) => {
    found ??= findTerraform(options.env); // asked once: it costs a tenth of a second
    const binary = await found;
    const plans = join(options.cacheDir, "plans");
    if (spec.scratch) await sweepScratch(plans);
    const path = spec.scratch ? join(plans, `${process.pid}-${spec.identity.projectKey}`) : runFolderOf(options.dataDir, spec.identity.projectKey);
    const folder = makeRunFolder(path);
    const running: Running = {};
    try {
      await endEarlierRun(path, () => ports.progress({ type: "note", level: "info", message: "Waiting for the Terraform of an earlier run to stop" }));
      recordProcesses(folder);
      await restoreState(path, ports);
      writeStack(path, spec.synthesized.files);
      // A lost lease ends Terraform at once; other refusals may be over at the next request.
      const fenced = new AbortController();
      const broker = await startBroker(folder.scratch, ports.credentials, (error) => {
        if (isChartctlError(error, "conflict", "not-found")) fenced.abort(error);
      });
      running.broker = broker;
      const { env, mayShareProvider } = prepareEnvironment(options, spec, path, options.credentialHelper(broker.socketPath));
      const executable = await installedProvider(binary, options.cacheDir, env);
      const start = async (): Promise<void> => {
        if (!options.shareProvider || !mayShareProvider) return;
        const provider = await startProvider(executable, { cwd: path, env: { ...env, TMPDIR: folder.scratch }, product: binary.product });
        if (!provider) return;
        running.provider = provider;
        recordProcesses(folder, { provider: provider.pid });
      };
      await start();
      const stack = stackIn({ spec, ports, binary, folder, env, running, start, fenced: fenced.signal, mirror: verifiedMirror(binary, options.cacheDir) });
      await stack.ready();
      return stack;
    } catch (error) {
      await end(running, folder);
      throw error;
    }
  };
};

function prepareEnvironment(
  options: Pick<TerraformOptions, "cacheDir" | "env">,
  spec: Pick<StackSpec, "identity">,
  folder: string,
  helper: string[],
): ReturnType<typeof terraformEnvironment> {
  const mirror = findMirror(options.env);
  const cliConfig = mirror && join(folder, "cli.tfrc");
  if (mirror && cliConfig) writeDurably(folder, "cli.tfrc", mirrorConfig(mirror.path));
  writeDurably(folder, "aws-config", awsConfig(helper, spec.identity.region));
  writeDurably(folder, "aws-credentials", "");
  return terraformEnvironment(options.env, folder, spec.identity.region, cliConfig);
}

/** The newest whole copy becomes the local state; what a crash left beside it goes. The backup is older than any whole one. */
async function restoreState(folder: string, ports: StackPorts): Promise<void> {
  const local = ["errored.tfstate", stateFile].map((name) => readText(folder, name));
  const cut = local[1] !== undefined && !newestState([local[1]]);
  const newest = newestState([...local, (await ports.loadState())?.body, ...(cut ? [readText(folder, `${stateFile}.backup`)] : [])]);
  if (newest && newest.body !== local[1]) writeDurably(folder, stateFile, newest.body);
  if (!newest) rmSync(join(folder, stateFile), { force: true });
  for (const stale of ["errored.tfstate", `.${stateFile}.lock.info`]) rmSync(join(folder, stale), { force: true });
}

/** What this stack has started, as of now. */
interface Running {
  broker?: Broker;
  provider?: RunningProvider;
}

async function end(running: Running, folder: RunFolder): Promise<void> {
  running.broker?.close();
  if (running.provider) await endProvider(running.provider);
  forgetProcesses(folder);
}

interface Parts {
  spec: StackSpec;
  ports: StackPorts;
  binary: TerraformBinary;
  folder: RunFolder;
  env: NodeJS.ProcessEnv;
  running: Running;
  /** Starts the shared provider, where one may be shared. */
  start(): Promise<void>;
  /** Aborts when the operation isn't ours any more. */
  fenced: AbortSignal;
  /** For commands that start a provider of their own. */
  mirror: string;
}

function stackIn({ spec, ports, binary, folder, env, running, start, fenced, mirror }: Parts): Stack & { ready(): Promise<void> } {
  const { path } = folder;
  const keeper = keepState(path, ports.saveState);
  const state = (): string | undefined => readText(path, stateFile);
  const interrupt = { now: ports.interrupt.now, gentle: AbortSignal.any([ports.interrupt.gentle, fenced]) };
  let initialized = false;
  const command = async (args: string[], more: Pick<CommandOptions, "onEvent" | "allowed" | "inherit"> = {}) => {
    const { provider } = running;
    return await terraformCommand(binary.path, args, {
      cwd: path,
      env: provider ? { ...env, TF_REATTACH_PROVIDERS: provider.reattach } : env,
      interrupt,
      ...(provider ? { lifeline: provider.lifeline } : {}),
      onStart: (terraform) => recordProcesses(folder, { terraform, provider: provider?.pid }),
      ...more,
    });
  };
  /** A shared provider, started again when it died in an earlier command; or Terraform is made to know where its own is. */
  const ready = async (): Promise<void> => {
    if (running.provider && hasEnded(running.provider)) {
      await endProvider(running.provider);
      delete running.provider;
      await start();
    }
    if (running.provider || initialized) return;
    writeDurably(path, "cli.tfrc", mirrorConfig(mirror));
    env.TF_CLI_CONFIG_FILE = join(path, "cli.tfrc");
    await command(["init", "-input=false", "-no-color"]);
    initialized = true;
  };
  const run: typeof command = async (args, more) => {
    try {
      await ready();
      return await command(args, more);
    } catch (error) {
      // Terraform knows only that it got no credentials; the broker knows why.
      const why = ports.interrupt.gentle.aborted ? undefined : (fenced.reason ?? running.broker?.refusal());
      throw isChartctlError(why) ? why : error;
    }
  };
  /** Runs a command that writes the state; copies of it are sent while it runs. */
  const writing = async (args: string[], onEvent?: CommandOptions["onEvent"]) => {
    const stop = keeper.watch();
    try {
      return await run(args, onEvent ? { onEvent } : {});
    } finally {
      stop();
    }
  };
  const showProgress: CommandOptions["onEvent"] = (event) => {
    if ("progress" in event) ports.progress(event.progress);
  };
  const plan = async ({ refresh, adopt }: { refresh: boolean; adopt: Adoption[] }): Promise<Plan> => {
    if (adopt.length > 0) writeDurably(path, adoptFile, JSON.stringify({ import: adopt.map(({ address, importId }) => ({ to: address, id: importId })) }));
    const changes: PlannedChange[] = [];
    try {
      await run(["plan", "-json", "-input=false", `-refresh=${refresh}`, `-out=${planFile}`], {
        onEvent: (event) => {
          if ("change" in event) changes.push(event.change);
        },
      });
      if (changes.some(({ action }) => action === "update" || action === "replace"))
        await nameAttributes(changes, async () => (await run(["show", "-json", planFile])).stdout);
    } finally {
      rmSync(join(path, adoptFile), { force: true });
    }
    return { changes, besides: [] };
  };
  let closed = false;
  return {
    ready,
    plan,
    addresses: async () => stateAddresses(state()),
    outputs: async () => stateOutputs(state()),
    apply: async () => {
      await writing(["apply", "-json", "-input=false", planFile], showProgress);
      rmSync(join(path, planFile), { force: true });
      return { outputs: stateOutputs(state()) };
    },
    adopt: async (adoptions) => {
      const known = new Set(stateAddresses(state()));
      for (const { address, importId } of adoptions.filter((adoption) => !known.has(adoption.address))) {
        ports.progress({ type: "resource", address, action: "import", phase: "start" });
        await writing(["import", "-input=false", "-no-color", address, importId]).catch((error: unknown) => {
          if (!/non-existent remote object/.test(String(error))) throw error; // gone meanwhile: just as well
        });
        ports.progress({ type: "resource", address, action: "import", phase: "done" });
      }
    },
    destroy: async () => {
      if (stateAddresses(state()).length === 0) return;
      await writing(["apply", "-destroy", "-auto-approve", "-json", "-input=false"], showProgress);
    },
    passThrough: async (args) => {
      const stop = keeper.watch();
      try {
        return (await run(args, { allowed: "any", inherit: true })).exitCode;
      } finally {
        stop();
      }
    },
    settled: () => keeper.settle(),
    close: async () => {
      if (closed) return;
      closed = true;
      await end(running, folder);
      if (spec.scratch) rmSync(path, { recursive: true, force: true });
    },
    remove: async () => rmSync(path, { recursive: true, force: true }),
  };
}

const hasEnded = ({ child }: RunningProvider): boolean => child.exitCode !== null || child.signalCode !== null;

/** Terraform's events say what changes, its plan says which attributes; the second costs a second, so only when asked for. */
async function nameAttributes(changes: PlannedChange[], show: () => Promise<string>): Promise<void> {
  const shown = JSON.parse(await show()) as {
    resource_changes?: { address: string; change: { before: object | null; after: object | null; after_unknown: Record<string, unknown> } }[];
  };
  for (const change of changes) {
    const found = shown.resource_changes?.find(({ address }) => address === change.address);
    if (!found?.change.before || !found.change.after) continue;
    const { before, after } = found.change as { before: Record<string, unknown>; after: Record<string, unknown> };
    change.attributes = Object.keys(after)
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .sort();
  }
}

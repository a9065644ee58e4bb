/** `chartctl deploy-app`: an application as a new release, an earlier release again, or a failed one once more. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { Option } from "commander";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { Job } from "../contract/job-endpoints.ts";
import type { Deployed, DeployWhat } from "../core/lifecycle/deploy.ts";
import { deploy } from "../core/lifecycle/deploy.ts";
import { ChartctlError } from "../errors.ts";
import { bytesText } from "../ui/bytes.ts";
import { accountIdOption } from "./account-id.ts";
import type { Cli } from "./cli.ts";
import type { RemoteFlags } from "./remote.ts";
import { addRemoteOptions, isRemote, runRemote } from "./remote.ts";
import { required } from "./required.ts";

interface Flags extends RemoteFlags {
  source?: string;
  template?: string;
  rollback?: number;
  retry?: boolean;
  accountId?: string;
}

export function register(command: Command, cli: Cli): void {
  command
    .addOption(new Option("--source <folder>", "the application's folder (default: the current one)").conflicts(["template", "rollback", "retry"]))
    .addOption(new Option("--template <name>", "an application that chartctl brings along; see: chartctl init --list").conflicts(["rollback", "retry"]))
    .addOption(new Option("--rollback <release>", "put an earlier release in place again; nothing is built").argParser(releaseNumber).conflicts(["retry"]))
    .option("--retry", "the last release, which failed, once more; what is uploaded is kept")
    .addOption(accountIdOption());
  addRemoteOptions(command, "source", "accountId").action(async (flags: Flags) => {
    const settings = await cli.settings();
    required(settings, "tenant");
    const what = whatOf(flags);
    if (isRemote(flags)) {
      const projectId = required(settings, "project");
      const order = orderOf(what, projectId);
      return await runRemote(cli, flags, order);
    }
    const done = await deployApp(cli, what, flags.accountId);
    cli.io.result("Deployed", documentOf(done), () => deployedText(done));
  });
}

/** Deploys on the project of the settings; `up` does it after a provision. */
export async function deployApp(cli: Cli, what: DeployWhat, accountId?: string): Promise<Deployed & { url: string | undefined }> {
  const projectId = required(await cli.settings(), "project");
  const [books, credentials, application] = await Promise.all([cli.connect.books(), cli.connect.credentials(), cli.connect.application()]);
  const { io, clock, processes, interrupt } = cli;
  const ports = { books, credentials, ...application, clock, processes, interrupt, progress: io.progress };
  const done = await deploy(ports, { projectId, what, accountId, idempotencyKey: randomUUID() });
  const { url } = done.project.outputs;
  return { ...done, url: typeof url === "string" ? application.reach(url) : undefined };
}

const whatOf = ({ source, template, rollback, retry }: Flags): DeployWhat => {
  if (rollback !== undefined) return { rollback };
  if (retry) return { retry };
  return { from: template === undefined ? { folder: source ?? "." } : { template } };
};

/** The platform's workers have the templates and the releases, and not this machine's folders. Error `deploy.local` (usage). */
function orderOf(what: DeployWhat, projectId: string): (call: CallApi) => Promise<Job> {
  if ("retry" in what) return (call) => call(endpoints.startRetry, { body: { projectId } });
  if ("rollback" in what) return (call) => call(endpoints.startDeploy, { body: { projectId, rollback: what.rollback } });
  if ("template" in what.from) {
    const { template } = what.from;
    return (call) => call(endpoints.startDeploy, { body: { projectId, template } });
  }
  throw new ChartctlError({
    kind: "usage",
    code: "deploy.local",
    message: "The platform's workers can't see the folders of this machine",
    hint: "name what they have: --template NAME, --rollback N or --retry; or leave --remote out",
  });
}

function releaseNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ChartctlError({ kind: "usage", code: "release.invalid", message: `${JSON.stringify(text)} is no release number`, hint: "see: chartctl releases" });
}

export const documentOf = ({ outcome, project, release, uploaded, url }: Deployed & { url: string | undefined }) => ({
  outcome,
  url: url ?? null,
  release,
  uploaded,
  project,
});

export function deployedText({ outcome, project, release, uploaded, url }: Deployed & { url: string | undefined }): string {
  const at = url ? `\n${url}` : "";
  if (outcome === "unchanged") return `Release ${release.number} of ${project.id} is up to date; nothing changed.${at}`;
  const files = `${release.files} ${release.files === 1 ? "file" : "files"}, ${bytesText(release.bytes)}`;
  return `Release ${release.number} of ${project.id} answers (${files}; ${uploaded} uploaded).${at}`;
}

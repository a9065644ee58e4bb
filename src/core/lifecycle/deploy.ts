/** Puts an application on a project: a new release, which answers only when it is known to work. */
import { codeKey } from "../../contract/app-manifest.ts";
import type { RecordRelease } from "../../contract/lifecycle-endpoints.ts";
import type { Project, Release } from "../../contract/resources.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { AppHost, AppObject, AppSource, BuildApp, BuiltApp, OpenAppHost, Probe } from "../app-ports.ts";
import type { Credentials, Processes } from "../ports.ts";
import { unknownProject } from "../unknown-project.ts";
import { refuseForeignAccount } from "./account.ts";
import type { Held, HeldPorts } from "./held.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf } from "./identity.ts";
import { openOperation } from "./open.ts";
import { putInPlace } from "./switch.ts";

/** What to deploy: a source; the last failed release once more; or an earlier release again. */
export type DeployWhat = { from: AppSource } | { retry: true } | { rollback: number };

export interface DeployInput {
  projectId: string;
  what: DeployWhat;
  accountId?: string | undefined;
  idempotencyKey: string;
}

export interface DeployPorts extends HeldPorts {
  processes: Processes;
  credentials: Credentials;
  buildApp: BuildApp;
  openHost: OpenAppHost;
  probe: Probe;
  /** Where the project's URL is reached from here: elsewhere than it says only in an emulator. */
  reach(url: string): string;
}

export interface Deployed {
  project: Project;
  outcome: "deployed" | "unchanged";
  release: Pick<Release, "number" | "build" | "files" | "bytes">;
  /** Objects that had to be uploaded, the function's zip included. */
  uploaded: number;
}

/** A release that is decided on: what the books keep of it, and the objects that must be in the bucket. */
interface Planned {
  facts: RecordRelease;
  objects: AppObject[];
}

/**
 * Builds before anything is opened. Then, under the operation's lease: uploads what isn't there (pages after what they
 * load, the function's zip last), publishes a version, asks it directly, switches, and asks through the URL; a release
 * that fails there is switched back. Stopped anywhere, the old release answers, and the same command goes on: objects and
 * versions are known by their content.
 * Errors: `app.*`, `release.*`, those of opening the operation, and AWS's.
 */
export async function deploy(ports: DeployPorts, input: DeployInput): Promise<Deployed> {
  const { projectId, idempotencyKey } = input;
  const before = await ports.books.project(projectId);
  if (!before) throw unknownProject(projectId, `make it first: chartctl provision -p ${projectId}`);
  const planned = await plan(ports, before, input.what);
  const opened = await openOperation(ports, { idempotencyKey, kind: "deploy", projectId });

  return await underLease(ports, opened, "unchanged", async (held) => {
    const accountId = await ports.credentials.account(credentialRequest(held.project, held.operation.id, "deploy"));
    refuseForeignAccount(accountId, input.accountId ?? held.project.accountId);
    const host = ports.openHost(
      identityOf(held.project, accountId),
      held.credentials(() => "deploy"),
    );
    const [live, stored] = await Promise.all([host.live(), host.stored()]);
    if (isLive(before, planned, live)) {
      const project = await held.finish({ outcome: "cancelled", standing: "unchanged" });
      return { project: project ?? held.project, outcome: "unchanged", release: before.release, uploaded: 0 };
    }
    if ("retry" in input.what && planned.objects.length === 0 && !stored.has(codeKey(planned.facts.codeSha256)))
      throw sourceGone(projectId, planned.facts.source);
    const release = await ports.books.recordRelease(held.operation, planned.facts);
    held.standing = "something";
    const uploaded = await upload(ports, held, host, planned.objects, stored);
    const version = await held.step("publish", () => host.publish({ key: codeKey(planned.facts.codeSha256), codeSha256: planned.facts.codeSha256 }));
    await putInPlace(ports, held, host, { release, version, live });
    const project = await held.finish({ outcome: "succeeded", standing: "something", version });
    return { project: project ?? held.project, outcome: "deployed", release, uploaded };
  });
}

/** True when this very build answers already, with the function's settings of now. */
const isLive = (project: Project, { facts }: Planned, live: { codeSha256: string; current: boolean }): project is Project & { release: Release } =>
  project.application === "deployed" && project.release?.build === facts.build && live.codeSha256 === facts.codeSha256 && live.current;

async function plan(ports: DeployPorts, project: Project, what: DeployWhat): Promise<Planned> {
  if ("from" in what) return planOf(await build(ports, what.from));
  const releases = await ports.books.releases(project.id);
  return "rollback" in what ? earlier(project, releases, what.rollback) : await lastFailed(ports, project, releases);
}

async function build(ports: DeployPorts, source: AppSource): Promise<BuiltApp> {
  ports.progress({ type: "step", step: "build", phase: "start" });
  try {
    const built = await ports.buildApp(source);
    ports.progress({ type: "step", step: "build", phase: "done" });
    return built;
  } catch (error) {
    ports.progress({ type: "step", step: "build", phase: "failed" });
    throw error;
  }
}

const planOf = ({ build: name, codeSha256, files, bytes, source, health, code }: BuiltApp): Planned => ({
  facts: { build: name, codeSha256, files: files.length, bytes, source, health },
  objects: [...files, code],
});

const factsOf = ({ build: name, codeSha256, files, bytes, health }: Release, source: string): RecordRelease => ({
  build: name,
  codeSha256,
  files,
  bytes,
  source,
  health,
});

/** Its objects are still in the bucket: nothing is built or uploaded. Errors: `release.not-found`, `release.never-good`. */
function earlier(project: Project, releases: Release[], number: number): Planned {
  const release = releases.find((candidate) => candidate.number === number);
  const good = releases.filter(({ status }) => status === "retired" || status === "live").map((candidate) => candidate.number);
  const choices = good.length > 0 ? `there is: ${good.join(", ")}` : "there is none yet";
  if (!release)
    throw new ChartctlError({
      kind: "not-found",
      code: "release.not-found",
      message: `Project ${project.id} has no release ${number}`,
      hint: `${choices}; see: chartctl releases -p ${project.id}`,
    });
  if (release.status !== "retired" && release.status !== "live")
    throw new ChartctlError({
      kind: "conflict",
      code: "release.never-good",
      message: `Release ${number} is ${release.status}: there is nothing to go back to`,
      hint: `${choices}; see: chartctl releases -p ${project.id}`,
    });
  return { facts: factsOf(release, `release ${number}`), objects: [] };
}

/**
 * The failed release once more: what is uploaded is kept; the folder is built again, as it is now.
 * Errors: `release.nothing-to-retry` (conflict).
 */
async function lastFailed(ports: DeployPorts, project: Project, releases: Release[]): Promise<Planned> {
  const [last] = releases;
  if (!last || (last.status !== "failed" && last.status !== "deploying"))
    throw new ChartctlError({
      kind: "conflict",
      code: "release.nothing-to-retry",
      message: `The last release of project ${project.id} did not fail`,
      hint: `deploy a folder: chartctl deploy-app -p ${project.id} --source DIR`,
    });
  const [kind = "", ...rest] = last.source.split(" ");
  const name = rest.join(" ");
  if (kind === "release") return { facts: factsOf(last, last.source), objects: [] };
  try {
    return planOf(await build(ports, kind === "template" ? { template: name } : { folder: name }));
  } catch (error) {
    // Gone since: what it uploaded may be all that is needed.
    if (!isChartctlError(error) || error.code !== "app.no-folder") throw error;
    return { facts: factsOf(last, last.source), objects: [] };
  }
}

/** What isn't in the bucket yet, in the order given; how many that were. */
async function upload(ports: DeployPorts, held: Held, host: AppHost, objects: AppObject[], stored: Set<string>): Promise<number> {
  const missing = objects.filter(({ key }) => !stored.has(key));
  if (missing.length === 0) return 0;
  await held.step("upload", async () => {
    let done = 0;
    await host.upload(missing, () => ports.progress({ type: "count", done: ++done, total: missing.length, unit: "files" }), held.interrupt.gentle);
  });
  return missing.length;
}

const sourceGone = (projectId: string, source: string): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "release.source-gone",
    message: `The failed release came from ${source}, which isn't there any more, and not all of it was uploaded`,
    hint: `deploy from where it is now: chartctl deploy-app -p ${projectId} --source DIR`,
  });

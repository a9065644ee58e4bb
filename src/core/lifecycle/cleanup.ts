/** Takes away what has expired or failed, goes on with what died, and compares the books with what AWS really has. */
import type { Project } from "../../contract/resources.ts";
import { isChartctlError, messageOf } from "../../errors.ts";
import { parseParameters } from "../parameters.ts";
import type { FindUnbooked, Unbooked } from "../ports.ts";
import { leftovers } from "./absence.ts";
import type { Decision } from "./clean-up-rules.ts";
import { decide } from "./clean-up-rules.ts";
import type { DeployPorts } from "./deploy.ts";
import type { DestroyPorts } from "./destroy.ts";
import { destroy } from "./destroy.ts";
import { credentialRequest, identityOf, synthesizeProject } from "./identity.ts";
import type { ProvisionPorts } from "./provision.ts";
import { provision } from "./provision.ts";
import { purge } from "./purge.ts";
import { settle } from "./settle.ts";

export type CleanUpPorts = Omit<ProvisionPorts & DestroyPorts & DeployPorts, "confirm" | "buildApp" | "probe" | "reach"> & { findUnbooked: FindUnbooked };

export interface CleanedUp {
  projectId: string;
  action: Decision["action"] | "book and destroy";
  reason: string;
  /** `active`: somebody used it, or raised its limit, meanwhile, and it was left alone. `found`: told, and left alone. */
  outcome: "planned" | "done" | "failed" | "waiting" | "active" | "found";
  error?: { code: string; message: string };
}

export interface CleanUpInput {
  dryRun: boolean;
  /**
   * Destroy what AWS has and these books don't. Never by itself: another machine's books may have it.
   */
  unbooked: boolean;
  /** Also asks AWS about what is settled, project by project, and for what no book has: for a look now and then, not each minute. */
  compare: boolean;
  /** Ids of projects with an unfinished job, read before the projects are: a worker goes on with them. */
  withJobs?: ReadonlySet<string>;
  onResult(result: CleanedUp): void;
}

/**
 * One project after the other. A failure is counted in the books, which say when the next try is due, and doesn't keep the
 * others waiting. Nothing is decided by the list alone: each operation checks again, under the lock.
 */
export async function cleanUp(ports: CleanUpPorts, input: CleanUpInput): Promise<CleanedUp[]> {
  const results: CleanedUp[] = [];
  const note = (result: CleanedUp): void => {
    results.push(result);
    input.onResult(result);
  };
  const projects = await ports.books.projects();
  for (const project of projects) {
    if (ports.interrupt.gentle.aborted) return results;
    const hasJob = input.withJobs?.has(project.id) ?? false;
    const decision =
      decide(project, ports.clock.now(), ports.processes.look, hasJob) ?? (input.compare && !hasJob ? await vanished(ports, project) : undefined);
    if (decision) note(await carryOut(ports, project, decision, input.dryRun));
  }
  for (const unbooked of input.compare ? await unbookedThings(ports, projects) : []) {
    if (ports.interrupt.gentle.aborted) return results;
    note(await bookAndDestroy(ports, unbooked, input));
  }
  return results;
}

/** Booked, at rest, and AWS has nothing of it: somebody took it away by hand. */
async function vanished(ports: CleanUpPorts, project: Project): Promise<Decision | undefined> {
  const { infrastructure } = project;
  if ((infrastructure !== "deployed" && infrastructure !== "failed") || project.operation?.status === "running") return undefined;
  try {
    const request = credentialRequest(project, `cleanup-${project.key}`, "read");
    const accountId = await ports.credentials.account(request);
    // Elsewhere, or nobody knows where: nothing can be said.
    if (accountId !== project.accountId && (project.accountId !== null || infrastructure === "failed")) return undefined;
    const identity = identityOf(project, accountId);
    const { resources } = synthesizeProject(ports.synthesize, project, identity);
    const reads = await ports.inventory.read({ identity, resources }, { get: () => ports.credentials.issue(request) });
    return leftovers(reads).length > 0 ? undefined : { action: "destroy", reason: "AWS has nothing of it any more, and it is still booked" };
  } catch (error) {
    ports.progress({ type: "note", level: "warn", message: `Project ${project.id} can't be compared with AWS: ${messageOf(error)}` });
    return undefined;
  }
}

async function carryOut(ports: CleanUpPorts, project: Project, decision: Decision, dryRun: boolean): Promise<CleanedUp> {
  const about = { projectId: project.id, action: decision.action, reason: decision.reason };
  if (decision.action === "wait") return { ...about, outcome: "waiting" };
  if (dryRun) return { ...about, outcome: "planned" };
  ports.progress({ type: "note", level: "info", message: `${project.id}: ${decision.action}, because ${decision.reason}` });
  try {
    await act(ports, project, decision);
    return { ...about, outcome: "done" };
  } catch (error) {
    if (isChartctlError(error, "interrupted")) throw error;
    if (isChartctlError(error, "conflict") && overtaken.has(error.code)) return { ...about, outcome: "active" };
    const message = messageOf(error);
    await ports.books.recordCleanup(project.id, message.slice(0, 2_000));
    return { ...about, outcome: "failed", error: { code: isChartctlError(error) ? error.code : "bug", message } };
  }
}

/** Somebody worked, or raised the limit, since the list was read. */
const overtaken = new Set(["project.active-again", "project.within-limit", "operation.running"]);

async function act(ports: CleanUpPorts, project: Project, { action, reason, only }: Decision): Promise<void> {
  const confirm = async (): Promise<boolean> => true;
  const input = { projectId: project.id, idempotencyKey: ports.newIdempotencyKey(), reason, ...only };
  // What has stood may hold files that no deploy put there; what never did has no bucket to empty.
  const stood = Object.keys(project.outputs).length > 0;
  if (action === "destroy") await destroy({ ...ports, confirm }, { ...input, purge: stood || project.application !== "absent" });
  else if (action === "purge") await purge({ ...ports, confirm }, { ...input, data: false });
  else if (action === "settle") await settle(ports, input);
  else if (action === "provision") {
    const { blueprint, region, environment } = project;
    await provision({ ...ports, confirm }, { ...input, blueprint, region, environment, set: [], keepFailed: true });
  }
}

/** Tagged as this tenant's, and in no book. */
async function unbookedThings(ports: CleanUpPorts, projects: Project[]): Promise<Unbooked[]> {
  const { tenantId, userId } = await ports.books.quota();
  const booked = new Set(projects.map(({ key }) => key));
  try {
    const candidates = (await ports.findUnbooked({ tenantId, userId })).filter(({ key }) => !booked.has(key));
    const real = await Promise.all(candidates.map(async (candidate) => ((await isThere(ports, tenantId, candidate)) ? [candidate] : [])));
    return real.flat();
  } catch (error) {
    ports.progress({ type: "note", level: "warn", message: `AWS can't be searched for what no book has: ${messageOf(error)}` });
    return [];
  }
}

/** The tagging API lists deleted things for hours: only what a direct read finds is there. */
async function isThere(ports: CleanUpPorts, tenantId: string, { key, project, userId, region, environment, createdAt }: Unbooked): Promise<boolean> {
  const request = { tenantId, userId, projectId: project, projectKey: key, region, sessionName: `cleanup-${key}`, purpose: "read" as const };
  const accountId = await ports.credentials.account(request);
  const identity = { tenantId, userId, projectId: project, projectKey: key, region, environment, createdAt, accountId };
  const { resources } = ports.synthesize("serverless-web", identity, parseParameters("serverless-web", []));
  return leftovers(await ports.inventory.read({ identity, resources }, { get: () => ports.credentials.issue(request) })).length > 0;
}

/** Books it under its own key, as failed, and destroys it like any other. */
async function bookAndDestroy(ports: CleanUpPorts, found: Unbooked, { dryRun, unbooked }: Pick<CleanUpInput, "dryRun" | "unbooked">): Promise<CleanedUp> {
  const { project: id, key, userId, region, environment, createdAt, names } = found;
  const reason = `AWS has ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}, and no book has project key ${key}`;
  const about = { projectId: id, action: "book and destroy" as const, reason };
  if (!unbooked) return { ...about, outcome: "found" };
  if (dryRun) return { ...about, outcome: "planned" };
  try {
    const opened = await ports.books.open({
      idempotencyKey: ports.newIdempotencyKey(),
      kind: "provision",
      projectId: id,
      holder: ports.processes.self(),
      reason,
      desired: { blueprint: "serverless-web", region, environment, parameters: {}, adopt: { key, userId, createdAt } },
    });
    await ports.books.finish(opened.operation, { outcome: "failed", standing: "something", error: { code: "unbooked", message: reason } });
    await destroy({ ...ports, confirm: async () => true }, { projectId: id, idempotencyKey: ports.newIdempotencyKey(), purge: true, reason });
    return { ...about, outcome: "done" };
  } catch (error) {
    if (isChartctlError(error, "interrupted")) throw error;
    return { ...about, outcome: "failed", error: { code: isChartctlError(error) ? error.code : "bug", message: messageOf(error) } };
  }
}

/** `provision --plan`: what a provision would do and cost, with nothing booked and nothing changed. */

import type { Project } from "../../contract/resources.ts";
import type { Estimate } from "../costs/estimate.ts";
import { estimate } from "../costs/estimate.ts";
import { parseParameters } from "../parameters.ts";
import type { CredentialSource, Plan } from "../ports.ts";
import { refusal } from "../quota/decide.ts";
import { whatFits } from "../quota/what-fits.ts";
import { refuseForeignAccount } from "./account.ts";
import { boundaryName } from "./boundary-policy.ts";
import { credentialRequest, identityOf, synthesizeProject } from "./identity.ts";
import { previewKey } from "./preview-key.ts";
import type { ProvisionInput, ProvisionPorts } from "./provision.ts";

export type PreviewPorts = Omit<ProvisionPorts, "confirm" | "inventory" | "processes">;

/**
 * Plans in a scratch folder on a copy of the stored state, so that a running operation is not disturbed.
 * Errors: those of a provision that come before the apply, refusals by quota and cost included.
 */
export async function preview(ports: PreviewPorts, input: ProvisionInput): Promise<{ plan: Plan; estimate: Estimate }> {
  const before = await ports.books.project(input.projectId);
  const parameters = parseParameters(input.blueprint, input.set, before?.parameters);
  const price = estimate(ports.prices(), input.blueprint, input.region, parameters);
  const { userId, limits, used } = await ports.books.quota(before?.userId);
  const others = { projects: used.projects - (before ? 1 : 0), monthlyCents: used.monthlyCents - (before?.monthlyCents ?? 0) };
  const fitting = (limit: number) =>
    whatFits(input.blueprint, parameters, (smaller) => estimate(ports.prices(), input.blueprint, input.region, smaller).monthlyCents, limit);
  const refused = refusal({ userId, limits, others, monthlyCents: price.monthlyCents, maxMonthlyCents: input.maxMonthlyCents, fitting });
  if (refused) throw refused;

  const project = { ...(before ?? (await draft(ports, input))), parameters };
  const sessionName = `plan-${input.idempotencyKey}`;
  const source = (purpose: "read" | "boundary-read"): CredentialSource => ({
    get: () => ports.credentials.issue(credentialRequest(project, sessionName, purpose)),
  });
  const accountId = await ports.credentials.account(credentialRequest(project, sessionName, "read"));
  refuseForeignAccount(accountId, input.accountId ?? project.accountId);

  const identity = identityOf(project, accountId);
  const boundaryThere = ports.boundary.exists(accountId, project.region, source("boundary-read"));
  boundaryThere.catch(() => {}); // awaited after the plan
  const stack = await ports.openStack(
    { identity, synthesized: synthesizeProject(ports.synthesize, project, identity), scratch: true },
    {
      credentials: source("read"),
      saveState: async () => {},
      loadState: async () => (before ? await ports.books.state(project.id) : undefined),
      progress: ports.progress,
      interrupt: ports.interrupt,
    },
  );
  try {
    ports.progress({ type: "step", step: "plan", phase: "start" });
    const planned = await stack.plan({ refresh: before !== undefined, adopt: [] });
    ports.progress({ type: "step", step: "plan", phase: "done" });
    const plan = { ...planned, besides: (await boundaryThere) ? [] : [`IAM policy ${boundaryName} in account ${accountId}, shared by all projects`] };
    return { plan, estimate: price };
  } finally {
    await stack.close();
  }
}

/** A project that isn't booked yet, as a provision would book it. */
async function draft(ports: Pick<PreviewPorts, "books" | "clock">, input: ProvisionInput): Promise<Project> {
  const { tenantId, userId } = await ports.books.quota();
  const now = ports.clock.now().toISOString();
  return {
    key: previewKey,
    id: input.projectId,
    tenantId,
    userId,
    blueprint: input.blueprint,
    region: input.region,
    environment: input.environment,
    accountId: null,
    parameters: {},
    monthlyCents: 0,
    infrastructure: "absent",
    application: "absent",
    createdAt: now,
    lastActivityAt: now,
    ttlSeconds: null,
    expiresAt: null,
    outputs: {},
    keepFailed: false,
    release: null,
    cleanup: null,
    overCost: null,
    operation: null,
    version: 0,
  };
}

/** `setup aws --teardown`: what setup made goes, once no project lives. */
import { ChartctlError } from "../../../errors.ts";
import type { Step } from "../steps.ts";
import { boundaryGone } from "./boundary-step.ts";
import { budgetGone } from "./budget-step.ts";
import { costTagsStay } from "./cost-tags-step.ts";
import { brokerName, provisioningName } from "./names.ts";
import type { AwsSetup } from "./ports.ts";
import { roleGone } from "./role-step.ts";

/**
 * The boundary first: while it limits a role, a project lives that only another machine's books know, and nothing goes; without
 * it, no role can be made any more. The budget last: while anything could still cost, somebody hears of it.
 */
export const tearDownAws = (aws: AwsSetup, accountId: string): Step[] => [
  boundaryGone(aws, accountId),
  roleGone(aws, provisioningName),
  roleGone(aws, brokerName),
  costTagsStay,
  budgetGone(aws, accountId),
];

/** The books of all tenants. */
export interface AllBooks {
  tenants(): Promise<string[]>;
  projects(tenantId: string): Promise<{ id: string; infrastructure: string }[]>;
}

/** Error `projects.live` (`conflict`) with the list: a booking ends only when AWS is proven empty, so none is the proof. */
export async function refuseWhileProjectsLive({ tenants, projects }: AllBooks): Promise<void> {
  const live: { tenantId: string; projectId: string; infrastructure: string }[] = [];
  for (const tenantId of await tenants()) {
    for (const { id, infrastructure } of await projects(tenantId)) live.push({ tenantId, projectId: id, infrastructure });
  }
  const [first] = live;
  if (!first) return;
  const names = live.map(({ tenantId, projectId }) => `${tenantId}/${projectId}`);
  throw new ChartctlError({
    kind: "conflict",
    code: "projects.live",
    message: `${live.length} ${live.length === 1 ? "project is" : "projects are"} booked, and can't be reached any more without these roles: ${names.join(", ")}`,
    hint: `destroy them first: chartctl -t ${first.tenantId} -p ${first.projectId} destroy --purge`,
    details: { live },
  });
}

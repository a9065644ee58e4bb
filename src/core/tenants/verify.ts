/**
 * Is a tenant's role safe to work with, and enough? Found out by trying: the right external ID must be accepted, a wrong and
 * a missing one refused. Nothing is changed in the tenant's account, and nothing is believed that can be tried.
 */
import type { Verification } from "../../contract/platform-endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { sessionPolicy } from "../lifecycle/session-policy.ts";
import type { AwsCredentials } from "../ports.ts";
import type { AssumeAttempt, RoleProbe } from "./role-probe.ts";
import { harmlessReads } from "./role-probe.ts";
import { rightsCases } from "./role-rights.ts";
import { tenantTrustPolicy } from "./tenant-role.ts";
import { trustHoles } from "./trust-holes.ts";
import { verifyBilling } from "./verify-billing.ts";

interface ConnectionToVerify {
  tenantId: string;
  roleArn: string;
  /** Where the tenant's things are to be. */
  accountId: string;
  externalId: string;
  nextExternalId: string | null;
  /** The report that is connected, when the stored role is verified; null: it isn't looked at. */
  billing: Tenant["billing"];
}

/** What is stored, with what is given instead. Error `tenant.no-role` (refused). */
export function connectionToVerify(
  tenantId: string,
  stored: { roleArn: string | null; accountId: string | null; externalId: string; nextExternalId: string | null; billing: Tenant["billing"] },
  given: { roleArn?: string | undefined; accountId?: string | undefined },
): ConnectionToVerify {
  const { externalId, nextExternalId } = stored;
  const roleArn = given.roleArn ?? stored.roleArn;
  if (!roleArn) {
    throw new ChartctlError({
      kind: "refused",
      code: "tenant.no-role",
      message: `Tenant ${tenantId} has no role that could be verified`,
      hint: `give it one: chartctl tenants connect ${tenantId}`,
    });
  }
  const ofStored = given.roleArn === undefined || given.roleArn === stored.roleArn ? stored.accountId : null;
  const billing = given.roleArn === undefined ? stored.billing : null;
  return { tenantId, roleArn, accountId: given.accountId ?? ofStored ?? roleArn.split(":")[4] ?? "", externalId, nextExternalId, billing };
}

type Check = Verification["checks"][number];

/** Errors: `aws.*` of a request that proves nothing, such as a throttled one. */
export async function verifyConnection(probe: RoleProbe, asked: ConnectionToVerify & { others: Tenant[]; wrongId: string; now: Date }): Promise<Verification> {
  const { tenantId, roleArn, accountId, externalId, nextExternalId } = asked;
  const checks: Check[] = [...uniqueness(asked)];
  const done = async (accepts: Verification["accepts"]): Promise<Verification> => {
    const ok = checks.every(({ result }) => result !== "fail");
    const externalIds = nextExternalId === null ? [externalId] : [nextExternalId, externalId];
    const trustPolicy = checks.some(({ name, result }) => name !== "permissions" && result === "fail")
      ? tenantTrustPolicy({ principalArn: await probe.principal(), externalIds, tenantId })
      : null;
    return { tenantId, roleArn, ok, accepts, checks, trustPolicy: trustPolicy && { ...trustPolicy } };
  };
  // Nothing of another tenant's is tried.
  if (checks.some(({ result }) => result === "fail")) return await done([]);

  const tags = probeTags(tenantId);
  const request = { tenantId, userId: tags.UserId, projectId: tags.ProjectId, projectKey: tags.ProjectKey, region: "us-east-1", sessionName: "verify" };
  const policy = sessionPolicy({ ...request, purpose: "read" });
  const attempt = (id: string | undefined, changed: Partial<AssumeAttempt> = {}) => probe.assume({ roleArn, externalId: id, tags, policy, ...changed });

  const current = await attempt(externalId);
  const next = nextExternalId === null ? undefined : await attempt(nextExternalId);
  const accepts: Verification["accepts"] = [...(current ? (["current"] as const) : []), ...(next ? (["next"] as const) : [])];
  const untagged = current || next ? undefined : await attempt(nextExternalId ?? externalId, { tags: {} });
  checks.push(acceptance(accepts, untagged !== undefined, nextExternalId !== null));

  // Without tags as well: a role that refuses tags would seem to refuse the ID.
  for (const [name, id] of [
    ["wrong external ID", asked.wrongId],
    ["missing external ID", undefined],
  ] as const) {
    const hole = (await attempt(id)) ?? (await attempt(id, { tags: {} }));
    checks.push(
      hole
        ? fail(name, `accepted: whoever the platform works for could reach this account`, "ask for the external ID in the role's trust policy, as below")
        : ok(name, "refused"),
    );
  }
  checks.push(untagged ? fail("session tags", "refused", "allow sts:TagSession in the role's trust policy, as below") : tagsAllowed(current ?? next));
  const session = current ?? next;
  if (!session) return await done(accepts);

  const wider = await attempt(current ? externalId : (nextExternalId as string), { tags: { ...tags, TenantId: `${tenantId}-x` } });
  checks.push(
    wider
      ? warn("other tenant's tag", "accepted", "name the tenant in the role's trust policy (aws:RequestTag/TenantId)")
      : ok("other tenant's tag", "refused"),
  );

  const reached = await probe.account(session);
  checks.push(
    reached === accountId ? ok("account", reached) : fail("account", `${reached}, and not ${accountId}`, "give the role of the tenant's own account"),
  );

  // Without a session policy, for a moment: what the role itself may do is asked, and only reads.
  const whole = (await attempt(current ? externalId : (nextExternalId as string), { policy: undefined })) ?? session;
  checks.push(await principalCheck(probe, whole, roleArn));
  checks.push(...(await permissions(probe, { session, whole, asked })));
  if (asked.billing) {
    const policy = sessionPolicy({ ...request, purpose: "costs" });
    const costs = await attempt(current ? externalId : (nextExternalId as string), { policy });
    checks.push(...(await verifyBilling(await probe.report(tenantId, costs ?? session), asked.billing, tenantId, asked.now)));
  }
  return await done(accepts);
}

const ok = (name: string, found: string): Check => ({ name, result: "ok", found });
const warn = (name: string, found: string, mend: string): Check => ({ name, result: "warn", found, mend });
const fail = (name: string, found: string, mend: string): Check => ({ name, result: "fail", found, mend });

/** Of a project that there is none of. */
const probeTags = (tenantId: string) => ({ TenantId: tenantId, UserId: "chartctl", ProjectId: "verify", ProjectKey: "verify0000" });

function uniqueness({ tenantId, roleArn, accountId, others }: { tenantId: string; roleArn: string; accountId: string; others: Tenant[] }): Check[] {
  const strangers = others.filter(({ id }) => id !== tenantId);
  const sameRole = strangers.find((other) => other.roleArn === roleArn);
  const sameAccount = strangers.find((other) => other.accountId === accountId);
  const taken = sameRole ?? sameAccount;
  const what = sameRole ? `the role ${roleArn}` : `the account ${accountId}`;
  const named = roleArn.split(":")[4];
  return [
    taken
      ? fail("role and account", `${what} is that of tenant ${taken.id}`, "give the tenant a role in an account of its own")
      : ok("role and account", "no other tenant's"),
    ...(named === accountId ? [] : [fail("account", `the role is in ${named}, and not in ${accountId}`, "give the role of the tenant's own account")]),
  ];
}

function acceptance(accepts: Verification["accepts"], onlyUntagged: boolean, rotating: boolean): Check {
  const name = "external ID";
  if (onlyUntagged) return ok(name, "accepted, without session tags");
  if (accepts.length === 0) return fail(name, "refused", "the role must exist, and its trust policy name the platform and this external ID, as below");
  if (!rotating) return ok(name, "accepted");
  if (accepts.length === 2) return ok(name, "the new and the old one are accepted");
  return ok(name, accepts[0] === "next" ? "the new one is accepted, the old one refused" : "the old one is accepted, the new one not yet");
}

const tagsAllowed = (session: AwsCredentials | undefined): Check =>
  session ? ok("session tags", "accepted") : warn("session tags", "not tried: the role can't be assumed", "mend the external ID first");

async function principalCheck(probe: RoleProbe, session: AwsCredentials, roleArn: string): Promise<Check> {
  const name = "trusted principals";
  const trust = await probe.trustPolicy(session, roleArn);
  if (trust === undefined)
    return warn(name, "can't be read", "allow the role iam:GetRole on itself, or look: nobody but the platform's one role may be named, and never :root");
  const holes = trustHoles(trust, await probe.principal());
  return holes.length === 0 ? ok(name, "the platform alone") : fail(name, holes.join("; "), "name the platform's principal alone, as below");
}

async function permissions(
  probe: RoleProbe,
  { session, whole, asked }: { session: AwsCredentials; whole: AwsCredentials; asked: ConnectionToVerify },
): Promise<Check[]> {
  const name = "permissions";
  const mend = "make the role from the template: chartctl tenants connect";
  const missing: string[] = [];
  const beyond: string[] = [];
  for (const read of harmlessReads.needed) if (!(await probe.reads(session, read))) missing.push(read);
  for (const read of harmlessReads.refused) if (await probe.reads(whole, read)) beyond.push(read);
  const cases = rightsCases(asked, probeTags(asked.tenantId));
  const answers = await probe.simulate(
    whole,
    asked.roleArn,
    cases.map(({ wanted: _, ...one }) => one),
  );
  for (const [index, { wanted, action, resource }] of answers ? cases.entries() : []) {
    if (answers?.[index] !== wanted) (wanted ? missing : beyond).push(`${action} on ${resource}`);
  }
  const tried = answers
    ? `${cases.length} rights by IAM's own simulation, ${harmlessReads.needed.length + harmlessReads.refused.length} reads`
    : "by reads alone";
  return [
    missing.length > 0 ? fail(name, `missing: ${missing.join(", ")}`, mend) : ok(name, `as needed (${tried})`),
    beyond.length > 0 ? fail(name, `more than needed: ${beyond.join(", ")}`, mend) : ok(name, `not more (${tried})`),
  ];
}

/** The platform's policies in a policy simulator: the emulator ignores conditions. */
import { describe, expect, it } from "vitest";
import { boundaryPolicy } from "../../../../src/core/lifecycle/boundary-policy.ts";
import { sessionPolicy } from "../../../../src/core/lifecycle/session-policy.ts";
import { brokerPolicy, brokerTrust } from "../../../../src/core/setup/aws/broker-policy.ts";
import type { PolicyDocument } from "../../../../src/core/setup/aws/policy.ts";
import { provisioningPolicy, provisioningTrust } from "../../../../src/core/setup/aws/provisioning-policy.ts";
import { drawn, tablesUnder } from "../../../support/fault-table.ts";
import { boundaryCases } from "../../lifecycle/boundary-cases.ts";
import type { Subject } from "../../lifecycle/mutants.ts";
import { mutants, unseenMutants, wrongCases } from "../../lifecycle/mutants.ts";
import { request } from "../../lifecycle/session-policy-cases.ts";
import type { Asked } from "../../lifecycle/simulate.ts";
import { accountId, allowedByRole, allowedByTrust, allowedInBoundary, allowedInSession } from "../../lifecycle/simulate.ts";
import { tenantSubjects } from "../../tenants/role-cases.ts";
import type { Case, Layer, Purpose } from "./cases.ts";
import { cases, principalTags, recorded } from "./cases.ts";

const role = provisioningPolicy();
const session = (purpose: Purpose): PolicyDocument => JSON.parse(sessionPolicy({ ...request, purpose })) as PolicyDocument;
const inSession = (one: Asked): Asked => ({ ...one, context: { ...principalTags, ...one.context } });
const ask: Record<Layer, (one: Case, policy?: object) => Promise<boolean>> = {
  role: (one, policy = role) => allowedByRole(policy, inSession(one)),
  session: (one, policy = session(one.purpose)) => allowedInSession(policy, one),
};
const told = ({ purpose, action, resource, context, why }: Case): string => `${purpose}: ${action} ${resource} ${JSON.stringify(context)} (${why})`;

describe("what a project's session may do", { timeout: 600_000 }, () => {
  it("is asked in at least 500 cases, among them all that the lifecycle was seen to do", () => {
    expect(cases.length).toBeGreaterThan(500);
    expect(recorded.length).toBeGreaterThan(150);
    expect(new Set(recorded.map(({ purpose }) => purpose)).size).toBe(9);
  });

  it.each(["allowed", "denied"] as const)("is %s, by each layer that has to say so", async (wanted) => {
    const wrong: string[] = [];
    for (const one of cases.filter((each) => each.wanted === wanted))
      for (const layer of one.by) if ((await ask[layer](one)) !== (wanted === "allowed")) wrong.push(`${layer} of ${told(one)}`);
    expect(wrong).toEqual([]);
  });
});

/** Broker and trusts: who may become what. */
interface Entry extends Asked {
  who?: string;
  allowed: boolean;
}
const user = `arn:aws:iam::${accountId}:user/platform`;
const broker = `arn:aws:iam::${accountId}:role/chartctl-broker`;
const provisioning = `arn:aws:iam::${accountId}:role/chartctl-provisioning`;
const tenant = "arn:aws:iam::999988887777:role/chartctl/tenants/acme";
const become = ["sts:AssumeRole", "sts:TagSession"];
const tags = { TenantId: "acme", UserId: "ann", ProjectId: "sales", ProjectKey: "abc123defg" };
const tagged = (given: Record<string, string>) => ({
  "aws:TagKeys": Object.keys(given),
  ...Object.fromEntries(Object.entries(given).map(([tag, value]) => [`aws:RequestTag/${tag}`, value])),
});

const brokerCases: Entry[] = [
  ...recorded.filter(({ purpose }) => purpose === "broker").map((call) => ({ ...call, allowed: true })),
  ...become.map((action) => ({ action, resource: tenant, context: tagged(tags), allowed: true })),
  ...become.flatMap((action) =>
    [
      broker,
      `arn:aws:iam::${accountId}:role/admin`,
      "arn:aws:iam::999988887777:role/chartctl-acme",
      `arn:aws:iam::${accountId}:role/chartctl/acme/chart-abc123defg-sales-app`,
    ].map((resource) => ({ action, resource, allowed: false })),
  ),
  ...["iam:CreateRole", "iam:PassRole", "iam:GetRole", "iam:UpdateAssumeRolePolicy"].map((action) => ({ action, resource: provisioning, allowed: false })),
  { action: "s3:ListAllMyBuckets", resource: "*", allowed: false },
];
const provisioningTrustCases: Entry[] = become.flatMap((action) => [
  { action, resource: provisioning, who: broker, context: tagged(tags), allowed: true },
  ...[user, `arn:aws:iam::${accountId}:role/admin`, "arn:aws:iam::999988887777:role/chartctl-broker"].map((who) => ({
    action,
    resource: provisioning,
    who,
    context: tagged(tags),
    allowed: false,
  })),
  { action, resource: provisioning, who: broker, allowed: false },
  ...Object.keys(tags).map((left) => ({
    action,
    resource: provisioning,
    who: broker,
    context: tagged(Object.fromEntries(Object.entries(tags).filter(([tag]) => tag !== left))),
    allowed: false,
  })),
  ...Object.keys(tags).map((empty) => ({ action, resource: provisioning, who: broker, context: tagged({ ...tags, [empty]: "" }), allowed: false })),
  { action, resource: provisioning, who: broker, context: tagged({ ...tags, Admin: "yes" }), allowed: false },
]);
const brokerTrustCases: Entry[] = [
  { action: "sts:AssumeRole", resource: broker, who: user, allowed: true },
  ...[`arn:aws:iam::${accountId}:user/other`, `arn:aws:iam::${accountId}:role/admin`, "arn:aws:iam::999988887777:user/platform"].map((who) => ({
    action: "sts:AssumeRole",
    resource: broker,
    who,
    allowed: false,
  })),
];

const entries = (list: Entry[], run: (policy: object, entry: Entry) => Promise<boolean>): Subject["cases"] =>
  list.map((entry) => ({ wanted: entry.allowed, run: (policy) => run(policy, entry), told: JSON.stringify(entry) }));
const layerCases = (layer: Layer, purpose?: Purpose): Subject["cases"] =>
  cases
    .filter((one) => one.by.includes(layer) && (purpose === undefined || one.purpose === purpose))
    .map((one) => ({ wanted: one.wanted === "allowed", run: (policy) => ask[layer](one, policy), told: told(one) }));
const trusted = (policy: object, { who = "", ...asked }: Entry): Promise<boolean> => allowedByTrust(policy, who, asked);

const subjects: Subject[] = [
  { name: "provisioning role", policy: role, cases: layerCases("role") },
  { name: "provisioning trust", policy: provisioningTrust(accountId), cases: entries(provisioningTrustCases, trusted) },
  { name: "broker role", policy: brokerPolicy(accountId), cases: entries(brokerCases, allowedByRole) },
  { name: "broker trust", policy: brokerTrust(user), cases: entries(brokerTrustCases, trusted) },
  { name: "boundary", policy: boundaryPolicy(), cases: entries(boundaryCases, allowedInBoundary) },
  ...([...new Set(cases.map(({ purpose }) => purpose))] as Purpose[]).map(
    (purpose): Subject => ({ name: `session to ${purpose}`, policy: session(purpose), cases: layerCases("session", purpose) }),
  ),
];

const all = [...subjects, ...(await tenantSubjects())];
/** Roles and sessions are asked above, layer by layer. */
const others = all.filter(({ name }) => name !== "provisioning role" && !name.startsWith("session"));

it.each(others)("the $name holds", { timeout: 600_000 }, async (subject) => {
  expect(await wrongCases(subject)).toEqual([]);
});

describe("no condition can be left out unseen", { timeout: 600_000 }, () => {
  it.each(all)("of $name", async (subject) => {
    expect(await unseenMutants(subject)).toEqual([]);
  });

  it("is asked of every condition that there is, and told in docs/FAULTS.md (CHARTCTL_RECORD=1 writes it)", () => {
    const rows = all.map(({ name, policy, cases: listed }) => {
      const wanted = listed.filter((one) => one.wanted).length;
      return [name, wanted, listed.length - wanted, mutants(policy).length].map(String);
    });
    const sums = [1, 2, 3].map((column) => String(rows.reduce((sum, row) => sum + Number(row[column]), 0)));
    const table = drawn(["policy", "allowed", "denied", "conditions left out, each seen by a case"], [...rows, ["together", ...sums]]);
    expect(tablesUnder("## Permissions", [table])).toEqual([table]);
  });
});

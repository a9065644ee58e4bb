import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idMaxLength, idPattern } from "../../../src/contract/id.ts";
import { sessionPolicy, sessionPolicyMaxLength } from "../../../src/core/lifecycle/session-policy.ts";
import type { CredentialRequest } from "../../../src/core/ports.ts";
import { request, tables } from "./session-policy-cases.ts";
import type { Asked } from "./simulate.ts";
import { allowedInSession } from "./simulate.ts";

interface Policy {
  Statement: { Action: string | string[]; Condition?: Record<string, Record<string, string>> }[];
}
const purposes = Object.keys(tables) as CredentialRequest["purpose"][];
const policyFor = (purpose: CredentialRequest["purpose"]): Policy => JSON.parse(sessionPolicy({ ...request, purpose })) as Policy;
const text = ({ action, resource, context }: Asked): string => `${action} ${resource}${context ? ` ${JSON.stringify(context)}` : ""}`;

async function filtered(policy: Policy, cases: Asked[], wanted: boolean): Promise<string[]> {
  const answers = await Promise.all(cases.map(async (asked) => ((await allowedInSession(policy, asked)) === wanted ? [text(asked)] : [])));
  return answers.flat();
}

describe.each(purposes)("session policy to %s", (purpose) => {
  const { allowed, denied } = tables[purpose];
  const policy = policyFor(purpose);

  test("allows what the operation does", async () => {
    expect(await filtered(policy, allowed, false)).toEqual([]);
  });
  test("denies everything else that was thought of", async () => {
    expect(await filtered(policy, denied, true)).toEqual([]);
  });

  test("has no condition that could be left out", async () => {
    for (const [index, statement] of policy.Statement.entries()) {
      for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
        for (const key of Object.keys(keys)) {
          const looser = structuredClone(policy);
          delete looser.Statement[index]?.Condition?.[operator]?.[key];
          expect(await filtered(looser, denied, true), `without ${operator} ${key} in statement ${index}`).not.toEqual([]);
        }
      }
    }
  });

  test("has no action that nothing needs", async () => {
    for (const [index, statement] of policy.Statement.entries()) {
      for (const action of [statement.Action].flat()) {
        const tighter = structuredClone(policy);
        const changed = tighter.Statement[index];
        if (changed) changed.Action = [statement.Action].flat().filter((one) => one !== action);
        if (changed?.Action.length === 0) tighter.Statement.splice(index, 1);
        expect(await filtered(tighter, allowed, false), `without ${action} in statement ${index}`).not.toEqual([]);
      }
    }
  });
});

test("fits into AssumeRole's 2,048 characters for every legal name", () => {
  const longest = "a".repeat(idMaxLength);
  const id = fc.oneof(
    fc.constant(longest),
    fc.stringMatching(idPattern).filter((text) => text.length <= idMaxLength),
  );
  fc.assert(
    fc.property(
      id,
      id,
      id,
      fc.stringMatching(/^[a-z0-9]{10}$/),
      fc.constantFrom("us-east-1", "us-west-2"),
      fc.constantFrom(...purposes),
      (tenantId, userId, projectId, projectKey, region, purpose) => {
        const policy = sessionPolicy({ tenantId, userId, projectId, projectKey, region, sessionName: "operation", purpose });
        expect(policy.length).toBeLessThanOrEqual(sessionPolicyMaxLength);
      },
    ),
  );
  for (const purpose of purposes) {
    expect(sessionPolicy({ ...request, tenantId: longest, userId: longest, projectId: longest, purpose }).length).toBeLessThanOrEqual(sessionPolicyMaxLength);
  }
});

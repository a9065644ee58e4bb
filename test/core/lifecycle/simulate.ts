/** Asks a policy simulator: the emulator would accept a session policy that denies everything. */
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

export const accountId = "111122223333";

export interface Asked {
  action: string;
  resource: string;
  context?: Record<string, string | string[]>;
}

const principal = `arn:aws:sts::${accountId}:assumed-role/tenant/operation`;
/** Would a role with this policy be allowed this, in a session without a policy of its own? */
export const allowedByRole = async (rolePolicy: object, asked: Asked): Promise<boolean> => {
  const policies = { ...simulation(asked), identityPolicies: [{ name: "role", policy: rolePolicy }] };
  // The simulator's own data has no HTTP APIs.
  if (asked.action.startsWith("apigateway:")) return runUnsafeSimulation(policies, {}) === "Allowed";
  return await verdict(asked, runSimulation(policies, {}));
};

/** Would this principal, that may do everything, be let in by a role's trust policy? */
export const allowedByTrust = async (trust: object, who: string, asked: Asked): Promise<boolean> => {
  const { request, ...rest } = simulation(asked);
  return await verdict(asked, runSimulation({ request: { ...request, principal: who }, ...rest, identityPolicies: [everything], resourcePolicy: trust }, {}));
};

const everything = { name: "everything", policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } };

const simulation = ({ action, resource, context = {} }: Asked) => ({
  request: { principal, action, resource: { resource, accountId }, contextVariables: context },
  serviceControlPolicies: [],
  resourceControlPolicies: [],
});

/** Would a role that may do everything be allowed this, under this session policy? */
export async function allowedInSession(sessionPolicy: object, asked: Asked): Promise<boolean> {
  // The simulator's own data has no HTTP APIs. Beside a role that may do everything, the session policy alone decides.
  if (asked.action.startsWith("apigateway:")) {
    return runUnsafeSimulation({ ...simulation(asked), identityPolicies: [{ name: "session", policy: sessionPolicy }] }, {}) === "Allowed";
  }
  return await verdict(asked, runSimulation({ ...simulation(asked), identityPolicies: [everything], sessionPolicy }, {}));
}

/** Would a role that may do everything be allowed this, inside this permissions boundary? */
export const allowedInBoundary = async (boundary: object, asked: Asked): Promise<boolean> =>
  await verdict(
    asked,
    runSimulation({ ...simulation(asked), identityPolicies: [everything], permissionBoundaryPolicies: [{ name: "boundary", policy: boundary }] }, {}),
  );

async function verdict(asked: Asked, run: ReturnType<typeof runSimulation>): Promise<boolean> {
  const result = await run;
  if (result.resultType === "error") throw new Error(`${asked.action} on ${asked.resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === "Allowed";
}

/** Decides as IAM would: may this principal assume a role with this trust, and what may the session then do? */
import type { Simulation } from "@cloud-copilot/iam-simulate";
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

export interface AssumeAsked {
  /** A role's or user's ARN. */
  principalArn: string;
  /** What the principal's own policies allow; everything, when not given. */
  principalPolicy?: object;
  roleArn: string;
  externalId?: string | undefined;
  tags?: Record<string, string>;
}

export interface SessionAsked {
  role: { arn: string; policy: object };
  tags: Record<string, string>;
  /** A session policy; none narrows nothing. */
  sessionPolicy?: object | undefined;
  action: string;
  resource: string;
  context?: Record<string, string | string[]>;
}

const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";

/** STS asks for `TagSession` besides, when tags are sent. */
export async function mayAssume(trust: object, asked: AssumeAsked): Promise<boolean> {
  const { principalArn, principalPolicy = everything, roleArn, externalId, tags = {} } = asked;
  const keys = Object.keys(tags);
  const contextVariables = {
    ...(externalId === undefined ? {} : { "sts:ExternalId": externalId }),
    ...(keys.length > 0 ? { "aws:TagKeys": keys } : {}),
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  };
  for (const action of ["sts:AssumeRole", ...(keys.length > 0 ? ["sts:TagSession"] : [])]) {
    const allowed = await decide({
      request: { principal: principalArn, action, resource: { resource: roleArn, accountId: accountOf(roleArn) }, contextVariables },
      identityPolicies: [{ name: "own", policy: principalPolicy }],
      resourcePolicy: trust,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    });
    if (!allowed) return false;
  }
  return true;
}

export async function maySession({ role, tags, sessionPolicy, action, resource, context = {} }: SessionAsked): Promise<boolean> {
  const accountId = accountOf(role.arn);
  const simulation: Simulation = {
    request: {
      principal: `arn:aws:sts::${accountId}:assumed-role/${role.arn.split("/").at(-1)}/session`,
      action,
      resource: { resource, accountId },
      contextVariables: {
        "aws:RequestedRegion": /^(iam|sts)$/.test(action.split(":")[0] ?? "") ? "us-east-1" : resource.split(":")[3] || "us-east-1",
        ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
        ...context,
      },
    },
    identityPolicies: [{ name: "role", policy: role.policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const also = sessionPolicy === undefined ? [] : [{ ...simulation, identityPolicies: [{ name: "session", policy: sessionPolicy }] }];
  for (const one of [simulation, ...also]) if (!(await decide(one))) return false;
  return true;
}

async function decide(simulation: Simulation): Promise<boolean> {
  const { action, resource } = simulation.request;
  // The simulator's own data has no HTTP APIs.
  if (action.startsWith("apigateway:")) return (await runUnsafeSimulation(simulation, {})) === "Allowed";
  const result = await runSimulation(simulation, {});
  if (result.resultType === "error") throw new Error(`${action} on ${resource.resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === "Allowed";
}

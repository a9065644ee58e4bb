/** Temporary AWS credentials from a hosted control API: it assumes the tenant's role, this machine never does. */
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { IssuedCredentials } from "../contract/lifecycle-endpoints.ts";
import type { Credentials } from "../core/ports.ts";
import { ChartctlError } from "../errors.ts";

type Request = Parameters<Credentials["issue"]>[0];

const freshMilliseconds = 5 * 60_000;

/** An operation's own, or for looking at a project. Handed out again while they last. Errors: the API's. */
export function remoteCredentials(call: CallApi, now: () => Date): Credentials {
  const issued = new Map<string, Promise<IssuedCredentials>>();
  const ask = async (request: Request): Promise<IssuedCredentials> => {
    const { sessionName, projectId, purpose, region } = request;
    if (sessionName.startsWith("op-")) {
      return await call(endpoints.operationCredentials, { params: { operationId: sessionName }, body: { purpose: operationPurpose(purpose) } });
    }
    return await call(endpoints.projectCredentials, { params: { projectId }, body: { purpose: readPurpose(purpose), region: region as "us-east-1" } });
  };
  const given = async (request: Request): Promise<IssuedCredentials> => {
    const key = JSON.stringify([request.sessionName, request.projectId, request.projectKey, request.purpose]);
    const kept = await issued.get(key)?.catch(() => undefined);
    if (kept && Date.parse(kept.expiration) - now().getTime() > freshMilliseconds) return kept;
    const asked = ask(request);
    issued.set(key, asked);
    return await asked;
  };
  return {
    issue: async (request) => {
      const { accountId: _, expiration, ...credentials } = await given(request);
      return { ...credentials, expiration: new Date(expiration) };
    },
    account: async (request) => (await given(request)).accountId,
    kind: async () => "tenant-role",
  };
}

const operationPurposes = ["provision", "destroy", "purge", "deploy", "read", "boundary"] as const;
const readPurposes = ["read", "logs", "boundary-read"] as const;
type OperationPurpose = (typeof operationPurposes)[number];
type ReadPurpose = (typeof readPurposes)[number];

const operationPurpose = (purpose: Request["purpose"]): OperationPurpose => operationPurposes.find((one) => one === purpose) ?? refuse(purpose);
const readPurpose = (purpose: Request["purpose"]): ReadPurpose => readPurposes.find((one) => one === purpose) ?? refuse(purpose);

const refuse = (purpose: string): never => {
  throw new ChartctlError({ kind: "bug", code: "bug", message: `No credentials to ${purpose} are asked for this way` });
};

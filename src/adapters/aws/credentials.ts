/** Temporary credentials for one tenant, project and operation, by AssumeRole; DESIGN section 3. */
import type { AssumeRoleCommandInput } from "@aws-sdk/client-sts";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { sessionPolicy } from "../../core/lifecycle/session-policy.ts";
import type { AwsCredentials, CredentialRequest, Credentials } from "../../core/ports.ts";
import { ChartctlError } from "../../errors.ts";
import { asBroker } from "./broker.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { awsError, translated } from "./errors.ts";
import { isFresh, temporary } from "./temporary.ts";

export interface AwsCredentialOptions {
  /** `nextExternalId`: the new one, while it takes the old one's place. */
  connection(tenantId: string): Promise<{ roleArn: string | null; accountId: string | null; externalId: string; nextExternalId?: string | null }>;
  /** The operator's environment; read, never written. */
  env: AwsEnvironment;
  profile?: string | undefined;
  /** May the operator's own credentials be used directly? Embedded only. */
  allowDirect: boolean;
}

type Connection = Awaited<ReturnType<AwsCredentialOptions["connection"]>>;
interface Role {
  arn: string;
  /** The newest first; each is tried. */
  externalIds: (string | undefined)[];
}
/** What is assumed for a tenant, or nothing: then the operator's own credentials count. */
const roleOf = ({ roleArn, externalId, nextExternalId }: Connection, env: AwsEnvironment): Role | undefined => {
  if (roleArn) return { arn: roleArn, externalIds: nextExternalId ? [nextExternalId, externalId] : [externalId] };
  // With a web identity token, AWS_ROLE_ARN belongs to the SDK's own chain.
  return env.AWS_ROLE_ARN && !env.AWS_WEB_IDENTITY_TOKEN_FILE ? { arn: env.AWS_ROLE_ARN, externalIds: [env.AWS_EXTERNAL_ID] } : undefined;
};

/** Role chaining allows one hour at most; reads are over in minutes. */
const durationSeconds = (purpose: CredentialRequest["purpose"]): number => (/^(read|logs|costs|boundary|boundary-read)$/.test(purpose) ? 900 : 3_600);

/**
 * The tenant's connection is asked for at each call, because it can change. What was issued is kept by everything that it
 * was issued for, and handed out again while it is fresh.
 */
export function awsCredentials(options: AwsCredentialOptions): Credentials {
  const { env, profile } = options;
  const operator = platformCredentials(env, profile);
  const issued = new Map<string, AwsCredentials>();

  const issue = async (request: CredentialRequest, connection: Connection): Promise<AwsCredentials> => {
    const role = roleOf(connection, env);
    if (!role && options.allowDirect) return await operator();
    if (!role) throw noRole(request.tenantId);
    const { tenantId, userId, projectId, projectKey, region, sessionName, purpose } = request;
    const cacheKey = JSON.stringify([role.arn, role.externalIds, tenantId, userId, projectId, projectKey, region, sessionName, purpose]);
    for (const [key, credentials] of issued) if (!isFresh(credentials)) issued.delete(key);
    const credentials = issued.get(cacheKey) ?? (await assumeRole(env, await operator(), role, request));
    issued.set(cacheKey, credentials);
    return credentials;
  };

  return {
    issue: async (request) => await issue(request, await options.connection(request.tenantId)),
    kind: async (tenantId) => {
      const connection = await options.connection(tenantId);
      return connection.roleArn ? "tenant-role" : roleOf(connection, env) ? "platform-role" : "direct";
    },
    account: async (request) => {
      const connection = await options.connection(request.tenantId);
      const meant = connection.accountId;
      const sts = new STSClient(clientSettings(env, "STS", request.region, await issue(request, connection)));
      const { Account: reached = "" } = await translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({}))).finally(() => sts.destroy());
      if (meant === null || meant === reached) return reached;
      throw new ChartctlError({
        kind: "refused",
        code: "account.mismatch",
        message: `The credentials reach AWS account ${reached}; tenant ${request.tenantId} is in ${meant}`,
        hint: `check the tenant's role: chartctl tenants${profile ? `, or the profile ${profile}` : ""}`,
        details: { reached, meant },
      });
    },
  };
}

/** An ID that is refused is followed by the older one, and by nothing else: no error of another kind is taken for a refusal. */
async function assumeRole(env: AwsEnvironment, operator: AwsCredentials, role: Role, request: CredentialRequest): Promise<AwsCredentials> {
  let refused: unknown;
  for (const externalId of role.externalIds) {
    const answer = await assumeOrRefused(env, request.region, operator, {
      RoleArn: role.arn,
      RoleSessionName: request.sessionName,
      ExternalId: externalId,
      DurationSeconds: durationSeconds(request.purpose),
      Policy: sessionPolicy(request),
      Tags: [
        { Key: "TenantId", Value: request.tenantId },
        { Key: "UserId", Value: request.userId },
        { Key: "ProjectId", Value: request.projectId },
        { Key: "ProjectKey", Value: request.projectKey },
      ],
    });
    if (!("refused" in answer)) return answer;
    refused = answer.refused;
  }
  throw new ChartctlError({
    kind: "auth",
    code: "aws.assume-role-refused",
    message: `AWS refused to assume the role ${role.arn} for tenant ${request.tenantId}`,
    hint: `the role's trust policy must name this caller, its external ID, sts:AssumeRole and sts:TagSession; see: chartctl tenants verify ${request.tenantId}`,
    cause: refused,
  });
}

/** Errors: `aws.*`, but a refusal is an answer. */
export async function assumeOrRefused(
  env: AwsEnvironment,
  region: string,
  operator: AwsCredentials,
  input: AssumeRoleCommandInput,
  options: { abortSignal?: AbortSignal } = {},
): Promise<AwsCredentials | { refused: unknown }> {
  const sts = new STSClient(clientSettings(env, "STS", region, operator));
  try {
    return temporary(await sts.send(new AssumeRoleCommand(input), options));
  } catch (error) {
    if (/^AccessDenied(Exception)?$/.test((error as { name?: string }).name ?? "")) return { refused: error };
    throw awsError(error, `assume the role ${input.RoleArn}`);
  } finally {
    sts.destroy();
  }
}

/** What the platform works as: its broker, where it is named, or else the operator. */
export const platformCredentials = (
  env: AwsEnvironment,
  profile: string | undefined,
  options: { abortSignal?: AbortSignal } = {},
): (() => Promise<AwsCredentials>) => asBroker(env, operatorSource(env, profile), options);

/** The operator's own credentials, from the SDK's chain: environment, profile, SSO, web identity, instance. */
export const operatorCredentials = async (env: AwsEnvironment, profile: string | undefined): Promise<AwsCredentials> => await operatorSource(env, profile)();

/** The same for many calls: the SDK's chain is built at the first one, and asks again when what it has expires. */
function operatorSource(env: AwsEnvironment, profile: string | undefined): () => Promise<AwsCredentials> {
  let chain: (() => Promise<AwsCredentials>) | undefined;
  return async () => {
    if (!profile && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
      return {
        accessKeyId: env.AWS_ACCESS_KEY_ID,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
        ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
      };
    }
    if (!chain) {
      const { fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
      chain = fromNodeProviderChain({ ...(profile ? { profile } : {}), timeout: 2_000, maxRetries: 1 });
    }
    return await translated(profile ? `work as the profile ${profile}` : "work in your name", chain);
  };
}

const noRole = (tenantId: string): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "tenant.no-role",
    message: `Tenant ${tenantId} has no role, and a hosted control API uses nobody's own credentials`,
    hint: `give it one: chartctl tenants connect ${tenantId}`,
  });

/** Temporary credentials for one tenant, project and operation, by AssumeRole; DESIGN section 3. */
import type { AwsCredentials, CredentialRequest, Credentials } from "../../core/ports.ts";
import { sessionPolicy } from "../../core/lifecycle/session-policy.ts";
import { ChartctlError } from "../../errors.ts";
import { clientSettings } from "./clients.ts";
import type { AwsEnvironment } from "./clients.ts";
import { awsError, translated } from "./errors.ts";

export interface AwsCredentialOptions {
  connection(tenantId: string): Promise<{ roleArn: string | null; accountId: string | null; externalId: string }>;
  /** The operator's environment; read, never written. */
  env: AwsEnvironment;
  profile?: string | undefined;
  /** May the operator's own credentials be used directly? Embedded only. */
  allowDirect: boolean;
}

type Connection = Awaited<ReturnType<AwsCredentialOptions["connection"]>>;
interface Role {
  arn: string;
  externalId: string | undefined;
}

/** Role chaining allows one hour at most; reads are over in minutes. */
const durationSeconds = (purpose: CredentialRequest["purpose"]): number => (purpose === "read" || purpose === "boundary" ? 900 : 3_600);
/** Handed out again only while they last at least this long. */
const freshMilliseconds = 5 * 60_000;

export function awsCredentials(options: AwsCredentialOptions): Credentials {
  const { env, profile } = options;
  const connections = new Map<string, Promise<Connection>>();
  const issued = new Map<string, AwsCredentials>();

  const connectionOf = (tenantId: string): Promise<Connection> => {
    const known = connections.get(tenantId) ?? options.connection(tenantId);
    connections.set(tenantId, known);
    return known;
  };
  const roleOf = async (tenantId: string): Promise<Role | undefined> => {
    const { roleArn, externalId } = await connectionOf(tenantId);
    if (roleArn) return { arn: roleArn, externalId };
    // With a web identity token, AWS_ROLE_ARN belongs to the SDK's own chain.
    if (env.AWS_ROLE_ARN && !env.AWS_WEB_IDENTITY_TOKEN_FILE) return { arn: env.AWS_ROLE_ARN, externalId: env.AWS_EXTERNAL_ID };
    return undefined;
  };
  const issue = async (request: CredentialRequest): Promise<AwsCredentials> => {
    const role = await roleOf(request.tenantId);
    if (!role) return await direct(options, request.tenantId);
    const cacheKey = JSON.stringify([role.arn, request.tenantId, request.userId, request.projectId, request.projectKey, request.region, request.sessionName, request.purpose]);
    const cached = issued.get(cacheKey);
    if (cached?.expiration && cached.expiration.getTime() - Date.now() > freshMilliseconds) return cached;
    const credentials = await assumeRole(options, role, request);
    issued.set(cacheKey, credentials);
    return credentials;
  };

  return {
    issue,
    kind: async (tenantId) => ((await connectionOf(tenantId)).roleArn ? "tenant-role" : (await roleOf(tenantId)) ? "platform-role" : "direct"),
    account: async (request) => {
      const [credentials, { STSClient, GetCallerIdentityCommand }, { accountId: meant }] = await Promise.all([issue(request), import("@aws-sdk/client-sts"), connectionOf(request.tenantId)]);
      const sts = new STSClient(clientSettings(env, "STS", request.region, credentials));
      const { Account: reached = "" } = await translated("say who is calling", () => sts.send(new GetCallerIdentityCommand({})));
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

async function assumeRole({ env, profile }: AwsCredentialOptions, role: Role, request: CredentialRequest): Promise<AwsCredentials> {
  const { STSClient, AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const sts = new STSClient(clientSettings(env, "STS", request.region, await operatorCredentials(env, profile)));
  const command = new AssumeRoleCommand({
    RoleArn: role.arn,
    RoleSessionName: request.sessionName,
    ExternalId: role.externalId,
    DurationSeconds: durationSeconds(request.purpose),
    Policy: sessionPolicy(request),
    Tags: [
      { Key: "TenantId", Value: request.tenantId },
      { Key: "UserId", Value: request.userId },
      { Key: "ProjectId", Value: request.projectId },
      { Key: "ProjectKey", Value: request.projectKey },
    ],
  });
  try {
    const { Credentials: given } = await sts.send(command);
    if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) throw new Error("STS answered without credentials");
    return { accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey, sessionToken: given.SessionToken, expiration: given.Expiration };
  } catch (error) {
    if ((error as { name?: string }).name !== "AccessDenied") throw awsError(error, `assume the role ${role.arn}`);
    throw new ChartctlError({
      kind: "auth",
      code: "aws.assume-role-refused",
      message: `AWS refused to assume the role ${role.arn} for tenant ${request.tenantId}`,
      hint: "the role's trust policy must name this caller, its external ID, sts:AssumeRole and sts:TagSession; see: chartctl doctor",
      cause: error,
    });
  }
}

/** The operator's own credentials, from the SDK's chain: environment, profile, SSO, web identity, instance. */
export async function operatorCredentials(env: AwsEnvironment, profile: string | undefined): Promise<AwsCredentials> {
  if (!profile && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    return { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY, ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}) };
  }
  const { fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
  return await translated("work in your name", () => fromNodeProviderChain({ ...(profile ? { profile } : {}), timeout: 2_000, maxRetries: 1 })());
}

async function direct(options: AwsCredentialOptions, tenantId: string): Promise<AwsCredentials> {
  if (options.allowDirect) return await operatorCredentials(options.env, options.profile);
  throw new ChartctlError({
    kind: "refused",
    code: "tenant.no-role",
    message: `Tenant ${tenantId} has no role, and a hosted control API uses nobody's own credentials`,
    hint: `give it one: chartctl tenants add ${tenantId} --role-arn ARN`,
  });
}

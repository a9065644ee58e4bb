/**
 * AWS for whoever assumes roles: trust policies, a role's policy and session policies are evaluated, not believed. STS, and of
 * IAM, S3, DynamoDB, Lambda and CloudWatch Logs the few calls that a verification makes. (The emulator accepts every external ID.)
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AwsEnvironment } from "../../src/adapters/aws/clients.ts";
import { mayAssume, maySession } from "./iam.ts";

export interface StandInRole {
  trust: object;
  policy: object;
}

export interface StandInAws {
  env: AwsEnvironment & { AWS_ENDPOINT_URL: string };
  /** By ARN; a test changes them as a stack's update would. */
  roles: Map<string, StandInRole>;
  /** Every call, in order: `sts:AssumeRole`, with what was sent. */
  asked: { action: string; externalId?: string | undefined; policy?: string | undefined }[];
  /** As whom the operator works. */
  caller: string;
  /** So many of STS's next answers are that it is asked too often. */
  throttled: number;
  close(): Promise<void>;
}

interface Session {
  roleArn: string;
  tags: Record<string, string>;
  policy: object | undefined;
}
interface Call {
  service: string;
  action: string;
  parameters: URLSearchParams;
  body: string;
  session: Session | undefined;
}

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";
const operatorKey = "AKIAOPERATOR";

export async function startStandInAws(): Promise<StandInAws> {
  const sessions = new Map<string, Session>();
  const aws: StandInAws = {
    env: { AWS_ENDPOINT_URL: "", AWS_ACCESS_KEY_ID: operatorKey, AWS_SECRET_ACCESS_KEY: "operator-secret", AWS_REGION: "us-east-1" },
    roles: new Map(),
    asked: [],
    caller: "arn:aws:iam::999988887777:user/operator",
    throttled: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    answer(aws, sessions, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  aws.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return aws;
}

async function answer(aws: StandInAws, sessions: Map<string, Session>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  const [, key = "", service = ""] = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
  const session = sessions.get(key);
  if (key !== operatorKey && !session) return refuse(response, service, "InvalidClientTokenId", 403);
  const parameters = new URLSearchParams(/^(sts|iam)$/.test(service) ? body : "");
  const name = parameters.get("Action") ?? String(request.headers["x-amz-target"] ?? "").split(".")[1];
  const action = `${service}:${name ?? ({ s3: "ListAllMyBuckets", lambda: "ListFunctions" } as Record<string, string>)[service]}`;
  const call: Call = { service, action, parameters, body, session };
  aws.asked.push({ action, externalId: parameters.get("ExternalId") ?? undefined, policy: parameters.get("Policy") ?? undefined });
  if (service === "sts" && aws.throttled > 0) {
    aws.throttled--;
    return refuse(response, service, "Throttling", 400);
  }
  if (action === "sts:AssumeRole") return await assumeRole(aws, sessions, call, response);
  if (action === "sts:GetCallerIdentity") {
    const arn = session ? `arn:aws:sts::${accountOf(session.roleArn)}:assumed-role/${session.roleArn.split("/").at(-1)}/chartctl-verify` : aws.caller;
    return xml(response, "GetCallerIdentity", `<Arn>${arn}</Arn><UserId>id</UserId><Account>${accountOf(arn)}</Account>`);
  }
  if (!(await allowed(aws, call))) return refuse(response, service, service === "iam" || service === "s3" ? "AccessDenied" : "AccessDeniedException", 403);
  await answerRead(aws, call, response);
}

async function assumeRole(aws: StandInAws, sessions: Map<string, Session>, { parameters }: Call, response: ServerResponse): Promise<void> {
  const roleArn = parameters.get("RoleArn") ?? "";
  const tags: Record<string, string> = {};
  for (let index = 1; parameters.has(`Tags.member.${index}.Key`); index++) {
    tags[parameters.get(`Tags.member.${index}.Key`) ?? ""] = parameters.get(`Tags.member.${index}.Value`) ?? "";
  }
  const role = aws.roles.get(roleArn);
  const externalId = parameters.get("ExternalId") ?? undefined;
  const letIn = role && (await mayAssume(role.trust, { principalArn: aws.caller, roleArn, externalId, tags }));
  if (!letIn) return refuse(response, "sts", "AccessDenied", 403);
  const key = `ASIASESSION${sessions.size}`;
  sessions.set(key, { roleArn, tags, policy: parameters.has("Policy") ? JSON.parse(parameters.get("Policy") ?? "") : undefined });
  const expiration = new Date(Date.now() + 1_000 * Number(parameters.get("DurationSeconds"))).toISOString();
  xml(
    response,
    "AssumeRole",
    `<Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
  );
}

/** The operator's own calls in their own account are no matter here. */
async function allowed(aws: StandInAws, call: Call): Promise<boolean> {
  const { session, action } = call;
  if (!session) return true;
  const policy = aws.roles.get(session.roleArn)?.policy ?? { Version: "2012-10-17", Statement: [] };
  const role = { arn: session.roleArn, policy };
  return await maySession({ role, tags: session.tags, sessionPolicy: session.policy, action, resource: resourceOf(call) });
}

function resourceOf({ action, parameters, body, session }: Call): string {
  const account = accountOf(session?.roleArn ?? "");
  if (action === "iam:GetRole") return session?.roleArn.endsWith(`/${parameters.get("RoleName")}`) ? session.roleArn : `arn:aws:iam::${account}:role/other`;
  if (action === "iam:SimulatePrincipalPolicy") return parameters.get("PolicySourceArn") ?? "";
  if (action === "dynamodb:DescribeTable") return `arn:aws:dynamodb:us-east-1:${account}:table/${JSON.parse(body).TableName}`;
  if (action === "logs:FilterLogEvents") return `arn:aws:logs:us-east-1:${account}:log-group:${JSON.parse(body).logGroupName}:*`;
  return "*";
}

async function answerRead(aws: StandInAws, { action, service, parameters, session }: Call, response: ServerResponse): Promise<void> {
  if (action === "iam:GetRole") {
    const arn = session?.roleArn ?? [...aws.roles.keys()].find((one) => one.endsWith(`/${parameters.get("RoleName")}`));
    const trust = arn && aws.roles.get(arn)?.trust;
    if (!trust) return refuse(response, "iam", "NoSuchEntity", 404);
    const document = encodeURIComponent(JSON.stringify(trust));
    const facts = `<Path>/</Path><RoleName>r</RoleName><RoleId>AROA</RoleId><CreateDate>2026-01-01T00:00:00Z</CreateDate>`;
    return xml(response, "GetRole", `<Role>${facts}<Arn>${arn}</Arn><AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument></Role>`);
  }
  if (action === "iam:SimulatePrincipalPolicy") {
    const context = Object.fromEntries(
      [...parameters].flatMap(([name, key]) => {
        const [, index] = /^ContextEntries\.member\.(\d+)\.ContextKeyName$/.exec(name) ?? [];
        return index ? [[key, parameters.get(`ContextEntries.member.${index}.ContextKeyValues.member.1`) ?? ""]] : [];
      }),
    );
    const arn = parameters.get("PolicySourceArn") ?? "";
    const role = { arn, policy: aws.roles.get(arn)?.policy ?? {} };
    const asked = { action: parameters.get("ActionNames.member.1") ?? "", resource: parameters.get("ResourceArns.member.1") ?? "", context };
    const decision = (await maySession({ role, tags: {}, ...asked })) ? "allowed" : "implicitDeny";
    const result = `<EvalActionName>${asked.action}</EvalActionName><EvalDecision>${decision}</EvalDecision>`;
    return xml(response, "SimulatePrincipalPolicy", `<EvaluationResults><member>${result}</member></EvaluationResults><IsTruncated>false</IsTruncated>`);
  }
  if (service === "iam") return xml(response, action.slice("iam:".length), "<IsTruncated>false</IsTruncated>");
  if (/DescribeTable|FilterLogEvents/.test(action)) return refuse(response, service, "ResourceNotFoundException", 400);
  if (service === "s3")
    return void response.writeHead(200, { "content-type": "application/xml" }).end("<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>");
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
}

const xml = (response: ServerResponse, name: string, result: string): void =>
  void response.writeHead(200, { "content-type": "text/xml" }).end(`<${name}Response><${name}Result>${result}</${name}Result></${name}Response>`);

/** In each service's own words. */
function refuse(response: ServerResponse, service: string, code: string, status: number): void {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>not authorized</Message></Error>`;
  if (service === "s3") return void response.writeHead(status, { "content-type": "application/xml" }).end(error);
  if (/^(sts|iam)$/.test(service)) return void response.writeHead(status, { "content-type": "text/xml" }).end(`<ErrorResponse>${error}</ErrorResponse>`);
  const head = { "content-type": "application/json", "x-amzn-errortype": code };
  response.writeHead(status, head).end(JSON.stringify({ __type: code, message: "not authorized" }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

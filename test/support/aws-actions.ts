/**
 * What AWS would have to allow for a request: the actions, resources and condition keys of each service's page in the Service
 * Authorization Reference, with those that a request implies (tags, a passed role, code in a bucket).
 */

export interface AwsRequest {
  service: string;
  region: string;
  method: string;
  url: URL;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}
export interface Needed {
  action: string;
  resource: string;
  context: Record<string, string | string[]>;
}

/** What earlier requests have said: a role's path and boundary are not in those that only name it. */
export interface Memory {
  roles: Map<string, { path: string; boundary: string | undefined }>;
}

type Parsed = Record<string, unknown>;
type Context = Needed["context"];

/** Of the tags, those that policies ask about; the time of making differs from run to run. */
const asked = /^(TenantId|UserId|ProjectId|ProjectKey|ManagedBy)$/;
function tagContext(tags: Record<string, string>): Context {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  return {
    "aws:TagKeys": keys.toSorted(),
    ...Object.fromEntries(keys.filter((key) => asked.test(key)).map((key) => [`aws:RequestTag/${key}`, tags[key] ?? ""])),
  };
}
const listed = (tags: unknown): Record<string, string> =>
  Object.fromEntries(((tags ?? []) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));

const need = (action: string, resource: string, context: Context = {}): Needed => ({ action, resource, context });

export function neededFor(request: AwsRequest, accountId: string, memory: Memory): Needed[] {
  const services: Record<string, () => Needed[]> = {
    s3: () => s3(request),
    lambda: () => lambda(request, accountId),
    dynamodb: () => dynamodb(request, accountId),
    logs: () => logs(request, accountId),
    iam: () => iam(request, accountId, memory),
    sts: () => sts(request),
    apigateway: () => apigateway(request),
    tagging: () => [need("tag:GetResources", "*")],
  };
  const known = services[request.service];
  if (!known) throw new Error(`No actions are known of ${request.service}: ${request.method} ${request.url.pathname}`);
  return known().map((one) => ({ ...one, context: { "aws:RequestedRegion": request.region, ...one.context } }));
}

/** S3's names for the subresources of a bucket; writing and deleting a configuration is one right. */
const bucketParts: Record<string, string> = {
  accelerate: "AccelerateConfiguration",
  acl: "BucketAcl",
  cors: "BucketCORS",
  encryption: "EncryptionConfiguration",
  lifecycle: "LifecycleConfiguration",
  location: "BucketLocation",
  logging: "BucketLogging",
  "object-lock": "BucketObjectLockConfiguration",
  ownershipControls: "BucketOwnershipControls",
  policy: "BucketPolicy",
  publicAccessBlock: "BucketPublicAccessBlock",
  replication: "ReplicationConfiguration",
  requestPayment: "BucketRequestPayment",
  tagging: "BucketTagging",
  versioning: "BucketVersioning",
  website: "BucketWebsite",
};
const bucketVerbs: Record<string, string> = { PUT: "CreateBucket", HEAD: "ListBucket", GET: "ListBucket", DELETE: "DeleteBucket" };

function s3({ method, url, body }: AwsRequest): Needed[] {
  const [, bucket = "", ...rest] = url.pathname.split("/");
  const key = rest.join("/");
  const query = url.searchParams;
  if (bucket === "") return [need("s3:ListAllMyBuckets", "*")];
  const arn = `arn:aws:s3:::${bucket}`;
  if (key === "") {
    const part = Object.keys(bucketParts).find((name) => query.has(name));
    if (part) return [need(`s3:${method === "GET" ? "Get" : part === "policy" && method === "DELETE" ? "Delete" : "Put"}${bucketParts[part]}`, arn)];
    if (query.has("versions")) return [need("s3:ListBucketVersions", arn)];
    if (query.has("uploads")) return [need("s3:ListBucketMultipartUploads", arn)];
    if (query.has("delete")) return [need(`s3:DeleteObject${body.includes("<VersionId>") ? "Version" : ""}`, `${arn}/index.html`)];
    return [need(`s3:${bucketVerbs[method] ?? method}`, arn)];
  }
  const object = `${arn}/index.html`;
  if (query.has("uploadId") && method === "DELETE") return [need("s3:AbortMultipartUpload", object)];
  if (query.has("retention") || query.has("legal-hold")) return [need(`s3:GetObject${query.has("retention") ? "Retention" : "LegalHold"}`, object)];
  if (method === "DELETE") return [need(`s3:DeleteObject${query.has("versionId") ? "Version" : ""}`, object)];
  return [need(method === "GET" || method === "HEAD" ? "s3:GetObject" : "s3:PutObject", object)];
}

const functionVerbs: [method: string, path: RegExp, action: string][] = [
  ["POST", /^\/functions$/, "CreateFunction"],
  ["GET", /^\/functions\/[^/]+$/, "GetFunction"],
  ["DELETE", /^\/functions\/[^/]+$/, "DeleteFunction"],
  ["GET", /\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /\/configuration$/, "UpdateFunctionConfiguration"],
  ["PUT", /\/code$/, "UpdateFunctionCode"],
  ["POST", /\/versions$/, "PublishVersion"],
  ["GET", /\/versions$/, "ListVersionsByFunction"],
  ["POST", /\/aliases$/, "CreateAlias"],
  ["GET", /\/aliases$/, "ListAliases"],
  ["GET", /\/aliases\/[^/]+$/, "GetAlias"],
  ["PUT", /\/aliases\/[^/]+$/, "UpdateAlias"],
  ["DELETE", /\/aliases\/[^/]+$/, "DeleteAlias"],
  ["POST", /\/policy$/, "AddPermission"],
  ["GET", /\/policy$/, "GetPolicy"],
  ["DELETE", /\/policy\/[^/]+$/, "RemovePermission"],
  ["POST", /\/invocations$/, "InvokeFunction"],
  ["GET", /\/code-signing-config$/, "GetFunctionCodeSigningConfig"],
  ["GET", /^\/tags\//, "ListTags"],
  ["POST", /^\/tags\//, "TagResource"],
  ["DELETE", /^\/tags\//, "UntagResource"],
];

function lambda({ method, url, body, region }: AwsRequest, accountId: string): Needed[] {
  const path = decodeURIComponent(url.pathname.replace(/^\/\d{4}-\d{2}-\d{2}/, "")).replace(/\/$/, "");
  const action = functionVerbs.find(([verb, pattern]) => verb === method && pattern.test(path))?.[2];
  if (!action) throw new Error(`No action is known of Lambda's ${method} ${path}`);
  const sent = parsed(body);
  const name = path.startsWith("/tags/") ? path : (/^\/functions\/([^/]+)/.exec(path)?.[1] ?? sent.FunctionName);
  const qualifier = url.searchParams.get("Qualifier");
  // Named by its ARN, or by name alone; an ARN may end with the qualifier.
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${
    String(name)
      .replace(/^.*:function:/, "")
      .split(":")[0]
  }`;
  const tags = (action === "CreateFunction" || action === "TagResource" ? (sent.Tags ?? {}) : {}) as Record<string, string>;
  const implied: Needed[] = [];
  if (action === "CreateFunction" && Object.keys(tags).length > 0) implied.push(need("lambda:TagResource", arn, tagContext(tags)));
  if (typeof sent.Role === "string" && /Function/.test(action))
    implied.push(need("iam:PassRole", sent.Role, { "iam:PassedToService": "lambda.amazonaws.com" }));
  const bucket = sent.S3Bucket ?? (sent.Code as Parsed | undefined)?.S3Bucket;
  if (typeof bucket === "string") implied.push(need("s3:GetObject", `arn:aws:s3:::${bucket}/index.html`));
  return [need(`lambda:${action}`, qualifier ? `${arn}:${qualifier}` : arn, tagContext(tags)), ...implied];
}

function dynamodb({ headers, body, region }: AwsRequest, accountId: string): Needed[] {
  const action = String(headers["x-amz-target"]).split(".")[1] ?? "";
  const sent = parsed(body);
  const name = sent.TableName ?? Object.keys((sent.RequestItems ?? {}) as object)[0];
  if (action === "ListTables" || action === "ListBackups") return [need(`dynamodb:${action}`, "*")];
  const arn = typeof sent.ResourceArn === "string" ? sent.ResourceArn : `arn:aws:dynamodb:${region}:${accountId}:table/${String(name)}`;
  const tags = tagContext(listed(sent.Tags));
  const implied = action === "CreateTable" && sent.Tags ? [need("dynamodb:TagResource", arn, tags)] : [];
  return [need(`dynamodb:${action}`, arn, tags), ...implied];
}

function logs({ headers, body, region }: AwsRequest, accountId: string): Needed[] {
  const action = String(headers["x-amz-target"]).split(".")[1] ?? "";
  const sent = parsed(body);
  if (action === "DescribeLogGroups") return [need("logs:DescribeLogGroups", "*")];
  const arn =
    typeof sent.resourceArn === "string" ? sent.resourceArn.replace(/:\*$/, "") : `arn:aws:logs:${region}:${accountId}:log-group:${String(sent.logGroupName)}`;
  const tags = tagContext((sent.tags ?? {}) as Record<string, string>);
  const implied = action === "CreateLogGroup" && sent.tags ? [need("logs:TagResource", arn, tags)] : [];
  return [need(`logs:${action}`, arn, tags), ...implied];
}

function iam({ body }: AwsRequest, accountId: string, { roles }: Memory): Needed[] {
  const form = new URLSearchParams(body);
  const action = form.get("Action") ?? "";
  const arn = form.get("PolicyArn");
  if (arn) return [need(`iam:${action}`, arn)];
  const name = form.get("RoleName");
  if (!name) return [need(`iam:${action}`, "*")];
  if (action === "CreateRole") roles.set(name, { path: form.get("Path") ?? "/", boundary: form.get("PermissionsBoundary") ?? undefined });
  const { path, boundary } = roles.get(name) ?? { path: "/", boundary: undefined };
  const role = `arn:aws:iam::${accountId}:role${path}${name}`;
  if (action === "DeleteRole") roles.delete(name);
  const limited: Context = /^(CreateRole|PutRolePolicy|DeleteRolePolicy)$/.test(action) && boundary ? { "iam:PermissionsBoundary": boundary } : {};
  const tags = tagContext(formTags(form));
  const implied = action === "CreateRole" && form.has("Tags.member.1.Key") ? [need("iam:TagRole", role, tags)] : [];
  return [need(`iam:${action}`, role, { ...limited, ...tags }), ...implied];
}

function sts({ body }: AwsRequest): Needed[] {
  const form = new URLSearchParams(body);
  if (form.get("Action") !== "AssumeRole") return []; // GetCallerIdentity needs no right
  const role = form.get("RoleArn") ?? "";
  const context = tagContext(formTags(form));
  return [need("sts:AssumeRole", role, context), need("sts:TagSession", role, context)];
}

function formTags(form: URLSearchParams): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at++) tags[form.get(`Tags.member.${at}.Key`) ?? ""] = form.get(`Tags.member.${at}.Value`) ?? "";
  return tags;
}

/** APIs and stages are tagged with their project's key, and answer to it; routes and integrations can't be tagged. */
function apigateway({ method, url, body, region }: AwsRequest): Needed[] {
  const path = decodeURIComponent(url.pathname).replace(/^\/v2/, "");
  const arn = `arn:aws:apigateway:${region}::${url.pathname.replace(/^\/v2/, "")}`;
  const tags = tagContext((parsed(body).tags ?? {}) as Record<string, string>);
  const own: Context = /^\/(apis\/[^/]+(\/stages\/[^/]+)?|tags\/.+)$/.test(path) ? { "aws:ResourceTag/ProjectKey": "PROJECT_KEY" } : {};
  return [need(`apigateway:${method}`, arn, { ...own, ...tags })];
}

function parsed(body: string): Parsed {
  try {
    return JSON.parse(body === "" ? "{}" : body) as Parsed;
  } catch {
    return {}; // an invocation's payload, for one, is its own business
  }
}

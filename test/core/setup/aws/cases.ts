/**
 * What the platform's policies must let through, and what not. A case names the layers that have to say so, each alone: the
 * role's own policy holds when a session policy were wrong, and the other way round.
 */
import { readFileSync } from "node:fs";
import type { CredentialRequest } from "../../../../src/core/ports.ts";
import type { Recorded } from "../../../support/recorder.ts";
import { request, tables } from "../../lifecycle/session-policy-cases.ts";
import type { Asked } from "../../lifecycle/simulate.ts";

export type Purpose = CredentialRequest["purpose"];
export type Layer = "role" | "session";
export interface Case extends Asked {
  purpose: Purpose;
  wanted: "allowed" | "denied";
  by: Layer[];
  why: string;
}

/** From real Terraform runs: test/e2e/recorded-calls.test.ts. */
export const recorded = JSON.parse(readFileSync(new URL("recorded-calls.golden.json", import.meta.url), "utf8")) as Recorded[];
const ofSessions = recorded.flatMap(({ purpose, ...call }) => (purpose === "broker" || isCleanUp(call) ? [] : [{ purpose, ...call }]));
/** The clean-up's look at all of a tenant, in another session: its lists are in the tables, too. */
function isCleanUp({ context }: Asked): boolean {
  return context?.["aws:RequestedRegion"] === "us-west-2";
}

const purposes = Object.keys(tables) as Purpose[];
export const principalTags = {
  "aws:PrincipalTag/TenantId": request.tenantId,
  "aws:PrincipalTag/UserId": request.userId,
  "aws:PrincipalTag/ProjectId": request.projectId,
  "aws:PrincipalTag/ProjectKey": request.projectKey,
};
const otherKey = "zyx987wvut";
const account = "111122223333";
const roleOf = (key: string, tenant = "acme"): string => `arn:aws:iam::${account}:role/chartctl/${tenant}/chart-${key}-sales-app`;
const boundary = (name: string) => ({ "iam:PermissionsBoundary": `arn:aws:iam::${account}:policy/${name}` });

const both: Layer[] = ["role", "session"];
const denied = (purpose: Purpose, by: Layer[], why: string, asked: Asked): Case => ({ ...asked, purpose, wanted: "denied", by, why });

/** Setup makes the boundary; a session of the platform's role needn't, and may not. */
const makesBoundary = ({ action }: Asked): boolean => action === "iam:CreatePolicy" || action === "iam:TagPolicy";

const allowed: Case[] = [
  ...purposes.flatMap((purpose) =>
    tables[purpose].allowed.map(
      (asked): Case => ({ ...asked, purpose, wanted: "allowed", by: makesBoundary(asked) ? ["session"] : both, why: "the lifecycle may have to" }),
    ),
  ),
  ...ofSessions.map((call): Case => ({ ...call, wanted: "allowed", by: both, why: "the lifecycle does it" })),
];

/** Reading the list of APIs can't be narrowed, nor a route's configuration, which has no tags. */
const namesNoProject = ({ action, resource }: Asked): boolean =>
  resource === "*" || action === "apigateway:GET" || /\/apis(\/[^/]+\/(routes|integrations).*)?$/.test(resource);
const toOther = (text: string): string => text.replaceAll(request.projectKey, otherKey);
const moved = (call: Asked, change: (text: string) => string): Asked => JSON.parse(change(JSON.stringify(call))) as Asked;

const othersThings = ofSessions.filter((call) => !namesNoProject(call) && call.action !== "iam:GetPolicy");
const foreign: Case[] = [
  ...othersThings.map((call) => denied(call.purpose, both, "another project's", moved(call, toOther))),
  ...othersThings
    .filter(({ action, resource }) => resource.includes("/chartctl/acme/") && /CreateRole|PutRolePolicy/.test(action))
    .map((call) =>
      denied(
        call.purpose,
        both,
        "under another tenant's path",
        moved(call, (text) => text.replaceAll("/chartctl/acme/", "/chartctl/umbrella/")),
      ),
    ),
  ...othersThings
    .filter(({ resource }) => resource.includes("/chartctl/acme/"))
    .map((call) =>
      denied(
        call.purpose,
        both,
        "another tenant's",
        moved(call, (text) => toOther(text).replaceAll("/chartctl/acme/", "/chartctl/umbrella/")),
      ),
    ),
];

/** `eu-central-1` is none of the platform's regions; `us-west-2` is one, but not this project's. */
const elsewhere: Case[] = ofSessions
  .filter(({ action }) => !action.startsWith("iam:"))
  .flatMap((call) => [
    denied(
      call.purpose,
      ["role"],
      "a region that the platform doesn't use",
      moved(call, (text) => text.replaceAll("us-east-1", "eu-central-1")),
    ),
    ...(/:us-east-1:/.test(call.resource)
      ? [
          denied(
            call.purpose,
            ["session"],
            "a region that isn't the project's",
            moved(call, (text) => text.replaceAll("us-east-1", "us-west-2")),
          ),
        ]
      : []),
  ]);

const unlimited: Case[] = ["iam:CreateRole", "iam:PutRolePolicy"].flatMap((action) => [
  denied("provision", both, "a role without a boundary", { action, resource: roleOf(request.projectKey) }),
  ...["AdministratorAccess", "chartctl-boundary-of-mine", "my-chartctl-boundary"].map((name) =>
    denied("provision", both, "a role with another boundary", { action, resource: roleOf(request.projectKey), context: boundary(name) }),
  ),
]);

const passed: Case[] = [
  denied("provision", both, "a role passed to nobody named", { action: "iam:PassRole", resource: roleOf(request.projectKey) }),
  ...["ec2", "ecs-tasks", "glue", "states", "cloudformation", "apigateway", "sagemaker", "codebuild"].map((service) =>
    denied("provision", both, "a role passed to another service", {
      action: "iam:PassRole",
      resource: roleOf(request.projectKey),
      context: { "iam:PassedToService": `${service}.amazonaws.com` },
    }),
  ),
];

/** Everything that is made with tags, made as somebody else's. */
const owners = { TenantId: "umbrella", UserId: "bob", ProjectId: "costs", ProjectKey: otherKey };
const retagged: Case[] = ofSessions.flatMap((call) =>
  Object.entries(owners)
    .filter(([tag]) => call.context?.[`aws:RequestTag/${tag}`] !== undefined)
    .map(([tag, value]) =>
      denied(call.purpose, ["role"], `made as another's: ${tag}`, { ...call, context: { ...call.context, [`aws:RequestTag/${tag}`]: value } }),
    ),
);

const things = {
  lambda: `arn:aws:lambda:us-east-1:${account}:function:chart-${request.projectKey}-sales-app`,
  dynamodb: `arn:aws:dynamodb:us-east-1:${account}:table/chart-${request.projectKey}-sales-data`,
  logs: `arn:aws:logs:us-east-1:${account}:log-group:/aws/lambda/chart-${request.projectKey}-sales-app`,
};
const untagged: Case[] = [
  ...Object.entries(things).flatMap(([service, resource]) =>
    ["ManagedBy", "Project", ...Object.keys(owners)].map((tag) =>
      denied("provision", ["role"], `ownership taken off: ${tag}`, { action: `${service}:UntagResource`, resource, context: { "aws:TagKeys": [tag, "Note"] } }),
    ),
  ),
  denied("provision", both, "ownership taken off a role", {
    action: "iam:UntagRole",
    resource: roleOf(request.projectKey),
    context: { "aws:TagKeys": ["TenantId"] },
  }),
  ...Object.entries(things).map(
    ([service, resource]): Case => ({
      action: `${service}:UntagResource`,
      resource,
      context: { "aws:TagKeys": ["Note"] },
      purpose: "provision",
      wanted: "allowed",
      by: both,
      why: "a tag of one's own",
    }),
  ),
];

const platformRole = `arn:aws:iam::${account}:role/chartctl-provisioning`;
const escapes: Asked[] = [
  ..."iam:AttachRolePolicy iam:DetachRolePolicy iam:UpdateAssumeRolePolicy iam:PutRolePermissionsBoundary iam:DeleteRolePermissionsBoundary iam:UpdateRole"
    .split(" ")
    .flatMap((action) => [roleOf(request.projectKey), platformRole].map((resource) => ({ action, resource }))),
  ..."iam:CreateRole iam:PutRolePolicy iam:DeleteRole iam:DeleteRolePolicy iam:TagRole iam:PassRole"
    .split(" ")
    .map((action) => ({ action, resource: platformRole, context: { ...boundary("chartctl-boundary"), "iam:PassedToService": "lambda.amazonaws.com" } })),
  ..."iam:CreatePolicyVersion iam:DeletePolicy iam:SetDefaultPolicyVersion iam:DeletePolicyVersion"
    .split(" ")
    .map((action) => ({ action, resource: `arn:aws:iam::${account}:policy/chartctl-boundary` })),
  { action: "iam:CreateUser", resource: `arn:aws:iam::${account}:user/me` },
  { action: "iam:CreateAccessKey", resource: `arn:aws:iam::${account}:user/me` },
  { action: "sts:AssumeRole", resource: `arn:aws:iam::${account}:role/chartctl-broker` },
  { action: "sts:AssumeRole", resource: `arn:aws:iam::999988887777:role/chartctl/tenants/umbrella` },
];
const escaped: Case[] = [
  ...purposes.flatMap((purpose) => escapes.map((asked) => denied(purpose, both, "a way out", asked))),
  ...["iam:CreatePolicy", "iam:TagPolicy"].map((action) =>
    denied("provision", both, "another boundary in its place", { action, resource: `arn:aws:iam::${account}:policy/chartctl-boundary` }),
  ),
];

/** What a session of one purpose may not, though the role may for another purpose. */
const otherPurposes: Case[] = purposes.flatMap((purpose) =>
  tables[purpose].denied.map((asked) => denied(purpose, ["session"], "not this operation's, or not this project's", asked)),
);

/** APIs are told apart by their tags alone, which the role sees like the session does. */
const othersApis: Case[] = tables.provision.denied
  .filter(({ action }) => action.startsWith("apigateway:") && !/Tag/.test(action))
  .map((asked) => denied("provision", ["role"], "another project's API", asked))
  .filter(({ resource }) => !resource.includes("us-west-2"));

const withRegion = (one: Case): Case => ({
  ...one,
  context: { "aws:RequestedRegion": /^arn:aws:[a-z]+:([a-z]+-[a-z]+-\d):/.exec(one.resource)?.[1] ?? "us-east-1", ...one.context },
});
export const cases: Case[] = [
  ...new Map(
    [...allowed, ...foreign, ...elsewhere, ...unlimited, ...passed, ...retagged, ...untagged, ...escaped, ...otherPurposes, ...othersApis]
      .map(withRegion)
      .map((one) => [JSON.stringify([one.purpose, one.action, one.resource, Object.entries(one.context ?? {}).sort(), one.by]), one]),
  ).values(),
];

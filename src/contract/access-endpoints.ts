/** Who signs in, and how: users, sessions, API tokens, and pipelines that prove who they are. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { idSchema } from "./names.ts";
import { roleSchema } from "./roles.ts";

const time = z.iso.datetime();

/** Long enough to resist guessing (NIST SP 800-63B, 3.1.1.2), short enough to hash. */
export const passwordSchema = z.string().min(12, "is shorter than 12 characters").max(256);

export const userSchema = z.object({
  tenantId: idSchema,
  id: idSchema,
  role: roleSchema,
  /** `invited` has no password yet; `disabled` may do nothing. */
  status: z.enum(["invited", "active", "disabled"]),
  createdAt: time,
  lastSignInAt: time.nullable(),
  version: z.number().int(),
});
export type User = z.infer<typeof userSchema>;

/** How somebody is known to the API, and what they may do there now. */
const meSchema = z.object({
  tenantId: idSchema,
  userId: idSchema,
  role: roleSchema,
  via: z.enum(["operator", "session", "token", "workload"]),
});
export type Me = z.infer<typeof meSchema>;

const sessionSchema = z.object({
  /** A signed token (JWT) for `Authorization: Bearer`. */
  token: z.string(),
  expiresAt: time,
  user: meSchema,
});
export type Session = z.infer<typeof sessionSchema>;

export const apiTokenSchema = z.object({
  id: z.string(),
  tenantId: idSchema,
  userId: idSchema,
  name: z.string(),
  /** At most this, and at most what its user may do. */
  role: roleSchema,
  createdAt: time,
  expiresAt: time,
  lastUsedAt: time.nullable(),
  revokedAt: time.nullable(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;

const trustSchema = z.object({
  id: z.string(),
  tenantId: idSchema,
  userId: idSchema,
  issuer: z.url(),
  /** The token's `sub`, whole: `repo:acme/shop:ref:refs/heads/main`. */
  subject: z.string(),
  role: roleSchema,
  createdAt: time,
  lastUsedAt: time.nullable(),
});
export type WorkloadTrust = z.infer<typeof trustSchema>;

const invitedSchema = z.object({
  user: userSchema,
  /** Shown once; whoever has it sets the user's password, until `expiresAt`. */
  invitation: z.object({ token: z.string(), url: z.string(), expiresAt: time }),
});
export type Invited = z.infer<typeof invitedSchema>;

const userParams = z.object({ userId: idSchema });

/** GitHub's own issuer of workload tokens. */
export const githubIssuer = "https://token.actions.githubusercontent.com";

export const accessEndpoints = {
  login: endpoint({
    method: "POST",
    path: "/auth/login",
    allow: "anyone",
    replay: false,
    maxBytes: 10_000,
    summary: "Sign in with a password",
    body: z.object({ tenant: idSchema, user: idSchema, password: z.string().min(1).max(256) }),
    response: sessionSchema,
  }),
  acceptInvitation: endpoint({
    method: "POST",
    path: "/auth/accept",
    allow: "anyone",
    replay: false,
    maxBytes: 10_000,
    summary: "Set the first password, or a new one, with a one-time invitation",
    body: z.object({ invitation: z.string().min(1).max(200), password: passwordSchema }),
    response: sessionSchema,
  }),
  signInWorkload: endpoint({
    method: "POST",
    path: "/auth/workload",
    allow: "anyone",
    replay: false,
    maxBytes: 20_000,
    summary: "Sign in a pipeline by its own OpenID Connect token (GitHub Actions), without a stored secret",
    body: z.object({ tenant: idSchema, token: z.string().min(1).max(16_000) }),
    response: sessionSchema,
  }),
  me: endpoint({ method: "GET", path: "/auth/me", summary: "Who asks, and what they may do", response: meSchema }),
  endSessions: endpoint({
    method: "POST",
    path: "/auth/logout",
    summary: "End every session of the caller; API tokens stay",
    response: z.object({ endedBefore: time }),
  }),

  listUsers: endpoint({ method: "GET", path: "/users", allow: "admin", summary: "Users of the tenant", response: z.array(userSchema) }),
  getUser: endpoint({ method: "GET", path: "/users/:userId", allow: "admin", summary: "One user", params: userParams, response: userSchema }),
  addUser: endpoint({
    method: "POST",
    path: "/users",
    allow: "admin",
    status: 201,
    summary: "Add a user; the answer holds a one-time invitation",
    body: z.object({ id: idSchema, role: roleSchema }),
    response: invitedSchema,
  }),
  updateUser: endpoint({
    method: "PATCH",
    path: "/users/:userId",
    allow: "admin",
    versioned: true,
    summary: "Change a user's role, or disable or enable them",
    params: userParams,
    body: z.object({ role: roleSchema.optional(), disabled: z.boolean().optional() }),
    response: userSchema,
  }),
  inviteUser: endpoint({
    method: "POST",
    path: "/users/:userId/invitation",
    allow: "admin",
    status: 201,
    summary: "A new one-time invitation, such as for a forgotten password; earlier ones end",
    params: userParams,
    response: invitedSchema,
  }),

  listTokens: endpoint({ method: "GET", path: "/tokens", summary: "API tokens: one's own; an admin sees the tenant's", response: z.array(apiTokenSchema) }),
  createToken: endpoint({
    method: "POST",
    path: "/tokens",
    status: 201,
    summary: "Make an API token; the answer shows it, once",
    body: z.object({
      name: z.string().min(1).max(100),
      role: roleSchema.default("member"),
      expiresInDays: z.number().int().min(1).max(365).default(90),
    }),
    response: apiTokenSchema.extend({ token: z.string() }),
  }),
  revokeToken: endpoint({
    method: "DELETE",
    path: "/tokens/:tokenId",
    summary: "Revoke an API token, at once",
    params: z.object({ tokenId: z.string().min(1).max(64) }),
    response: apiTokenSchema,
  }),

  listTrusts: endpoint({ method: "GET", path: "/workloads", allow: "admin", summary: "Pipelines that may sign in", response: z.array(trustSchema) }),
  addTrust: endpoint({
    method: "POST",
    path: "/workloads",
    allow: "admin",
    status: 201,
    summary: "Let a pipeline sign in as a user",
    body: z.object({ userId: idSchema, issuer: z.url().default(githubIssuer), subject: z.string().min(1).max(500), role: roleSchema.default("member") }),
    response: trustSchema,
  }),
  removeTrust: endpoint({
    method: "DELETE",
    path: "/workloads/:trustId",
    allow: "admin",
    summary: "Stop trusting a pipeline",
    params: z.object({ trustId: z.string().min(1).max(64) }),
    response: trustSchema,
  }),
} as const;

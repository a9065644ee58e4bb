/** Users, tokens and trusted pipelines of a tenant, as one principal may manage them. */
import type { ApiToken, Invited, Me, User, WorkloadTrust } from "../../contract/access-endpoints.ts";
import type { AuditLine, AuditPage } from "../../contract/audit-endpoints.ts";
import type { Role } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import { apiTokenText, hashSecret, newSecret } from "../auth/secrets.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { addToken, listTokens, revokeToken } from "../store/api-tokens.ts";
import { readAudit } from "../store/audit.ts";
import type { Db, Tx } from "../store/database.ts";
import { addTrust, listTrusts, removeTrust } from "../store/trusts.ts";
import { addUser, endSessions, getUser, inviteUser, listUsers, updateUser } from "../store/users.ts";
import { hostedOf, managerOf } from "./actor.ts";

export interface AccessStore {
  me(): Me;
  endSessions(): Promise<string>;
  users(): Promise<User[]>;
  user(id: string): Promise<User>;
  addUser(user: { id: string; role: Role }): Promise<Invited>;
  invite(id: string): Promise<Invited>;
  updateUser(id: string, change: { role?: Role | undefined; disabled?: boolean | undefined }, expected: number | undefined): Promise<User>;
  tokens(): Promise<ApiToken[]>;
  createToken(token: { name: string; role: Role; expiresInDays: number }): Promise<ApiToken & { token: string }>;
  revokeToken(id: string): Promise<ApiToken>;
  trusts(): Promise<WorkloadTrust[]>;
  addTrust(trust: { userId: string; issuer: string; subject: string; role: Role }): Promise<WorkloadTrust>;
  removeTrust(id: string): Promise<WorkloadTrust>;
  audit(page: AuditPage): Promise<AuditLine[]>;
}

export function accessStore(api: ControlApi, principal: Principal, db: Db | Tx): AccessStore {
  const { tenantId, userId, role, via } = principal;
  const manager = () => managerOf(api, principal);
  const invited = async (invite: (hash: string) => Promise<{ user: User; expiresAt: string }>): Promise<Invited> => {
    const { publicUrl } = hostedOf(api);
    const secret = newSecret();
    const { user, expiresAt } = await invite(hashSecret(secret));
    return { user, invitation: { token: secret, url: invitationUrl(publicUrl, secret), expiresAt } };
  };
  return {
    me: () => ({ tenantId, userId, role, via }),
    endSessions: () => endSessions(db, manager()),
    users: () => listUsers(db, tenantId),
    user: (id) => getUser(db, tenantId, id),
    addUser: (user) => invited((hash) => addUser(db, manager(), user, hash)),
    invite: (id) => invited((hash) => inviteUser(db, manager(), id, hash)),
    updateUser: (id, change, expected) => updateUser(db, manager(), id, change, expected),
    tokens: () => listTokens(db, tenantId, manager().manages ? undefined : userId),
    createToken: async (token) => {
      refuseBorrowed(principal);
      const secret = newSecret();
      const id = api.randomHex(tokenIdBytes);
      const made = await addToken(db, manager(), { ...token, id, hash: hashSecret(secret), until: principal.until });
      return { ...made, token: apiTokenText(id, secret) };
    },
    revokeToken: (id) => revokeToken(db, manager(), id),
    trusts: () => listTrusts(db, tenantId),
    addTrust: (trust) => addTrust(db, manager(), { ...trust, id: api.randomHex(tokenIdBytes) }),
    removeTrust: (id) => removeTrust(db, manager(), id),
    audit: (page) => readAudit(db, tenantId, page),
  };
}

const tokenIdBytes = 8;

/** A token outlives the sign-in that made it: only somebody themselves makes one, for themselves. Error `token.own` (auth). */
function refuseBorrowed({ via, home, tenantId, userId }: Principal): void {
  if (via !== "workload" && home.tenantId === tenantId && home.userId === userId) return;
  throw new ChartctlError({
    kind: "auth",
    code: "token.own",
    message: via === "workload" ? "A pipeline's sign-in makes no tokens" : "Nobody makes a token in another's name",
    hint: "sign in as that user: chartctl login",
  });
}

/** After `#`, so that no server on the way, and no log, sees it. */
export const invitationUrl = (publicUrl: string, secret: string): string => `${publicUrl}/invitation#${secret}`;

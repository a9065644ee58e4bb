/** What anyone may ask: to be signed in. */
import type { Me, Session } from "../contract/access-endpoints.ts";
import type { Role } from "../contract/roles.ts";
import { lesser } from "../contract/roles.ts";
import { ChartctlError } from "../errors.ts";
import { hashPassword, passwordMatches } from "./auth/passwords.ts";
import { hashSecret } from "./auth/secrets.ts";
import type { ControlApi } from "./parts.ts";
import { hostedOf } from "./scope/actor.ts";
import { noteTrustUse, trustsFor } from "./store/trusts.ts";
import type { UserRow } from "./store/users.ts";
import { acceptInvitation, findUser, noteSignIn } from "./store/users.ts";

export interface SignInStore {
  login(asked: { tenant: string; user: string; password: string }): Promise<Session>;
  accept(asked: { invitation: string; password: string }): Promise<Session>;
  workload(asked: { tenant: string; token: string }): Promise<Session>;
}

/** Errors of kind `auth`; `rate.limited` (refused) after too many tries. */
export function signInStore(api: ControlApi, request: { requestId: string; address: string }): SignInStore {
  const session = async (user: UserRow, via: "session" | "workload", role: Role): Promise<Session> => {
    await noteSignIn(api.db, user, api.now());
    return { ...(await hostedOf(api).sessions.issue(user, via, role)), user: meOf(user, via, role) };
  };
  return {
    login: async ({ tenant, user, password }) => {
      const { limits } = hostedOf(api);
      await limits.signIn(request.address, JSON.stringify([tenant, user]));
      const row = await findUser(api.db, tenant, user);
      const matches = await passwordMatches(row?.password_hash ?? null, password);
      // One answer for a wrong name, a wrong password and a disabled user: nobody learns which.
      if (!row || !matches || row.status !== "active") throw wrong();
      await limits.signedIn(request.address, JSON.stringify([tenant, user]));
      return await session(row, "session", row.role as Role);
    },
    accept: async ({ invitation, password }) => {
      const { limits } = hostedOf(api);
      await limits.signIn(request.address); // 256 random bits need no narrower limit
      const row = await acceptInvitation(api.db, {
        hash: hashSecret(invitation),
        passwordHash: await hashPassword(password),
        now: api.now(),
        requestId: request.requestId,
      });
      await limits.signedIn(request.address);
      return await session(row, "session", row.role as Role);
    },
    workload: async ({ tenant, token }) => {
      const { limits, verifyWorkload } = hostedOf(api);
      await limits.signIn(request.address);
      const { issuer, subject } = await verifyWorkload(token, async (asked) => (await trustsFor(api.db, tenant, asked)).length > 0);
      const trust = (await trustsFor(api.db, tenant, issuer)).find((one) => one.subject === subject);
      const user = trust && (await findUser(api.db, tenant, trust.userId));
      // One that is for pipelines alone never sets a password, and stays invited.
      if (!trust || !user || user.status === "disabled") {
        throw new ChartctlError({
          kind: "auth",
          code: "workload.unknown",
          message: `No pipeline with the subject ${subject} may sign in to tenant ${tenant}`,
          hint: "an admin of the tenant trusts it: chartctl tokens trust --subject SUBJECT --user ID",
        });
      }
      await noteTrustUse(api.db, trust.id, api.now());
      await limits.signedIn(request.address);
      return await session(user, "workload", lesser(trust.role, user.role as Role));
    },
  };
}

const meOf = (user: UserRow, via: Me["via"], role: Role): Me => ({ tenantId: user.tenant_id, userId: user.id, role, via });

const wrong = (): ChartctlError =>
  new ChartctlError({
    kind: "auth",
    code: "auth.wrong",
    message: "Tenant, user or password is wrong",
    hint: "an admin can send a new invitation: chartctl users invite ID",
  });

/** `/api/auth`, `/api/users`, `/api/tokens`, `/api/workloads` and `/api/audit` of a tenant. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { AccessStore } from "../scope/access.ts";

export function accessRoutes(bind: Bind<AccessStore>): void {
  bind(endpoints.me, async ({ store }) => store.me());
  bind(endpoints.endSessions, async ({ store }) => ({ endedBefore: await store.endSessions() }));
  bind(endpoints.listUsers, ({ store }) => store.users());
  bind(endpoints.getUser, ({ store, params }) => store.user(params.userId));
  bind(endpoints.addUser, ({ store, body }) => store.addUser(body));
  bind(endpoints.updateUser, ({ store, params, body, expected }) => store.updateUser(params.userId, body, expected));
  bind(endpoints.inviteUser, ({ store, params }) => store.invite(params.userId));
  bind(endpoints.listTokens, ({ store }) => store.tokens());
  bind(endpoints.createToken, ({ store, body }) => store.createToken(body));
  bind(endpoints.revokeToken, ({ store, params }) => store.revokeToken(params.tokenId));
  bind(endpoints.listTrusts, ({ store }) => store.trusts());
  bind(endpoints.addTrust, ({ store, body }) => store.addTrust(body));
  bind(endpoints.removeTrust, ({ store, params }) => store.removeTrust(params.trustId));
  bind(endpoints.audit, ({ store, query }) => store.audit({ ...query, newest: query.newest === "true" }));
}

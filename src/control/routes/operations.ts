/** `/api/operations`: open, keep, journal, close. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { TenantStore } from "../scope/lifecycle.ts";

export function operationRoutes(bind: Bind<TenantStore>): void {
  bind(endpoints.openOperation, ({ store, body }) => store.open(body));
  bind(endpoints.renewLease, ({ store, params, body }) => store.renewLease({ id: params.operationId, fence: body.fence }, body.credentialsExpireAt));
  bind(endpoints.journal, ({ store, params, body }) => store.journal({ id: params.operationId, fence: body.fence }, body));
  bind(endpoints.saveState, ({ store, params, body }) => store.saveState({ id: params.operationId, fence: body.fence }, body));
  bind(endpoints.recordRelease, ({ store, params, body: { fence, ...facts } }) => store.recordRelease({ id: params.operationId, fence }, facts));
  bind(endpoints.operationCredentials, ({ store, params, body }) => store.operationCredentials(params.operationId, body.purpose));
  bind(endpoints.finishOperation, ({ store, params, body }) => store.finish({ id: params.operationId, fence: body.fence }, body));
}

/** `/api/operations`: open, keep, journal, close. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Asked, Bind } from "../bind.ts";
import type { ControlApi } from "../parts.ts";
import { openOperation } from "../store/open-operation.ts";
import type { Fenced } from "../store/operations.ts";
import { finishOperation, renewLease, saveState, writeJournal } from "../store/operations.ts";

export function operationRoutes(bind: Bind, api: ControlApi): void {
  const { db, seal, now, randomHex } = api;
  const fenced = ({
    principal,
    params,
    body,
  }:
    | Asked<typeof endpoints.journal>
    | Asked<typeof endpoints.renewLease>
    | Asked<typeof endpoints.saveState>
    | Asked<typeof endpoints.finishOperation>): Fenced => ({
    tenantId: principal.tenantId,
    operationId: params.operationId,
    fence: body.fence,
    now: now(),
  });
  bind(endpoints.openOperation, ({ principal, body }) =>
    openOperation(
      db,
      {
        tenantId: principal.tenantId,
        userId: principal.userId,
        manages: principal.role !== "member",
        now: now(),
        newOperationId: () => `op-${randomHex(12)}`,
        newProjectKey: () => projectKey(randomHex(7)),
        platformLimits: api.platformLimits,
        estimateMonthlyCents: api.estimateMonthlyCents,
      },
      body,
    ),
  );
  bind(endpoints.renewLease, (asked) => renewLease(db, fenced(asked), asked.body.credentialsExpireAt));
  bind(endpoints.journal, (asked) => writeJournal(db, fenced(asked), asked.body));
  bind(endpoints.saveState, (asked) => saveState(db, seal, fenced(asked), asked.body));
  bind(endpoints.finishOperation, (asked) => finishOperation(db, { ...fenced(asked), actor: asked.principal.userId }, asked.body));
}

/** 56 random bits as ten characters of base 36; the primary key refuses a repeat. */
const projectKey = (hex: string): string => BigInt(`0x${hex}`).toString(36).padStart(10, "0").slice(-10);

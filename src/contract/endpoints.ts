/** Every endpoint of the control API: one table that the server binds, the client calls, and the document is made from. */
import type { z } from "zod";
import { accessEndpoints } from "./access-endpoints.ts";
import { alertEndpoints } from "./alert-endpoints.ts";
import { auditEndpoints } from "./audit-endpoints.ts";
import { billingEndpoints } from "./billing-endpoints.ts";
import { costEndpoints } from "./cost-endpoints.ts";
import { costOverviewEndpoints } from "./cost-overview.ts";
import { jobEndpoints } from "./job-endpoints.ts";
import { operationEndpoints, projectEndpoints, quotaEndpoints } from "./lifecycle-endpoints.ts";
import { platformEndpoints } from "./platform-endpoints.ts";
import { reportEndpoints } from "./report-endpoints.ts";

export const endpoints = {
  ...platformEndpoints,
  ...accessEndpoints,
  ...projectEndpoints,
  ...operationEndpoints,
  ...quotaEndpoints,
  ...jobEndpoints,
  ...costEndpoints,
  ...alertEndpoints,
  ...costOverviewEndpoints,
  ...billingEndpoints,
  ...reportEndpoints,
  ...auditEndpoints,
} as const;

export type Endpoints = typeof endpoints;
export type AnyEndpoint = Endpoints[keyof Endpoints];

/** Calls an endpoint of the control API, typed from the contract; embedded and hosted alike. */
export type CallApi = <E extends AnyEndpoint>(
  endpoint: E,
  input: {
    params?: z.input<E["params"]>;
    query?: z.input<E["query"]>;
    body?: z.input<E["body"]>;
    /** The version that an update was made from. */
    ifMatch?: number;
  },
) => Promise<z.output<E["response"]>>;

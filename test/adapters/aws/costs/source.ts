/** A tenant's costs as the command line reads them, from stand-ins. */
import { awsCosts } from "../../../../src/adapters/aws/costs/costs.ts";
import type { KeptCosts } from "../../../../src/core/costs/actual/cost-source.ts";
import type { KeptForecasts } from "../../../../src/core/costs/forecast/forecast-source.ts";

type Given = Partial<Parameters<typeof awsCosts>[0]> & { cacheFolder: string; now(): Date };

export const costsOf = (url: string, { now, ...given }: Given): KeptCosts & KeptForecasts =>
  awsCosts({
    tenantId: "acme",
    userId: "ann",
    source: "auto",
    table: "cost_and_usage",
    refresh: false,
    env: { AWS_ENDPOINT_URL: url },
    issuer: { issue: async () => ({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "none" }) },
    scope: [],
    clock: { now, sleep: async () => {} },
    interrupted: new AbortController().signal,
    note: () => {},
    ...given,
  });

/** `chartctl costs …` in a home of its own, against a stand-in of its own: many at once, none in another's way. */
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import type { CallApi } from "../../src/contract/endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import { openEmbedded } from "../../src/control/embedded.ts";
import { billing } from "../../src/core/costs/billing-names.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { provisionOf } from "../control/support.ts";
import type { Home, Ran } from "./cli.ts";
import { newHome } from "./cli.ts";
import type { BillLine } from "./cost-lines.ts";
import type { CostServices } from "./cost-services.ts";
import { startCostServices } from "./cost-services.ts";
import type { UsageReport } from "./usage-report.ts";

export interface CostPlace {
  home: Home;
  services: CostServices;
  costs(...args: string[]): Promise<Ran>;
  /** Names of files with kept answers, and of drafts. */
  cached(): string[];
  end(): Promise<void>;
}
export interface CostPlaces {
  open(given?: { lines?: BillLine[]; report?: UsageReport | undefined; env?: NodeJS.ProcessEnv }): Promise<CostPlace>;
  end(): Promise<void>;
}

/** A home's own books, at this time, as ann of acme has them. */
export async function inBooks({ path }: Home, now: Date, work: (call: CallApi) => Promise<unknown>): Promise<void> {
  const given = { version: "0", now: () => now, prices: () => packagedPrices, alertReceiver: async () => undefined, onBug: () => {} };
  const books = openEmbedded({ dataDir: join(path, "data"), ...given });
  const headers = { "x-chartctl-tenant": "acme", "x-chartctl-user": "ann" };
  await work(controlApiClient({ fetch: books.fetch, baseUrl: "http://embedded", headers }));
  await books.close();
}

/** Long enough that a project stood in all of last month. */
const longAgo = (): Date => new Date(Date.now() - 100 * 86_400_000);

/** Each has the tenant acme with its project sales, booked then, of one home that was made once; a report is connected. */
export async function costPlaces(lines: BillLine[], report?: UsageReport, since = longAgo()): Promise<CostPlaces> {
  const first = newHome();
  await first.run("tenants", "add", "acme");
  await inBooks(first, since, async (call) => await booksFrom(call).open(provisionOf("sales")));
  if (report)
    await inBooks(first, new Date(), async (call) => await call(endpoints.connectBilling, { params: { tenantId: "acme" }, body: { table: billing.table } }));
  const opened: CostPlace[] = [];
  return {
    open: async (given = {}) => {
      const services = await startCostServices(given.lines ?? lines, "report" in given ? given.report : report);
      const aws = { AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" };
      const home = newHome({ ...aws, CHARTCTL_USER: "ann", COLUMNS: "100", ...given.env });
      cpSync(join(first.path, "data"), join(home.path, "data"), { recursive: true });
      const cache = join(home.path, "cache", "costs");
      const place: CostPlace = {
        home,
        services,
        costs: (...args) => home.run("-t", "acme", "costs", ...args),
        cached: () => (existsSync(cache) ? readdirSync(cache) : []),
        end: async () => {
          await services.close();
          home.remove();
        },
      };
      opened.push(place);
      return place;
    },
    end: async () => {
      for (const place of opened) await place.end();
      first.remove();
    },
  };
}

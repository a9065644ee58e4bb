/** The control API inside the command line: the same application on a SQLite file, called without a socket. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { serverlessWebParameters } from "../contract/blueprints.ts";
import type { Limits } from "../contract/resources.ts";
import { defaultLimits, defaultTtlSeconds } from "../contract/resources.ts";
import { estimate } from "../core/costs/estimate.ts";
import type { AlertReceiver } from "../core/costs/limits/deliver-alerts.ts";
import type { PriceTable } from "../core/costs/prices/table.ts";
import { createControlApi } from "./app.ts";
import { trustOperator } from "./principal.ts";
import { storeFile } from "./store/file.ts";
import { keyFromFile, sealWith } from "./store/seal.ts";
import { openSqlite, storeError } from "./store/sqlite.ts";

export interface Embedded {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** Errors: `store.*` (kind `failed`). */
export function openEmbedded(options: {
  dataDir: string;
  version: string;
  now(): Date;
  prices(): PriceTable;
  platformLimits?: Limits;
  alertReceiver(): Promise<AlertReceiver | undefined>;
  onBug(error: unknown): void;
}): Embedded {
  const file = storeFile(options.dataDir);
  const db = openSqlite(file);
  let key: Buffer;
  try {
    key = keyFromFile(join(options.dataDir, "master.key"));
  } catch (error) {
    throw storeError(error, options.dataDir);
  }
  const app = createControlApi({
    db,
    seal: sealWith(key),
    identify: trustOperator,
    admit: async () => {}, // its only caller is its operator
    now: options.now,
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    version: options.version,
    platformLimits: options.platformLimits ?? defaultLimits,
    defaultTtlSeconds,
    estimateMonthlyCents: ({ blueprint, region, parameters }) =>
      estimate(options.prices(), blueprint, region, serverlessWebParameters.parse(parameters)).monthlyCents,
    alertReceiver: options.alertReceiver,
    onBug: options.onBug,
    translate: (error) => storeError(error, file),
  });
  return { fetch: async (request) => await app.fetch(request), close: async () => await db.destroy() };
}

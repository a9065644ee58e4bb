/** A process that books for one user until it is refused; for tests of several processes on one store. */
import { randomBytes, randomUUID } from "node:crypto";
import { blueprintParameters } from "../../src/contract/blueprints.ts";
import { defaultLimits } from "../../src/contract/resources.ts";
import { openOperation } from "../../src/control/store/open-operation.ts";
import { openSqlite } from "../../src/control/store/sqlite.ts";

const [file = "", number = "0", limit = "10", say = "", cents = "0"] = process.argv.slice(2);
const db = openSqlite(file);
const desired = {
  blueprint: "serverless-web",
  region: "us-east-1",
  environment: "development",
  parameters: blueprintParameters["serverless-web"].parse({}),
} as const;
let opened = 0;
for (let at = 0; at < Number(limit) * 2; at++) {
  try {
    await openOperation(
      db,
      {
        tenantId: "acme",
        userId: "ana",
        actor: "ana",
        requestId: "",
        manages: false,
        now: new Date(),
        newOperationId: () => randomBytes(12).toString("hex"),
        newProjectKey: () => randomBytes(5).toString("hex"),
        defaultTtlSeconds: 3_600,
        platformLimits: { ...defaultLimits, projectsPerUser: Number(limit) },
        estimateMonthlyCents: () => Number(cents),
      },
      {
        idempotencyKey: randomUUID(),
        kind: "provision",
        projectId: `p${number}-${at}`,
        holder: { machine: "here", pid: process.pid, startedAt: "now" },
        desired,
      },
    );
    opened++;
    if (say) process.stdout.write(`${opened}\n`);
  } catch (error) {
    if (!["quota.projects", "quota.user-cost"].includes((error as { code?: string }).code ?? "")) throw error;
  }
}
if (!say) process.stdout.write(String(opened));
await db.destroy();

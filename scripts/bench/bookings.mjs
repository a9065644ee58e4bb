/** Opening operations on the embedded store: one process, and eight at once; against a floor of 1,000 a second. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "./compile.mjs";
import { row } from "./measure.mjs";

const floor = 1_000;

export async function bookings(root) {
  const compiled = await compile(
    root,
    `bookings-${process.pid}`,
    `import { randomBytes, randomUUID } from "node:crypto";
     import { openSqlite } from "./src/control/store/sqlite.ts";
     import { openOperation } from "./src/control/store/open-operation.ts";
     const [file, process_, count] = process.argv.slice(2);
     const db = openSqlite(file);
     const context = (userId) => ({ tenantId: "acme", userId, actor: userId, requestId: "", defaultTtlSeconds: 3_600, manages: true, now: new Date(), newOperationId: () => randomBytes(12).toString("hex"), newProjectKey: () => randomBytes(5).toString("hex"), platformLimits: { projectsPerUser: 1e9, projectMonthlyCents: 1e9, userMonthlyCents: 1e9 }, estimateMonthlyCents: () => 100 });
     const desired = { blueprint: "serverless-web", region: "us-east-1", environment: "development", parameters: {} };
     const holder = { machine: "bench", pid: process.pid, startedAt: "now" };
     const open = (n) => openOperation(db, context("u" + process_ + "-" + (n % 100)), { idempotencyKey: randomUUID(), kind: "provision", projectId: "p" + process_ + "-" + n, holder, desired });
     await open(-1);
     process.stdout.write("ready\\n");
     await new Promise((go) => process.stdin.once("data", go));
     const start = performance.now();
     for (let n = 0; n < Number(count); n++) await open(n);
     console.log(Number(count) / ((performance.now() - start) / 1_000));
     process.exit();`,
  );
  const folder = mkdtempSync(join(tmpdir(), "chartctl-bench-"));
  try {
    const rows = [];
    for (const processes of [1, 8]) {
      const each = 4_000 / processes;
      const file = join(folder, `${processes}.db`);
      const children = [];
      for (let number = 0; number < processes; number++) {
        const child = spawn(process.execPath, [compiled.file, file, String(number), String(each)], { stdio: ["pipe", "pipe", "inherit"] });
        await new Promise((resolve, reject) => {
          child.stdout.once("data", resolve);
          child.once("exit", (code) => reject(new Error(`a process ended with ${code} before it was ready`)));
        });
        children.push(child);
      }
      const start = performance.now();
      const ended = children.map(
        (child) => new Promise((resolve, reject) => child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))))),
      );
      for (const child of children) child.stdin.write("go\n");
      await Promise.all(ended);
      const rate = (each * processes) / ((performance.now() - start) / 1_000);
      rows.push(
        row(`operations opened a second, ${processes} ${processes === 1 ? "process" : "processes"}`, rate.toFixed(0), `floor: ${floor}`, floor / rate, 1),
      );
    }
    return rows;
  } finally {
    compiled.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** PostgreSQL over TLS: encrypted with a certificate that nobody signed, as Heroku has it, and verified where its authority is known. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PostgresServer } from "../../scripts/postgres.mjs";
import { startPostgres } from "../../scripts/postgres.mjs";
import { openPostgres, postgresError } from "../../src/control/store/postgres.ts";

let server: PostgresServer;
let certificate: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-tls-"));
  const [crt, key] = [join(folder, "crt"), join(folder, "key")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", crt, ...subject], {
    encoding: "utf8",
  });
  expect(made.status, made.stderr).toBe(0);
  certificate = readFileSync(crt, "utf8");
  server = await startPostgres({ tls: { certificate, key: readFileSync(key, "utf8") } });
  rmSync(folder, { recursive: true });
}, 60_000);
afterAll(() => server?.stop());

async function encryption(query: string, ca?: string): Promise<string> {
  const { db } = openPostgres({ url: `${server.url()}${query}`, poolSize: 1, ca, onIdleError: () => {} });
  try {
    const { rows } = await sql<{ version: string | null }>`select version from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
    return rows[0]?.version ?? "none";
  } catch (error) {
    return String((postgresError(error) as Error).message);
  } finally {
    await db.destroy();
  }
}

it.each([
  ["", undefined, "none"], // on this machine alone
  ["?sslmode=disable", undefined, "none"],
  ["?sslmode=require", undefined, "TLSv1.3"],
  ["?sslmode=verify-full", undefined, expect.stringMatching(/self.signed/)],
])("%j without an authority: %s", async (query, ca, found) => {
  expect(await encryption(query, ca)).toEqual(found);
});

it("verifies the server where its authority is known, and refuses another one", async () => {
  expect(await encryption("", certificate)).toBe("TLSv1.3");
  const other = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "/dev/null", "-subj", "/CN=other"], {
    encoding: "utf8",
  });
  expect(await encryption("?sslmode=require", other.stdout)).toMatch(/self.signed|unable to verify/);
});

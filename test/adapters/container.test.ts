/** The folder that runs the platform anywhere: written, written again, changed by hand, taken away. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containerHost } from "../../src/adapters/container.ts";
import { hostConfig } from "../../src/control/serve/config.ts";
import { keysFromText } from "../../src/control/store/seal.ts";
import { readEnv } from "../../src/core/setup/env-file.ts";
import type { SetupReport } from "../../src/core/setup/steps.ts";
import { runSteps } from "../../src/core/setup/steps.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "chartctl-container-")), "platform");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const never = { gentle: new AbortController().signal, now: new AbortController().signal };
let secrets = 0;

async function setUp(
  more: { force?: boolean; dryRun?: boolean; publicUrl?: string; version?: string; chosen?: Record<string, string>; remove?: boolean } = {},
): Promise<SetupReport> {
  const host = containerHost({
    folder,
    templates: fileURLToPath(new URL("../../templates/container", import.meta.url)),
    version: more.version ?? "1.2.3",
    publicUrl: more.publicUrl,
    config: { chosen: more.chosen ?? {}, offered: {} },
    force: more.force ?? false,
    tarball: async () => new TextEncoder().encode("a tarball"),
    random: (count) => Buffer.alloc(count, ++secrets + 0xf0).toString("base64"),
  });
  return await runSteps(more.remove ? host.takeDown() : host.bringUp(), {
    dryRun: more.dryRun ?? false,
    progress: () => {},
    interrupt: never,
    goOn: "chartctl setup container",
  });
}
const outcomes = ({ steps }: SetupReport): Record<string, string> => Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]));
const text = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("chartctl setup container", () => {
  it("shows no secret in a dry run, also of a file that was lost", async () => {
    await setUp();
    const { POSTGRES_PASSWORD = "?" } = readEnv(text("postgres.env"));
    rmSync(join(folder, "postgres.env"));
    const shown = JSON.stringify((await setUp({ dryRun: true })).calls);
    expect(shown).toContain('"POSTGRES_PASSWORD":"***"');
    expect(shown).not.toContain(POSTGRES_PASSWORD);
  });

  it("writes all that is needed, with secrets of its own for its owner alone", async () => {
    expect(new Set(Object.values(outcomes(await setUp({ publicUrl: "https://charts.example.org" }))))).toEqual(new Set(["made"]));
    expect(readdirSync(folder).sort()).toEqual(
      [
        ".chartctl-container.json",
        "Dockerfile",
        "chartctl-1.2.3.tgz",
        "chartctl-web.service",
        "chartctl-worker.service",
        "compose.yaml",
        "platform.env",
        "postgres.env",
      ].sort(),
    );
    for (const name of ["platform.env", "postgres.env"]) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
    const platform = readEnv(text("platform.env"));
    const database = readEnv(text("postgres.env"));
    expect(new URL(platform.DATABASE_URL ?? "")).toMatchObject({ password: database.POSTGRES_PASSWORD, hostname: "postgres" });
    expect(database.POSTGRES_PASSWORD).toMatch(/^[\w-]{32}$/);
    // The server takes it as it is.
    expect(hostConfig(platform)).toMatchObject({ publicUrl: "https://charts.example.org", limits: { projectsPerUser: 10, projectMonthlyCents: 5_000 } });
    expect(keysFromText(platform.CHARTCTL_MASTER_KEY ?? "")).toHaveLength(1);
  });

  it("finds everything as it is the second time, and never makes a secret anew", async () => {
    await setUp();
    const before = [text("platform.env"), text("postgres.env")];
    expect(new Set(Object.values(outcomes(await setUp())))).toEqual(new Set(["found"]));
    expect(outcomes(await setUp({ chosen: { ALERT_EMAIL: "ops@example.org" } }))).toMatchObject({ "platform.env": "changed", "postgres.env": "found" });
    expect([text("platform.env"), text("postgres.env")]).toEqual([`${before[0]}ALERT_EMAIL=ops@example.org\n`, before[1]]);
  });

  it("makes no secret anew where the file was written by hand, in another way", async () => {
    await setUp();
    const [platform, database] = [text("platform.env"), text("postgres.env")];
    const loose = platform.replace("CHARTCTL_MASTER_KEY=", "export CHARTCTL_MASTER_KEY = ").replace("DATABASE_URL=", "  DATABASE_URL=");
    writeFileSync(join(folder, "platform.env"), loose);
    writeFileSync(join(folder, "postgres.env"), database.replace("POSTGRES_PASSWORD=", "export POSTGRES_PASSWORD="));
    expect(new Set(Object.values(outcomes(await setUp())))).toEqual(new Set(["found"]));
    expect(text("platform.env")).toBe(loose);
  });

  it("takes no value that would be another variable, or be read as something else", async () => {
    await setUp();
    const before = text("platform.env");
    for (const value of ["ops@example.org\nCHARTCTL_OWNER=eve", "a\rb", "$HOME", "`id`", "'quoted'", "ops #1", "back\\slash", " ops"]) {
      const refused = { kind: "usage", code: "env-file.value", message: expect.stringContaining("ALERT_EMAIL") };
      await expect(setUp({ chosen: { ALERT_EMAIL: value } }), value).rejects.toMatchObject(refused);
    }
    expect(text("platform.env")).toBe(before);
  });

  it("shows no external ID in a dry run, and writes it", async () => {
    const chosen = { AWS_EXTERNAL_ID: "0123456789abcdef" };
    expect(JSON.stringify(await setUp({ dryRun: true, chosen }))).not.toContain(chosen.AWS_EXTERNAL_ID);
    await setUp({ chosen });
    expect(readEnv(text("platform.env")).AWS_EXTERNAL_ID).toBe(chosen.AWS_EXTERNAL_ID);
    expect(outcomes(await setUp({ chosen }))).toMatchObject({ "platform.env": "found" });
  });

  it("brings its own files to a new version, and shows what differs", async () => {
    await setUp();
    const report = await setUp({ version: "1.3.0" });
    expect(outcomes(report)).toMatchObject({ Dockerfile: "changed", "compose.yaml": "changed", "chartctl-1.3.0.tgz": "made" });
    expect(report.steps.find(({ name }) => name === "Dockerfile")?.detail).toContain("- COPY chartctl-1.2.3.tgz /tmp/");
    expect(text("Dockerfile")).toContain("COPY chartctl-1.3.0.tgz");
  });

  it("leaves what was changed by hand, unless it is told otherwise", async () => {
    await setUp();
    writeFileSync(join(folder, "compose.yaml"), `${text("compose.yaml")}# mine\n`);
    const report = await setUp({ version: "1.3.0" });
    expect(report.steps.find(({ name }) => name === "compose.yaml")).toMatchObject({
      outcome: "waits",
      detail: expect.stringMatching(/changed by hand.*--force.*- # mine/),
    });
    expect(text("compose.yaml")).toContain("# mine");
    expect(outcomes(await setUp({ version: "1.3.0", force: true }))).toMatchObject({ "compose.yaml": "changed" });
    expect(text("compose.yaml")).not.toContain("# mine");
  });

  it("leaves a file of that name that it never wrote", async () => {
    execaSync("mkdir", ["-p", folder]);
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
    expect(outcomes(await setUp())).toMatchObject({ Dockerfile: "waits", "compose.yaml": "made" });
    expect(text("Dockerfile")).toBe("FROM scratch\n");
  });

  it("writes nothing in a dry run, and shows no secret", async () => {
    const report = await setUp({ dryRun: true });
    expect(existsSync(folder)).toBe(false);
    expect(report.calls.map(({ operation }) => operation)).toContain("write platform.env");
    expect(report.calls.at(-1)?.body).toMatchObject({ mode: "0600", set: { CHARTCTL_MASTER_KEY: "***", DATABASE_URL: "***" } });
  });

  it("takes its files away again, but no secret", async () => {
    await setUp();
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
    expect(outcomes(await setUp({ remove: true }))).toMatchObject({ Dockerfile: "waits", "compose.yaml": "removed", "platform.env": "waits" });
    expect(readdirSync(folder).sort()).toEqual([".chartctl-container.json", "Dockerfile", "platform.env", "postgres.env"]);
  });

  it("has files that hold together: no root, no default password, the same version everywhere", async () => {
    await setUp();
    expect(text("Dockerfile")).toMatch(/^FROM node:22-slim$/m);
    expect(text("Dockerfile").indexOf("USER node")).toBeGreaterThan(text("Dockerfile").indexOf("chartctl setup terraform --to /usr/local/bin"));
    expect(text("compose.yaml")).not.toMatch(/POSTGRES_PASSWORD|CHARTCTL_MASTER_KEY/);
    for (const name of ["Dockerfile", "compose.yaml", "chartctl-web.service", "chartctl-worker.service"]) expect(text(name), name).not.toContain("@VERSION@");
    expect(text("chartctl-web.service")).toContain("ExecStart=/usr/bin/env chartctl serve");
    expect(text("chartctl-worker.service")).toContain("ExecStart=/usr/bin/env chartctl worker");
  });
});

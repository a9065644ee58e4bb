import { defineConfig } from "vitest/config";
import { postgresPrograms } from "./scripts/postgres.mjs";
import { viteBundled } from "./scripts/text-imports.mjs";

/** Tests of one adapter that run the real Terraform. */
const realTerraform = ["test/adapters/terraform/{crash,provider,stack}.test.ts"];
/** Tests of pages in a real browser. */
const realBrowser = ["test/templates/pages.test.ts", "test/control/pages.test.ts", "test/ui/report/page.test.ts"];

/** Tests of the books: they run on SQLite and again on PostgreSQL. */
const books = ["test/control/**/*.test.ts", "test/core/lifecycle/{lifecycle,deploy,cleanup}.test.ts"];
/** They need PostgreSQL, and a server of their own. */
const postgresAlone = ["test/control/{server,tls}.test.ts"];
const onPostgres = postgresPrograms() !== undefined;
if (!onPostgres) console.error("\n*** NO POSTGRESQL HERE: the books are tested on SQLite alone. Install it: apt-get install postgresql ***\n");

/**
 * Fast tests side by side, then end-to-end ones, three files at once. CI, on shared machines, tries
 * one that failed once more; the report names it. */
export default defineConfig({
  test: {
    // Two files at once, also on two cores: most of the time is spent waiting, for Terraform, the emulator, a database or a clock.
    maxWorkers: 2,
    reporters: process.env.CI ? ["default", ["json", { outputFile: "coverage/test-report.json" }]] : ["default"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    projects: [
      {
        plugins: [viteBundled],
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", ...realTerraform, ...realBrowser, ...postgresAlone],
          testTimeout: 120_000, // for machines with much else to do: a test ends when its work does
          hookTimeout: 60_000, // emulators and command lines start there
        },
      },
      ...(onPostgres
        ? [
            {
              plugins: [viteBundled],
              test: {
                name: "postgres",
                include: books,
                // The simulated day takes over a minute here: on request.
                exclude: ["test/control/sqlite.test.ts", ...realBrowser, ...(process.env.CHARTCTL_FAULT_TRIALS ? [] : ["test/control/day.test.ts"])],
                globalSetup: "test/support/postgres-setup.ts",
                env: { CHARTCTL_TEST_STORE: "postgres" },
                testTimeout: 120_000,
                hookTimeout: 60_000,
              },
            },
          ]
        : []),
      {
        plugins: [viteBundled],
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", ...realTerraform, ...realBrowser],
          sequence: { groupOrder: 1 }, // after the fast ones
          maxWorkers: 3, // they wait still more: for leases, restarts and Terraform
          testTimeout: 180_000,
          hookTimeout: 120_000,
          retry: process.env.CI ? 1 : 0,
        },
      },
    ],
  },
});

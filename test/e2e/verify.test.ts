/** A platform of real processes, checked from outside as after a deployment: well, and with faults of its own. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Verified } from "../../src/core/verify/platform.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestHosting } from "../support/hosted.ts";
import { startHosting } from "../support/hosted.ts";

const origin = "https://app.example.org";
const secrets = { CHARTCTL_MASTER_KEY: randomBytes(32).toString("base64") };
let api: TestHosting;
let owner: Home;
let workerHome: Home;

beforeAll(async () => {
  api = await startHosting({ ...secrets, CORS_ORIGIN: origin });
  owner = newHome({ CHARTCTL_KEYRING: "0" });
  workerHome = newHome({ ...secrets, DATABASE_URL: api.databaseUrl });
  const signedIn = await owner.pipe("correct horse battery staple", "login", "--invitation", api.ownerLink, "--password-stdin");
  expect(signedIn.code, signedIn.stderr).toBe(0);
  expect((await owner.run("tenants", "add", "acme")).code).toBe(0);
  expect((await owner.run("-t", "acme", "users", "add", "ana")).code).toBe(0);
});
afterAll(async () => {
  await api?.stop();
  owner?.remove();
  workerHome?.remove();
});

const checksOf = (ran: Ran) => Object.fromEntries(dataOf<{ checks: Verified[] }>(ran).checks.map((one) => [one.name, one]));

it("without a worker: says so, by exit code and in the JUnit file; everything else holds", async () => {
  const file = join(owner.path, "verify.xml");
  const ran = await owner.run("-t", "acme", "--user", "ana", "verify", "--origin", origin, "--junit", file, "--json");
  const checks = checksOf(ran);
  expect(Object.values(checks).filter(({ result }) => result === "fail")).toMatchObject([{ name: "worker" }, { name: "terraform" }]);
  expect([ran.code, checks.tls?.result]).toEqual([1, "skipped"]);
  expect(checks["rate-limit"]?.found).toContain("try 11 ");
  expect(checks.quota?.found).toContain("passes the limit of $50.00 for one project");
  expect(readFileSync(file, "utf8")).toContain('tests="14" failures="2" skipped="2"');
  expect(dataOf(await owner.run("-t", "acme", "projects", "--json"))).toEqual([]); // nothing was booked
});

it("with a worker: all of it holds, and a member is told what they can't see", async () => {
  const worker = workerHome.start("worker");
  try {
    const ran = await owner.run("-t", "acme", "--user", "ana", "verify", "--origin", origin, "--json", "--skip", "rate-limit");
    const checks = checksOf(ran);
    expect(ran.code, ran.stdout).toBe(0);
    expect(checks.terraform?.found).toMatch(/^(terraform|tofu) \d+\.\d+\.\d+ ran on the worker$/);
  } finally {
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(0);
  }
});

it("an origin that isn't let in, a wrong address, a check that isn't there", async () => {
  const skip = ["--skip", "rate-limit", "worker", "terraform"];
  const ran = await owner.run("-t", "acme", "verify", "--origin", "https://other.example.org", "--json", ...skip);
  expect(checksOf(ran).cors).toMatchObject({ result: "fail", mend: "add it to CORS_ORIGIN on the server" });
  const nobody = newHome({ CHARTCTL_KEYRING: "0" });
  const away = await nobody.run("verify", "--api-url", "http://127.0.0.1:1", "--skip", ...skip.slice(1));
  expect([away.code, away.stdout]).toEqual([1, expect.stringContaining("http://127.0.0.1:1 doesn't answer")]);
  expect((await nobody.run("verify")).code).toBe(64);
  expect((await owner.run("verify", "--skip", "luck")).code).toBe(64);
  const unwritable = await owner.run("verify", "--junit", join(owner.path, "no-such-folder", "verify.xml"));
  expect([unwritable.code, unwritable.stdout, unwritable.stderr]).toEqual([1, "", expect.stringContaining("The report can't be written")]);
  expect((await owner.run("verify", "--origin", `${origin}/page`)).code).toBe(64);
  nobody.remove();
});

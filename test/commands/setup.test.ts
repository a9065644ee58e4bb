/** What a setup command says when it stops, and where it goes on. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";
import type { HerokuStandIn } from "../support/heroku.ts";
import { startHeroku } from "../support/heroku.ts";

let heroku: HerokuStandIn;
let home: Home;
beforeAll(async () => {
  heroku = await startHeroku();
  home = newHome({ HEROKU_API_URL: heroku.url, HEROKU_API_KEY: "nobody's", CHARTCTL_KEYRING: "0" });
});
afterAll(async () => {
  await heroku.close();
  home.remove();
});

describe("a setup command that stops", () => {
  it("goes on with the same wishes, on Heroku", async () => {
    const ran = await home.run("setup", "heroku", "--team", "acme", "--set", "MAX_COST_PER_PROJECT=20", "--set", "CORS_ORIGIN=https://a.example.org");
    expect(ran.stderr).toContain("go on with: chartctl setup heroku --team acme --set MAX_COST_PER_PROJECT=20 --set CORS_ORIGIN=https://a.example.org");
    const scaled = await home.run("setup", "heroku", "scale", "web=2", "--app", "mine", "--size", "basic");
    expect(scaled.stderr).toContain("go on with: chartctl setup heroku scale web=2 --size basic --app mine");
    const config = await home.run("setup", "heroku", "config", "MAX_COST_PER_PROJECT=20", "API_SECRET=hunter2", "--app", "mine");
    expect(config.stderr).toContain("go on with: chartctl setup heroku config MAX_COST_PER_PROJECT=20 API_SECRET=... --app mine");
    expect(config.stderr).not.toContain("hunter2");
  });

  it("goes on in the same folder, with the same URL", async () => {
    const file = join(home.path, "my file");
    writeFileSync(file, "");
    const ran = await home.run("setup", "container", "my file", "--public-url", "https://a.example.org");
    expect(ran.stderr).toContain(`go on with: chartctl setup container '${file}' --public-url https://a.example.org`);
  });
});

describe("chartctl setup container", () => {
  it("says how its files are started, word for word as a shell takes it", async () => {
    const ran = await home.run("setup", "container", "my platform");
    expect(ran.stdout).toContain(`  cd '${join(home.path, "my platform")}'\n  docker compose up --build --detach\n`);
    expect(ran.stdout).toContain("AWS_ACCESS_KEY_ID=...");
  });
});

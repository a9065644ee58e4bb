/** The sandbox as a newcomer meets it: started by need, found again, one of each however many ask at once, and gone without a process. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startTimeOf } from "../../src/adapters/processes.ts";
import { handlerOf } from "../support/app.ts";
import type { Home } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import { ask } from "../support/cloud.ts";
import { processesOf } from "../support/processes.ts";

const homes: Home[] = [];
const home = (): Home => {
  const made = newHome();
  homes.push(made);
  return made;
};
afterEach(async () => {
  for (const made of homes.splice(0)) {
    await made.run("sandbox", "stop");
    made.remove();
  }
});
const gatewayOf = ({ path }: Home) =>
  JSON.parse(readFileSync(join(path, "data", "sandbox", "gateway.json"), "utf8")) as { pid: number; url: string; upstream: string };
const alive = (pid: number): boolean => startTimeOf(pid) !== undefined;

describe("the sandbox", { timeout: 120_000 }, () => {
  it("is one emulator and one gateway, however many start it at once; stopped, neither runs", async () => {
    const made = home();
    const all = await Promise.all([1, 2, 3].map(() => made.run("sandbox", "start", "--json")));
    const urls = new Set(all.map((ran) => dataOf<{ url: string }>(ran).url));
    expect(urls.size).toBe(1);
    const gateway = gatewayOf(made);
    expect([...urls]).toEqual([gateway.upstream]);
    expect((await made.run("sandbox", "start", "--json")).code).toBe(0);
    expect(gatewayOf(made).pid).toBe(gateway.pid);
    const { pid } = dataOf<{ pid: number }>(await made.run("sandbox", "status", "--json"));
    await made.run("sandbox", "stop");
    expect([alive(gateway.pid), alive(pid)]).toEqual([false, false]);
    expect(dataOf<{ state: string }>(await made.run("sandbox", "status", "--json")).state).toBe("stopped");
  });

  it("starts a gateway again that has died", async () => {
    const made = home();
    await made.run("sandbox", "start");
    const { pid } = gatewayOf(made);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => alive(pid)).toBe(false);
    await made.run("sandbox", "start");
    expect(alive(gatewayOf(made).pid)).toBe(true);
  });

  it("`up` in an application's folder provisions and deploys it; the answer is the application's", async () => {
    const made = home();
    const write = (path: string, text: string) => {
      mkdirSync(join(made.path, path, ".."), { recursive: true });
      writeFileSync(join(made.path, path), text);
    };
    write("chartctl.json", JSON.stringify({ project: "hello", app: { site: "site", api: "api/index.ts" } }));
    write("site/index.html", "<h1>up</h1>");
    write("api/index.ts", handlerOf("up"));
    const ran = await made.run("--sandbox", "--yes", "--json", "up");
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const { provisioned, deployed } = dataOf<{ provisioned: { outcome: string }; deployed: { outcome: string; url: string } }>(ran);
    expect([provisioned.outcome, deployed.outcome]).toEqual(["applied", "deployed"]);
    expect((await ask(deployed.url)).text).toBe("<h1>up</h1>");
    expect((await ask(`${deployed.url}/api/name`)).text).toContain("up");
    expect(processesOf(made.path)).toEqual([]);
    const again = dataOf<{ provisioned: { outcome: string }; deployed: { outcome: string } }>(await made.run("--sandbox", "--yes", "--json", "up"));
    expect([again.provisioned.outcome, again.deployed.outcome]).toEqual(["unchanged", "unchanged"]);
    const text = await made.run("--sandbox", "status");
    expect(text.stdout).toContain(deployed.url);
    expect((await made.run("--sandbox", "--yes", "destroy", "--purge")).code).toBe(0);
  });
});

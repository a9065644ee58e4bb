/** An application's life on the built CLI: real Terraform, the emulator, and its code really running: read it as a terminal session. */
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestApp } from "../support/app.ts";
import { handlerOf, longCss, newApp } from "../support/app.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { Cloud } from "../support/cloud.ts";
import { ask, startCloud } from "../support/cloud.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";

let cloud: Cloud;
let home: Home;
let app: TestApp;
let url: string;
const sales = ["-t", "acme", "-p", "sales", "--json", "--yes"];
const errorOf = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; message: string; hint: string | null } }).error;

interface Deployed {
  outcome: string;
  url: string;
  uploaded: number;
  release: { number: number; build: string; files: number };
}
const deploy = async (...more: string[]): Promise<Deployed> => {
  const ran = await home.run(...sales, "deploy-app", ...(more.length > 0 ? more : ["--source", app.folder]));
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.stderr).not.toMatch(/warning/i); // nor Node's own
  return dataOf<Deployed>(ran);
};
const name = async () => (JSON.parse((await ask(`${url}/api/name`)).text) as { name: string }).name;
const status = async () => dataOf<{ application: string; key: string; release: { number: number } | null }>(await home.run(...sales, "status"));
const releases = async () => dataOf<{ number: number; status: string }[]>(await home.run(...sales, "releases")).map((one) => `${one.number} ${one.status}`);

beforeAll(async () => {
  cloud = await startCloud(Number(process.env.CHARTCTL_FAULT_SEED ?? 1));
  home = newHome(cloud.env);
  app = newApp();
  expect((await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme")).code).toBe(0);
  const provisioned = await home.run(...sales, "provision", "--ttl", "2h");
  expect(provisioned.code, provisioned.stderr).toBe(0);
}, 120_000);

afterAll(async () => {
  home?.remove();
  app?.remove();
  await cloud?.stop();
});

describe("an application's life", { timeout: 180_000 }, () => {
  it("before it: the placeholder answers, and there is nothing to roll back to", async () => {
    url = (await home.run("-t", "acme", "-p", "sales", "open", "--print")).stdout.trim();
    expect(url).toMatch(/^http:\/\/\w+\.localhost:\d+$/);
    expect((await ask(url)).text).toContain("The infrastructure is ready");
    expect((await ask(`${url}/api/name`)).status).toBe(404);
    const back = await home.run(...sales, "deploy-app", "--rollback", "1");
    expect(back.code).toBe(6);
    expect(errorOf(back)).toMatchObject({ code: "release.not-found" });
  });

  it("deploys a folder: site, API and data answer", async () => {
    const done = await deploy();
    expect(done).toMatchObject({ outcome: "deployed", uploaded: 5, release: { number: 1, files: 4 }, url });
    const page = await ask(url);
    expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8", "x-chartctl-build": done.release.build } });
    expect(page.text).toContain("<h1>first</h1>");
    expect((await ask(`${url}/d%C3%A4ta%20file.csv`)).text).toBe("a,b\n1,2\n");
    expect((await ask(`${url}/assets/app.js`)).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await ask(`${url}/nothing`)).status).toBe(404);
    expect((await ask(`${url}/assets/long.css`)).text).toBe(longCss);
    const packed = await ask(`${url}/assets/long.css`, { headers: { "accept-encoding": "gzip" } });
    expect([packed.headers["content-encoding"], packed.text.length < 300]).toEqual(["gzip", true]);
    expect(await name()).toBe("first");
    expect((await ask(`${url}/api/notes`, { method: "POST", headers: { "content-type": "text/plain" }, body: "kept on AWS" })).status).toBe(201);
    expect((await ask(`${url}/api/notes`)).text).toContain("kept on AWS");
    expect(await status()).toMatchObject({ application: "deployed", release: { number: 1 } });
    expect(processesOf(home.path)).toEqual([]);
  });

  it("the same again changes nothing; provisioning again doesn't touch it", async () => {
    expect(await deploy()).toMatchObject({ outcome: "unchanged", uploaded: 0, release: { number: 1 } });
    expect(dataOf<{ outcome: string }>(await home.run(...sales, "provision")).outcome).toBe("unchanged");
    expect(await name()).toBe("first");
  });

  it("a change uploads only what changed, and answers", async () => {
    app.write("site/index.html", "<h1>second</h1>");
    app.write("api/index.ts", handlerOf("second"));
    expect(await deploy()).toMatchObject({ outcome: "deployed", uploaded: 2, release: { number: 2 } });
    expect(await name()).toBe("second");
    expect((await ask(url)).text).toBe("<h1>second</h1>");
  });

  it("goes back, and forward again, without the folder", async () => {
    expect(await deploy("--rollback", "1")).toMatchObject({ outcome: "deployed", uploaded: 0, release: { number: 3 } });
    expect(await name()).toBe("first");
    expect((await ask(url)).text).toContain("<h1>first</h1>");
    await deploy("--rollback", "2");
    expect(await name()).toBe("second");
    expect(await releases()).toEqual(["4 live", "3 retired", "2 retired", "1 retired"]);
  });

  it("a release that doesn't work never answers; its reason is told, and the next one is tried again", async () => {
    app.write("api/index.ts", handlerOf("broken", 503));
    const ran = await home.run(...sales, "deploy-app", "--source", app.folder);
    expect(ran.code).toBe(1);
    expect(errorOf(ran)).toMatchObject({
      code: "app.unhealthy",
      message: expect.stringContaining("503"),
      hint: expect.stringContaining("chartctl logs -p sales"),
    });
    expect(await name()).toBe("second");
    app.write("api/index.ts", `throw new Error("no start"); ${handlerOf("worse")}`);
    const worse = await home.run(...sales, "deploy-app", "--source", app.folder);
    expect(errorOf(worse)).toMatchObject({ code: "app.unhealthy", message: expect.stringContaining("no start") });
    expect(await name()).toBe("second");
    app.write("api/index.ts", handlerOf("third"));
    const again = await home.run(...sales, "deploy-app", "--retry");
    expect(again.code, again.stdout).toBe(0);
    expect(await name()).toBe("third");
    expect((await releases()).slice(0, 4)).toEqual(["7 live", "6 failed", "5 failed", "4 retired"]);
  });

  it("a release that works when asked directly, and not through the URL, is switched back", async () => {
    app.write("api/index.ts", `export const handler = async (event) => ({ statusCode: event.requestContext.domainName ? 500 : 200, body: "only inside" });`);
    const ran = await home.run(...sales, "deploy-app", "--source", app.folder);
    expect(ran.code, ran.stdout + ran.stderr).toBe(1);
    expect(errorOf(ran)).toMatchObject({ code: "app.unhealthy", message: expect.stringContaining("within 30 s") });
    expect(ran.stderr).toContain("Switched back");
    expect(await name()).toBe("third");
    expect((await releases()).slice(0, 2)).toEqual(["8 failed", "7 live"]);
    app.write("api/index.ts", handlerOf("third"));
  });

  it("shows what the function wrote", async () => {
    await ask(`${url}/api/elsewhere`);
    await expect.poll(async () => (await home.run("-t", "acme", "-p", "sales", "logs")).stdout, { timeout: 10_000 }).toContain("nothing at /api/elsewhere");
  });

  it("follows the log, each line once, until Ctrl-C", async () => {
    const { child, ended } = home.start("-t", "acme", "-p", "sales", "logs", "--follow");
    let seen = "";
    child.stdout?.on("data", (text: string) => {
      seen += text;
    });
    await expect.poll(() => seen, { timeout: 10_000 }).toContain("nothing at /api/elsewhere");
    await ask(`${url}/api/followed`);
    await expect.poll(() => seen, { timeout: 15_000 }).toContain("nothing at /api/followed");
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // one more look
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(seen.match(/nothing at \/api\/followed/g)).toHaveLength(1);
  });

  it("new settings of the function come with the next deploy of the same folder", async () => {
    const updated = await home.run("-t", "acme", "-p", "sales", "--yes", "provision", "--set", "timeout_seconds=5");
    expect(updated.code, updated.stderr).toBe(0);
    expect(updated.stderr).toContain("chartctl deploy-app");
    expect(await deploy()).toMatchObject({ outcome: "deployed", uploaded: 0, release: { number: 9 } });
    expect(await deploy()).toMatchObject({ outcome: "unchanged" });
  });

  it("two deploys at once: one answers whole, the other is told or finds it done", async () => {
    const other = newApp("other");
    const both = await Promise.all([home.run(...sales, "deploy-app", "--source", app.folder), home.run(...sales, "deploy-app", "--source", other.folder)]);
    other.remove();
    for (const ran of both) if (ran.code !== 0) expect([ran.code, errorOf(ran).code]).toEqual([5, "operation.running"]);
    expect(both.some(({ code }) => code === 0)).toBe(true);
    const answer = await name();
    expect((await ask(url)).text).toContain(answer === "other" ? "other" : "second");
  });

  it("an active application is not destroyed: exit 5, what would be lost, what to type", async () => {
    const refused = await home.run(...sales, "destroy");
    expect(refused.code).toBe(5);
    expect(errorOf(refused)).toMatchObject({
      code: "application.active",
      message: expect.stringMatching(/release \d+ with 4 files.*purge the application first/),
      hint: expect.stringContaining("chartctl purge -p sales"),
    });
    expect((await ask(url)).status).toBe(200);
  });

  it("purges every version, delete marker and unfinished upload, and the data when asked", async () => {
    const { key } = await status();
    const s3 = new S3Client({ endpoint: cloud.url, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, forcePathStyle: true });
    const Bucket = `chart-${key}-sales-site`;
    for (const Body of ["1", "2"]) await s3.send(new PutObjectCommand({ Bucket, Key: "by hand/ä.txt", Body }));
    const purged = await home.run(...sales, "purge", "--data");
    expect(purged.code, purged.stderr).toBe(0);
    const { emptied } = dataOf<{ emptied: { objects: number; items: number } }>(purged);
    expect(emptied.objects).toBeGreaterThan(6);
    expect(emptied.items).toBe(1);
    const left = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect([left.Versions ?? [], left.DeleteMarkers ?? []].flat()).toEqual([]);
    expect((await ask(url)).text).toContain("The infrastructure is ready");
    expect(await status()).toMatchObject({ application: "absent", release: null });
    expect(dataOf<{ emptied: { objects: number } }>(await home.run(...sales, "purge")).emptied.objects).toBe(0);
  });

  it("deploys on a purged project again, and destroys both at once", async () => {
    app.write("api/index.ts", handlerOf("last"));
    await deploy();
    expect(await name()).toBe("last");
    const gone = await home.run(...sales, "destroy", "--purge");
    expect(gone.code, gone.stderr).toBe(0);
    expect(await liveResources(cloud.url)).toEqual([]);
    expect((await ask(url)).status).toBe(404);
    expect(dataOf<{ used: { projects: number } }>(await home.run("-t", "acme", "--json", "quota")).used.projects).toBe(0);
  });
});

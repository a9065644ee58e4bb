import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { destroy } from "../../../src/core/lifecycle/destroy.ts";
import type { ProvisionInput } from "../../../src/core/lifecycle/provision.ts";
import { provision } from "../../../src/core/lifecycle/provision.ts";
import { ChartctlError } from "../../../src/errors.ts";
import type { TestApi } from "../../control/support.ts";
import { provisionOf, testApi } from "../../control/support.ts";
import type { World } from "./stand-ins.ts";
import { blueprint, world } from "./stand-ins.ts";

let api: TestApi;
let at: World;
beforeEach(async () => {
  api = await testApi();
  at = world(api);
});
afterEach(() => api.close());

const input = (more: Partial<ProvisionInput> = {}): ProvisionInput => ({
  projectId: "sales",
  blueprint: "serverless-web",
  region: "us-east-1",
  environment: "development",
  set: [],
  keepFailed: false,
  idempotencyKey: randomUUID(),
  ...more,
});
const gone = () => destroy(at.ports, { projectId: "sales", purge: false, idempotencyKey: randomUUID() });
const status = async () => (await at.ports.books.project("sales"))?.infrastructure;
const booked = async () => (await at.ports.books.quota()).used.projects;
const awsFails = new ChartctlError({ kind: "external", code: "aws.throttled", message: "AWS is throttling" });

describe("provision", () => {
  it("of a new project reads nothing, refreshes nothing, and records what came out", async () => {
    const done = await provision(at.ports, input());
    expect(at.did).toEqual(["open", "plan refresh=false", "apply", "close"]);
    expect(done).toMatchObject({ outcome: "applied", project: { infrastructure: "deployed", outputs: { url: "https://app" }, accountId: "123456789012" } });
    expect(done.plan.changes.map(({ action }) => action)).toEqual(["create", "create", "create"]);
  });

  it("again, with nothing changed, applies nothing and asks nothing", async () => {
    await provision(at.ports, input());
    at.did.length = 0;
    at.set.confirms = false;
    expect((await provision(at.ports, input())).outcome).toBe("unchanged");
    expect(at.did).toEqual(["open", "plan refresh=true", "close"]);
    expect(await status()).toBe("deployed");
  });

  it("makes the account's boundary before the apply when it is missing, and says so in the plan", async () => {
    at.set.boundary = false;
    const { plan } = await provision(at.ports, input());
    expect(at.did).toEqual(["open", "plan refresh=false", "boundary", "apply", "close"]);
    expect(plan.besides).toEqual(["IAM policy chartctl-boundary in account 123456789012, shared by all projects"]);
  });

  it("declined, leaves nothing booked", async () => {
    at.set.confirms = false;
    expect((await provision(at.ports, input())).outcome).toBe("declined");
    expect(at.did).not.toContain("apply");
    expect(await booked()).toBe(0);
  });

  it("that fails the first time is taken away again, and its booking ends", async () => {
    Object.assign(at.set, { applyFails: awsFails, afterCreating: 2 });
    await expect(provision(at.ports, input())).rejects.toBe(awsFails);
    expect(at.did).toEqual(["open", "plan refresh=false", "apply", "read", "destroy", "read", "close"]);
    expect(at.aws.size).toBe(0);
    expect(await booked()).toBe(0);
  });

  it("that fails is left standing with keepFailed, and booked", async () => {
    Object.assign(at.set, { applyFails: awsFails, afterCreating: 2 });
    await expect(provision(at.ports, input({ keepFailed: true }))).rejects.toBe(awsFails);
    expect(at.aws.size).toBe(2);
    expect([await status(), await booked()]).toEqual(["failed", 1]);
  });

  it("that fails as an update never destroys what was deployed", async () => {
    await provision(at.ports, input());
    at.state.delete("aws_lambda_function.app");
    at.set.applyFails = awsFails;
    await expect(provision(at.ports, input())).rejects.toBe(awsFails);
    expect(at.did).not.toContain("destroy");
    expect([at.aws.size, await status()]).toEqual([3, "failed"]);
  });

  it("whose clean-up finds something left says both, and stays booked", async () => {
    Object.assign(at.set, { applyFails: awsFails, leftovers: [{ kind: "backup", name: "kept", ours: true }] });
    await expect(provision(at.ports, input())).rejects.toMatchObject({
      code: "provision.clean-up-failed",
      message: expect.stringMatching(/throttling.*kept/),
      hint: "chartctl destroy -p sales",
    });
    expect([await status(), await booked()]).toEqual(["failed", 1]);
  });

  it("of another account is refused before anything is made", async () => {
    await expect(provision(at.ports, input({ accountId: "999999999999" }))).rejects.toMatchObject({ code: "account.mismatch" });
    expect([at.did, await booked()]).toEqual([[], 0]);
  });
});

describe("a run that died", () => {
  /** Booked, made in part, recorded by nobody. */
  const dieAfter = async (made: string[], known: string[]): Promise<void> => {
    await at.ports.books.open(provisionOf("sales"));
    for (const address of made) at.aws.add(address);
    for (const address of known) at.state.add(address);
  };

  it("is taken over at once: what AWS has and the state doesn't is adopted, the rest made", async () => {
    await dieAfter(["aws_s3_bucket.site", "aws_iam_role.app"], ["aws_s3_bucket.site"]);
    const { plan } = await provision(at.ports, input());
    expect(plan.changes.map(({ address, action }) => `${action} ${address}`)).toEqual(["import aws_iam_role.app", "create aws_lambda_function.app"]);
    expect([at.aws.size, await status(), await booked()]).toEqual([3, "deployed", 1]);
  });

  it("is destroyed whole: the orphan is adopted first", async () => {
    await dieAfter(["aws_s3_bucket.site", "aws_iam_role.app"], ["aws_s3_bucket.site"]);
    await gone();
    expect(at.did).toEqual(["open", "read", "adopt aws_iam_role.app", "destroy", "read", "close", "remove", "close"]);
    expect([at.aws.size, await booked()]).toEqual([0, 0]);
  });

  it("is left alone while its process lives", async () => {
    await dieAfter([], []);
    at.set.alive = true;
    await expect(provision(at.ports, input())).rejects.toMatchObject({ code: "operation.running", kind: "conflict" });
  });

  it("never gets what carries another project's tags", async () => {
    await dieAfter(["aws_s3_bucket.site"], []);
    at.set.foreign = "aws_s3_bucket.site";
    await expect(provision(at.ports, input())).rejects.toMatchObject({ code: "take-over.foreign" });
    expect(at.did).not.toContain("apply");
  });

  it("wakes up after a take-over and writes nothing more", async () => {
    const other = world(api);
    Object.assign(other.set, { holder: { machine: "elsewhere", pid: 9, startedAt: "boot-9" } });
    const sleeping = provision(
      {
        ...at.ports,
        openStack: async (spec, ports) => {
          const stack = await at.ports.openStack(spec, ports);
          return {
            ...stack,
            apply: async () => {
              api.clock.now = new Date(api.clock.now.getTime() + 120_000);
              await provision(other.ports, input());
              return { outputs: { url: "https://stale" } };
            },
          };
        },
      },
      input(),
    );
    await expect(sleeping).rejects.toMatchObject({ code: "operation.fenced" });
    expect(await at.ports.books.project("sales")).toMatchObject({ infrastructure: "deployed", outputs: { url: "https://app" } });
  });
});

describe("an interrupt", () => {
  it("before the apply undoes the booking", async () => {
    at.ports.confirm = async () => {
      at.gentle.abort();
      return true;
    };
    await expect(provision(at.ports, input())).rejects.toMatchObject({ kind: "interrupted" });
    expect([at.did.includes("apply"), await booked()]).toEqual([false, 0]);
  });

  it("in the apply keeps what stands, and the next destroy takes it away", async () => {
    at.set.onApply = () => at.gentle.abort();
    Object.assign(at.set, { applyFails: new ChartctlError({ kind: "interrupted", code: "interrupted", message: "stopped" }), afterCreating: 1 });
    await expect(provision(at.ports, input())).rejects.toMatchObject({ kind: "interrupted" });
    expect([at.aws.size, await status(), await booked()]).toEqual([1, "provisioning", 1]);
    expect(at.did).not.toContain("destroy");
    const after = world(api);
    for (const address of at.aws) after.aws.add(address);
    await destroy(after.ports, { projectId: "sales", purge: false, idempotencyKey: randomUUID() });
    expect([after.aws.size, await booked()]).toEqual([0, 0]);
  });
});

describe("destroy", () => {
  it("proves absence, ends the booking, then deletes the run folder", async () => {
    await provision(at.ports, input());
    at.did.length = 0;
    const { outcome, receipt } = await gone();
    expect(at.did).toEqual(["open", "destroy", "read", "close", "remove", "close"]);
    expect({ outcome, state: receipt?.stateResources, answers: receipt?.reads.map(({ answer }) => answer) }).toEqual({
      outcome: "destroyed",
      state: 0,
      answers: ["absent"],
    });
    expect(await booked()).toBe(0);
  });

  it("adopts and destroys what came back in the meantime", async () => {
    await provision(at.ports, input());
    at.state.delete("aws_iam_role.app");
    await gone();
    expect(at.aws.size).toBe(0);
  });

  it("with something left lists it, keeps the booking and the folder", async () => {
    await provision(at.ports, input());
    at.set.leftovers = [{ kind: "DynamoDB backup", name: "kept", ours: true, detail: "of table data" }];
    await expect(gone()).rejects.toMatchObject({
      code: "destroy.leftover",
      kind: "external",
      message: expect.stringContaining("DynamoDB backup kept (of table data)"),
    });
    expect([await status(), await booked(), at.did.includes("remove")]).toEqual(["failed", 1, false]);
  });

  it("declined, changes nothing", async () => {
    await provision(at.ports, input());
    at.set.confirms = false;
    expect((await gone()).outcome).toBe("declined");
    expect([at.aws.size, await status()]).toEqual([blueprint.length, "deployed"]);
  });

  it("of nothing is not found", async () => {
    await expect(gone()).rejects.toMatchObject({ code: "project.not-found", kind: "not-found" });
  });
});

describe("the journal", () => {
  it("says each step before it begins", async () => {
    const lines: string[] = [];
    const { books } = at.ports;
    at.ports.books = {
      ...books,
      journal: async (operation, line) => {
        lines.push(`${line.phase} ${line.step}`);
        await books.journal(operation, line);
      },
    };
    await provision(at.ports, input());
    await gone();
    expect(lines).toEqual(["intent plan", "done plan", "intent apply", "done apply", "intent destroy", "done destroy", "intent verify", "done verify"]);
  });
});

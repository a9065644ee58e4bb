import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepState } from "../../../src/adapters/terraform/state-keeper.ts";
import { eventually } from "./small-stack.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-keeper-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (serial: number, name = "terraform.tfstate", text = ""): void =>
  writeFileSync(join(folder, name), JSON.stringify({ version: 4, serial, lineage: "one", resources: [], text }));

describe("the state's keeper", () => {
  it("sends nothing when there is nothing", async () => {
    expect(await keepState(folder, () => Promise.reject(new Error("asked"))).settle()).toBeUndefined();
  });

  it("sends each newer, whole state while it watches, and the last one in the end", async () => {
    const sent: number[] = [];
    const keeper = keepState(folder, async ({ serial }) => void sent.push(serial));
    const stop = keeper.watch();
    write(1);
    expect(await eventually(() => sent.includes(1), 5)).toBe(true);
    write(2, "terraform.tfstate", "x".repeat(1_000));
    truncateSync(join(folder, "terraform.tfstate"), 500);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(sent).toEqual([1]);
    write(2);
    expect(await eventually(() => sent.includes(2), 5)).toBe(true);
    stop();
    write(3);
    expect(await keeper.settle()).toBe(3);
    expect(await keeper.settle()).toBe(3);
    expect(sent).toEqual([1, 2, 3]);
  });

  it("prefers what Terraform couldn't write where it belongs", async () => {
    const sent: number[] = [];
    write(1);
    write(2, "errored.tfstate");
    expect(await keepState(folder, async ({ serial }) => void sent.push(serial)).settle()).toBe(2);
    expect(sent).toEqual([2]);
  });

  it("throws in the end what couldn't be sent, and sends it when asked again", async () => {
    let away = true;
    const sent: number[] = [];
    const keeper = keepState(folder, async ({ serial }) => {
      if (away) throw new Error("away");
      sent.push(serial);
    });
    write(1);
    await expect(keeper.settle()).rejects.toThrow("away");
    away = false;
    expect(await keeper.settle()).toBe(1);
    expect(sent).toEqual([1]);
  });

  it("sends one at a time, in order", async () => {
    let busy = 0;
    const sent: number[] = [];
    const keeper = keepState(folder, async ({ serial }) => {
      expect(++busy).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      sent.push(serial);
      busy--;
    });
    const all = [1, 2, 3].map((serial) => {
      write(serial);
      return keeper.settle();
    });
    await Promise.all(all);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.at(-1)).toBe(3);
  });
});

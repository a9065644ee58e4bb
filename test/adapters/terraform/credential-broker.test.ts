import { mkdtempSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requestCredentials, startBroker } from "../../../src/adapters/terraform/credential-broker.ts";
import { ChartctlError } from "../../../src/errors.ts";

let folder: string;
const opened: { close(): void }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-broker-"));
});
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
  rmSync(folder, { recursive: true, force: true });
});
const broker = async (get: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }>) => {
  const started = await startBroker(folder, { get });
  opened.push(started);
  return started.socketPath;
};
/** A broker that isn't right. */
const impostor = async (answer: (server: Server) => void): Promise<string> => {
  const path = join(folder, "other");
  const server = createServer((socket) => socket.on("error", () => {}));
  opened.push(server);
  answer(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
};

describe("the credential broker", () => {
  it("answers as AWS expects, asking anew each time", async () => {
    let asked = 0;
    const socket = await broker(async () => {
      asked++;
      return { accessKeyId: "ASIA1", secretAccessKey: "s", sessionToken: "t", expiration: new Date("2026-11-21T10:00:00Z") };
    });
    expect(statSync(folder).mode & 0o077).toBe(0);
    const answers = await Promise.all([1, 2, 3].map(() => requestCredentials(socket, 5_000)));
    expect(asked).toBe(3);
    for (const answer of answers)
      expect(JSON.parse(answer)).toEqual({ Version: 1, AccessKeyId: "ASIA1", SecretAccessKey: "s", SessionToken: "t", Expiration: "2026-11-21T10:00:00.000Z" });
  });

  it("refuses with its reason and code, and goes on answering", async () => {
    const replies = [new ChartctlError({ kind: "conflict", code: "operation.fenced", message: "Another run has taken over" }), new Error("no network")];
    const socket = await broker(() => Promise.reject(replies.shift()));
    await expect(requestCredentials(socket, 5_000)).rejects.toThrow("operation.fenced: Another run has taken over");
    await expect(requestCredentials(socket, 5_000)).rejects.toThrow("no network");
  });

  it("isn't there any more: an error", async () => {
    await expect(requestCredentials(join(folder, "gone"), 5_000)).rejects.toThrow("ENOENT");
  });

  it("dies while it answers, or says nothing: an error, in time", async () => {
    const broken = await impostor((server) => server.on("connection", (socket) => socket.end('{"Version":1,"Acc')));
    await expect(requestCredentials(broken, 5_000)).rejects.toThrow("ended before it answered");
    opened.pop()?.close();
    const silent = await impostor(() => {});
    await expect(requestCredentials(silent, 200)).rejects.toThrow("does not answer");
  });
});

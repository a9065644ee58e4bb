import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { TestApi } from "../control/support.ts";
import { provisionOf, testApi } from "../control/support.ts";

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.close());

const headers = { "x-chartctl-tenant": "acme", "x-chartctl-user": "ana" };
const retryAfter = [1, 1];

/** The real API behind a network that loses what `lose` says: the request on its way, or the answer on its way back. */
function lossy(lose: (attempt: number) => "request" | "answer" | undefined) {
  let attempts = 0;
  const call = controlApiClient({
    baseUrl: "http://api.test",
    headers,
    retryAfter,
    fetch: async (request) => {
      const lost = lose(++attempts);
      if (lost === "request") throw new TypeError("fetch failed");
      const answer = await api.fetch(request);
      if (lost === "answer") throw new TypeError("terminated");
      return answer;
    },
  });
  return { call, books: booksFrom(call), attempts: () => attempts };
}

describe("the control API's client", () => {
  it("sends an opening again whose answer was lost, and books once", async () => {
    const { books, attempts } = lossy((attempt) => (attempt === 1 ? "answer" : undefined));
    expect((await books.open(provisionOf("sales"))).fresh).toBe(true);
    expect(attempts()).toBe(2);
    expect((await api.books("acme").quota()).used.projects).toBe(1);
  });

  it("sends an end again whose answer was lost, and gets the same answer", async () => {
    const { operation } = await api.books("acme").open(provisionOf("sales"));
    const end = { outcome: "succeeded", standing: "something" } as const;
    const { books, attempts } = lossy((attempt) => (attempt === 1 ? "answer" : undefined));
    expect((await books.finish(operation, end)).project?.infrastructure).toBe("deployed");
    expect(attempts()).toBe(2);
    await expect(books.finish(operation, { ...end, outcome: "failed" })).rejects.toMatchObject({ code: "operation.fenced" });
  });

  it("follows no redirect: a password is for the API that was named", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(307, { location: "/collector" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const call = controlApiClient({ fetch, baseUrl, headers: {}, retryAfter });
      const body = { tenant: "platform", user: "owner", password: "correct horse battery" };
      await expect(call(endpoints.login, { body })).rejects.toMatchObject({ kind: "external", code: "api.moved", hint: expect.stringContaining("--api-url") });
      expect(seen).toEqual(["POST /api/auth/login"]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("never sends again what would happen twice", async () => {
    const { operation } = await api.books("acme").open(provisionOf("sales"));
    const { books, call, attempts } = lossy(() => "answer");
    await expect(books.journal(operation, { step: "plan", phase: "intent" })).rejects.toMatchObject({ code: "api.unreachable" });
    await expect(call(endpoints.addTenant, { body: { id: "globex", roleArn: null, accountId: null } })).rejects.toMatchObject({ code: "api.unreachable" });
    expect(attempts()).toBe(2);
  });

  it("gives up after its tries, names the address and what to look at", async () => {
    const { books, attempts } = lossy(() => "request");
    await expect(books.quota()).rejects.toMatchObject({
      kind: "external",
      code: "api.unreachable",
      message: expect.stringContaining("http://api.test"),
      hint: expect.stringContaining("--api-url"),
    });
    expect(attempts()).toBe(3);
  });

  it("doesn't ask again for an answer that it has got, and keeps its kind, hint and details", async () => {
    const { books, attempts } = lossy(() => undefined);
    await api.books("acme").open(provisionOf("sales"));
    await expect(books.open(provisionOf("sales"))).rejects.toMatchObject({
      kind: "conflict",
      code: "operation.running",
      hint: expect.stringContaining("chartctl status -p sales"),
      details: { kind: "provision", leaseExpiresAt: "2026-01-01T12:01:00.000Z" },
    });
    expect(attempts()).toBe(1);
  });

  it.each([
    ["a page of a proxy", 502, "text/html", "<html>Bad gateway</html>"],
    ["JSON of something else", 200, "application/json", '{"hello":"world"}'],
    ["a problem of no known kind", 400, "application/problem+json", '{"type":"x","title":"x","status":400,"kind":"toString","code":"x","detail":"x"}'],
  ])("is not fooled by %s", async (_, status, type, body) => {
    const call = controlApiClient({
      baseUrl: "http://api.test",
      headers,
      fetch: async () => new Response(body, { status, headers: { "content-type": type } }),
    });
    await expect(booksFrom(call).quota()).rejects.toMatchObject({ kind: "external", code: "api.unexpected" });
  });

  it("works over a socket: no server, a server that hangs, a server that ends in the middle of its answer", async () => {
    const server = createServer((request, response) => {
      if (request.url?.startsWith("/cut")) response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reach = (baseUrl: string) => booksFrom(controlApiClient({ baseUrl, headers, fetch, retryAfter, timeout: 200 })).quota();
    for (const path of ["/hang", "/cut"]) await expect(reach(url + path)).rejects.toMatchObject({ code: "api.unreachable" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(reach(url)).rejects.toMatchObject({ code: "api.unreachable" });
  });
});

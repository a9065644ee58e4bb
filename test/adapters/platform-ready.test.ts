/** A platform that was started: what is believed of its answer, and that nobody waits for it against their will. */
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { askReady } from "../../src/adapters/platform-ready.ts";
import { onLoopback } from "../support/loopback.ts";

const never = new AbortController().signal;
const saying = (text: string): typeof fetch => (async () => new Response(text, { status: 503 })) as typeof fetch;

test("is ready, or isn't, in chartctl's own words alone", async () => {
  const answers = ['{"status":"ready"}', '{"status":"not ready"}', '{"status":"ok"}', "<html>", ""].map((text) =>
    askReady(saying(text), "https://a.example.org", never),
  );
  expect(await Promise.all(answers)).toEqual([true, false, undefined, undefined, undefined]);
});

// Left alone, it is waited for ten seconds: longer than this test may take.
test("is asked no longer when that is interrupted", { timeout: 8_000 }, async () => {
  const stop = new AbortController();
  let hungUp = (): void => {};
  const left = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  const server = createServer((_, response) => {
    response.on("close", hungUp);
    stop.abort();
  });
  const { url, close } = await onLoopback(server);
  expect(await askReady(fetch, url, stop.signal)).toBeUndefined();
  await left;
  await close();
});

/** A chartctl that is killed: opens the small stack, applies it and ends; states are kept in a file. Bundled by the crash tests. */
import { appendFileSync, readFileSync } from "node:fs";
import { terraformStacks } from "../../../src/adapters/terraform/stack.ts";
import { recordingPorts, smallStack } from "./small-stack.ts";

interface Given {
  url: string;
  dataDir: string;
  cacheDir: string;
  /** The helper's script. */
  ask: string;
  savedFile: string;
  shareProvider: boolean;
  name: string;
}

const { url, dataDir, cacheDir, ask, savedFile, shareProvider, name } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Given;
const interrupt = new AbortController();
process.on("SIGTERM", () => interrupt.abort());
const { ports } = recordingPorts({
  saveState: async (copy) => appendFileSync(savedFile, `${JSON.stringify(copy)}\n`),
  interrupt: { gentle: interrupt.signal, now: new AbortController().signal },
});
const open = terraformStacks({
  dataDir,
  cacheDir,
  shareProvider,
  env: { ...process.env, AWS_ENDPOINT_URL: url },
  credentialHelper: (socket) => [process.execPath, ask, socket],
});
const stack = await open(smallStack({ name }), ports);
await stack.plan({ refresh: false, adopt: [] });
await stack.apply();
await stack.settled();
await stack.close();

/** Terraform for power users, on a project's own files, state and credentials. */
import type { Credentials, OpenStack, Processes, Synthesize } from "../ports.ts";
import { unknownProject } from "../unknown-project.ts";
import type { HeldPorts } from "./held.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf, synthesizeProject } from "./identity.ts";
import { openOperation } from "./open.ts";

export interface PowerPorts extends HeldPorts {
  processes: Processes;
  credentials: Credentials;
  synthesize: Synthesize;
  openStack: OpenStack;
}

/** First words that write nothing; everything else takes the lease. */
const readOnly = new Set(["console", "fmt", "graph", "metadata", "output", "plan", "providers", "show", "validate", "version"]);
const readOnlyState = new Set(["list", "show", "pull"]);
const reads = ([first = "", second = ""]: string[]): boolean => first.startsWith("-") || (first === "state" ? readOnlyState.has(second) : readOnly.has(first));

/**
 * Terraform's exit code. What only reads runs on a copy of the stored state, beside a running operation if need be; what
 * writes opens a provision operation, and its state is stored before that closes.
 */
export async function terraformOn(ports: PowerPorts, input: { projectId: string; args: string[]; idempotencyKey: string }): Promise<number> {
  const { projectId, args, idempotencyKey } = input;
  const project = await ports.books.project(projectId);
  if (!project) throw unknownProject(projectId);
  const sessionName = `terraform-${idempotencyKey}`;
  const accountId = project.accountId ?? (await ports.credentials.account(credentialRequest(project, sessionName, "read")));
  const identity = identityOf(project, accountId);
  const synthesized = synthesizeProject(ports.synthesize, project, identity);

  if (reads(args)) {
    const stack = await ports.openStack(
      { identity, synthesized, scratch: true },
      {
        credentials: { get: () => ports.credentials.issue(credentialRequest(project, sessionName, "read")) },
        saveState: async () => {},
        loadState: () => ports.books.state(projectId),
        progress: ports.progress,
        interrupt: ports.interrupt,
      },
    );
    try {
      return await stack.passThrough(args);
    } finally {
      await stack.close();
    }
  }
  const { blueprint, region, environment, parameters } = project;
  const opened = await openOperation(ports, { idempotencyKey, kind: "provision", projectId, desired: { blueprint, region, environment, parameters } });
  return await underLease(ports, opened, "something", async (held) => {
    const stack = await ports.openStack({ identity, synthesized }, held.stackPorts(held.credentials(() => "provision")));
    held.stack = stack;
    const exitCode = await stack.passThrough(args);
    await held.finish({ outcome: exitCode === 0 ? "succeeded" : "failed", standing: "something", outputs: await stack.outputs(), accountId });
    return exitCode;
  });
}

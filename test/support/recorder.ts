/** A proxy before the emulator that writes down whose session asked for what. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { sessionPolicy } from "../../src/core/lifecycle/session-policy.ts";
import type { CredentialRequest } from "../../src/core/ports.ts";
import type { AwsRequest, Memory, Needed } from "./aws-actions.ts";
import { neededFor } from "./aws-actions.ts";

export type Purpose = CredentialRequest["purpose"] | "broker";
export interface Recorded extends Needed {
  purpose: Purpose;
}
export interface Recording {
  /** As they came. */
  calls: Recorded[];
  /** What could not be told: an unknown action, a key that no AssumeRole gave. */
  puzzles: string[];
  /** A proxy before one endpoint; all share the recording. */
  before(upstream: string): Promise<string>;
  close(): Promise<void>;
}

const purposes: CredentialRequest["purpose"][] = ["provision", "destroy", "purge", "deploy", "read", "logs", "costs", "boundary", "boundary-read"];

/** `operatorKey`: whose calls are no session's. */
export function record(operatorKey: string, accountId: string): Recording {
  const servers: ReturnType<typeof createServer>[] = [];
  const sessions = new Map<string, Purpose>();
  const memory: Memory = { roles: new Map() };
  const calls: Recorded[] = [];
  const puzzles: string[] = [];

  const note = (asked: AwsRequest, key: string, answer: string): void => {
    const form = new URLSearchParams(asked.service === "sts" ? asked.body : "");
    const given = /<AccessKeyId>(\w+)</.exec(answer)?.[1];
    if (form.get("Action") === "AssumeRole" && given) sessions.set(given, purposeOf(form));
    if (key === operatorKey) return; // setup, and becoming the broker: the operator's own rights
    const purpose = sessions.get(key);
    if (!purpose) return void puzzles.push(`${asked.service} ${asked.method} ${asked.url.pathname}: nobody's key`);
    try {
      for (const needed of neededFor(asked, accountId, memory)) calls.push({ purpose, ...needed });
    } catch (error) {
      puzzles.push(String(error));
    }
  };

  return {
    calls,
    puzzles,
    before: async (upstream) => {
      const server = createServer(async (incoming, outgoing) => {
        outgoing.on("error", () => {});
        const body = await buffer(incoming);
        const forwarded = request(upstream + incoming.url, { method: incoming.method, headers: incoming.headers }, async (answer) => {
          const answered = await buffer(answer);
          const scope = /Credential=(\w+)\/\d+\/([\w-]+)\/([\w-]+)\/aws4_request/.exec(incoming.headers.authorization ?? "");
          const [, key = "", region = "", service = ""] = scope ?? [];
          const asked = {
            service,
            region,
            method: incoming.method ?? "",
            url: new URL(incoming.url ?? "/", upstream),
            headers: incoming.headers,
            body: String(body),
          };
          if (scope) note(asked, key, String(answered));
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
        });
        forwarded.on("error", () => outgoing.destroy());
        forwarded.end(body);
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close: async () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

/** The one whose session policy this is, for these tags; the broker alone has none. */
function purposeOf(form: URLSearchParams): Purpose {
  if (/:role\/chartctl-broker$/.test(form.get("RoleArn") ?? "")) return "broker";
  const tags: Record<string, string> = {};
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at++) tags[form.get(`Tags.member.${at}.Key`) ?? ""] = form.get(`Tags.member.${at}.Value`) ?? "";
  const { TenantId: tenantId = "", UserId: userId = "", ProjectId: projectId = "", ProjectKey: projectKey = "" } = tags;
  const asked = { tenantId, userId, projectId, projectKey, sessionName: form.get("RoleSessionName") ?? "" };
  for (const region of ["us-east-1", "us-west-2"])
    for (const purpose of purposes) if (sessionPolicy({ ...asked, region, purpose }) === form.get("Policy")) return purpose;
  throw new Error(`An AssumeRole with a policy of no purpose: ${form.get("Policy")}`);
}

/** The same in each run: one account, project key and API; each call once, in order. */
export function settled(calls: readonly Recorded[], accountId: string, projectKey: string): Recorded[] {
  const lines = calls.map((call) =>
    JSON.stringify({ ...call, context: Object.fromEntries(Object.entries(call.context).sort()) })
      .replaceAll(projectKey, "abc123defg")
      .replaceAll("PROJECT_KEY", "abc123defg")
      .replaceAll(accountId, "111122223333")
      .replaceAll(/(\/apis\/|%2Fapis%2F)[a-z0-9]{8,}/g, "$1a1b2c3")
      .replaceAll(/\/(routes|integrations)\/[\w-]+/g, "/$1/r1")
      .replaceAll(/(function:chart-[a-z0-9-]+):\d+"/g, '$1:3"'),
  );
  return [...new Set(lines)].sort().map((line) => JSON.parse(line) as Recorded);
}

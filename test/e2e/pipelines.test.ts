/** The pipelines of docs/ci, read from their files and run: each job's own script, against a real control API and the emulator. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { TestApp } from "../support/app.ts";
import { newApp } from "../support/app.ts";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";
import type { Cloud } from "../support/cloud.ts";
import { startCloud } from "../support/cloud.ts";
import type { TestHosting } from "../support/hosted.ts";
import { startHosting } from "../support/hosted.ts";
import { liveResources } from "../support/oracle.ts";
import type { TestPipeline } from "../support/pipeline.ts";
import { startPipeline } from "../support/pipeline.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8")) as { version: string };
const password = "correct horse battery staple";
const subject = "repo:acme/shop:pull_request";

let cloud: Cloud;
let api: TestHosting;
let identity: TestPipeline;
let owner: Home;
let app: TestApp;
let tools: string;

beforeAll(async () => {
  cloud = await startCloud();
  api = await startHosting(cloud.env);
  identity = await startPipeline(subject);
  owner = newHome({ CHARTCTL_KEYRING: "0" });
  const done = async (ran: Promise<{ code: number | null; stderr: string }>): Promise<void> => expect(await ran).toMatchObject({ code: 0 });
  await done(owner.pipe(password, "login", "--invitation", api.ownerLink, "--password-stdin"));
  await done(owner.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme"));
  await done(owner.run("-t", "acme", "users", "add", "ci"));
  await done(owner.run("-t", "acme", "tokens", "trust", "--user", "ci", "--issuer", identity.issuer, "--subject", subject));
  app = newApp("shop");
  tools = mkdtempSync(join(tmpdir(), "chartctl-tools-"));
  const tool = (name: string, script: string): void => {
    writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(tools, name), 0o755);
  };
  tool("chartctl", `exec "${process.execPath}" "${at("bin/chartctl.js")}" "$@"`);
  // What stands in for a published package, and for GitHub: their arguments are looked at.
  tool("npm", `echo "npm $*" >> "${tools}/calls"`);
  tool("gh", `echo "gh $*" >> "${tools}/calls"`);
});
afterAll(async () => {
  await identity?.stop();
  await api?.stop();
  await cloud?.stop();
  owner?.remove();
  app?.remove();
  if (tools) rmSync(tools, { recursive: true, force: true });
});

const calls = (): string => (existsSync(join(tools, "calls")) ? readFileSync(join(tools, "calls"), "utf8") : "");

/** As a runner does it: a new home, the repository's folder, no terminal. */
async function bash(script: string, env: Record<string, string>, home: string): Promise<{ code: number | null; output: string }> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|CHARTCTL_|TF_|GITHUB_)/.test(name)));
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_LAMBDA, CHARTCTL_GATEWAY_URL } = cloud.env; // no credentials: the platform gives them
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
    cwd: app.folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...clean,
      AWS_ENDPOINT_URL,
      AWS_ENDPOINT_URL_LAMBDA,
      CHARTCTL_GATEWAY_URL,
      CI: "true",
      CHARTCTL_HOME: home,
      ...env,
      PATH: `${tools}:${process.env.PATH}`,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

interface Workflow {
  permissions: Record<string, string>;
  env: Record<string, string>;
  jobs: Record<string, { if: string; steps: { uses?: string; run?: string; env?: Record<string, string> }[] }>;
}

describe("GitHub Actions", () => {
  const workflow = parse(readFileSync(at("docs/ci/github-actions.yml"), "utf8")) as Workflow;
  const expressions: Record<string, string> = { "github.token": "of-the-job", "github.event.pull_request.number": "7" };
  const plain = (env: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        String(value).replace(/\$\{\{\s*(.+?)\s*\}\}/g, (_, expression: string) => {
          if (expressions[expression] === undefined) throw new Error(`${expression} is no expression of this test`);
          return expressions[expression];
        }),
      ]),
    );
  /** Every `run` of a job, in one home, as the runner's machine is one. */
  async function job(name: string): Promise<{ output: string; summary: string }> {
    const home = mkdtempSync(join(tmpdir(), "chartctl-runner-"));
    const summaryFile = join(home, "summary.md");
    writeFileSync(summaryFile, "");
    let output = "";
    try {
      for (const step of workflow.jobs[name]?.steps ?? []) {
        if (step.run === undefined) continue;
        const env = {
          ...plain(workflow.env),
          CHARTCTL_API_URL: api.url,
          ...plain(step.env),
          GITHUB_STEP_SUMMARY: summaryFile,
          ...(identity.env as Record<string, string>),
        };
        const ran = await bash(step.run, env, join(home, "chartctl"));
        output += ran.output;
        if (ran.code !== 0) throw new Error(`${step.run} ended with ${ran.code}:\n${output}`);
      }
      return { output, summary: readFileSync(summaryFile, "utf8") };
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  it("asks for no more rights than it needs, and runs each job at its event alone", () => {
    expect(workflow.permissions).toEqual({ contents: "read", "id-token": "write", "pull-requests": "write" });
    expect(Object.values(workflow.jobs).map((one) => one.if)).toEqual(["pull_request", "push", "schedule"].map((event) => `github.event_name == '${event}'`));
  });

  it("plan: the changes as a comment and in the summary; nothing is made", async () => {
    const { summary } = await job("plan");
    expect(summary).toContain("aws_lambda_function.app");
    expect(calls()).toContain(`npm install --global chartctl@${version}\n`);
    expect(calls()).toContain("gh pr comment 7 --edit-last --create-if-none --body-file comment.md\n");
    expect(readFileSync(join(app.folder, "comment.md"), "utf8")).toBe(summary);
    expect(await liveResources(cloud.url)).toEqual([]);
  });

  it("apply: provisioned, deployed, the address in the summary; then a plan has no changes, and clean-up nothing to do", async () => {
    const { summary, output } = await job("apply");
    expect(summary, output).toMatch(/### Deployed\n\nhttp/);
    expect((await liveResources(cloud.url)).length).toBeGreaterThan(10);
    expect((await job("plan")).summary).not.toContain("aws_lambda_function.app");
    expect((await job("cleanup")).output).toContain("Nothing to clean up.");
  });
});

describe("GitLab", () => {
  interface Job {
    extends: string;
    script: string[];
    id_tokens: Record<string, { aud: string }>;
    before_script: string[];
  }
  const file = parse(readFileSync(at("docs/ci/gitlab-ci.yml"), "utf8")) as Record<string, Job> & { variables: Record<string, string> };
  async function job(name: string, project = file.variables.CHARTCTL_PROJECT ?? ""): Promise<{ code: number | null; output: string }> {
    const home = mkdtempSync(join(tmpdir(), "chartctl-runner-"));
    const base = file[file[name]?.extends ?? ""] as Job;
    const token = await fetch(`${identity.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=${encodeURIComponent(api.url)}`, {
      headers: { authorization: "Bearer of-the-job" },
    });
    const idToken = ((await token.json()) as { value: string }).value;
    expect(Object.keys(base.id_tokens)).toEqual(["CHARTCTL_ID_TOKEN"]);
    try {
      return await bash(
        [...base.before_script, ...(file[name]?.script ?? [])].join("\n"),
        { ...file.variables, CHARTCTL_PROJECT: project, CHARTCTL_API_URL: api.url, CHARTCTL_ID_TOKEN: idToken },
        home,
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  it("plans with changes and without, applies, cleans up", async () => {
    /** What the merge request shows. */
    const widget = () => JSON.parse(readFileSync(join(app.folder, "tfplan.json"), "utf8"));
    expect((await job("plan", "another")).code).toBe(0);
    expect(widget()).toEqual({ create: expect.any(Number), update: 0, delete: 0 });
    expect(widget().create).toBeGreaterThan(10);
    for (const name of ["plan", "apply", "cleanup"]) {
      const { code, output } = await job(name);
      expect([name, code, output]).toEqual([name, 0, expect.not.stringMatching(/✖|error:/)]);
    }
    expect(widget()).toEqual({ create: 0, update: 0, delete: 0 });
    expect(readFileSync(join(app.folder, "plan.txt"), "utf8")).not.toBe("");
  });

  it("fails when the plan can't be made", async () => {
    const spoiled = { ...file.variables, CHARTCTL_API_URL: "http://127.0.0.1:1" };
    const { code } = await bash((file.plan?.script ?? []).join("\n"), spoiled, join(tools, "no-home"));
    expect(code).not.toBe(0);
  });
});

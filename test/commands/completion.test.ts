/** What the shells offer. */
import { execFileSync } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { newHome } from "../support/cli.ts";

const home = newHome();
afterAll(() => home.remove());

describe("completion", () => {
  it.each([
    ["setup", ["check", "aws", "heroku", "container", "vercel", "terraform"]],
    ["setup heroku", ["scale", "logs", "config", "restart", "rotate-secrets", "destroy"]],
    ["tenants", ["add", "connect", "list", "remove", "rotate-external-id", "verify"]],
    ["setup aws", []],
  ])("in bash offers what can follow %s, and help has the same", async (typed, words) => {
    const { stdout: script } = await home.run("completion", "bash");
    const asked = `${script}\nCOMP_WORDS=(chartctl ${typed} ""); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _chartctl; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync("bash", ["-c", asked], { encoding: "utf8" }).trim().split(" ").filter(Boolean)).toEqual(words);
    const shown = (await home.run(...typed.split(" "), "--help")).stdout.split("\nCommands:\n")[1] ?? "";
    const listed = [...shown.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name);
    expect(listed.filter((name) => name !== "help").sort()).toEqual([...words].sort());
  });

  it("in zsh leaves alone the array that holds what was typed", async () => {
    expect((await home.run("completion", "zsh")).stdout).not.toMatch(/local .*\bwords\b/);
  });
});

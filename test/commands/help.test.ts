/** Help texts, whole: a change of words is a change that somebody reads here first. */
import { describe, expect, it } from "vitest";
import { newHome } from "../support/cli.ts";

const home = newHome({ CHARTCTL_HOME: "/nowhere/that/could/be/made", COLUMNS: "80" });
const help = async (...args: string[]): Promise<string> => {
  const ran = await home.run(...args);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  return ran.stdout;
};

describe("help", () => {
  it.each([
    "provision",
    "status",
    "init",
    "preview",
    "deploy-app",
    "releases",
    "open",
    "logs",
    "purge",
    "destroy",
    "cleanup",
    "stats",
    "projects",
    "projects renew",
    "alerts",
    "alerts deliver",
    "quota",
    "quota set",
    "costs",
    "costs sync",
    "tenants",
    "tenants add",
    "tenants connect",
    "tenants verify",
    "tenants rotate-external-id",
    "tenants remove",
    "credentials",
    "terraform",
    "setup",
    "setup check",
    "setup aws",
    "setup heroku",
    "setup heroku scale",
    "setup heroku logs",
    "setup heroku config",
    "setup heroku rotate-secrets",
    "setup heroku destroy",
    "setup container",
    "setup vercel",
    "setup terraform",
    "serve",
    "worker",
    "login",
    "logout",
    "whoami",
    "users",
    "users add",
    "users update",
    "tokens",
    "tokens create",
    "tokens trust",
    "audit",
    "sandbox",
    "config",
    "verify",
    "doctor",
    "completion",
  ])("%s", async (command) => {
    const text = await help(...command.split(" "), "--help");
    await expect(text.slice(0, text.indexOf("Global Options:"))).toMatchFileSnapshot(`help/${command.replaceAll(" ", "-")}.txt`);
  });

  it("of the whole", async () => {
    await expect(await help("--help")).toMatchFileSnapshot("help/chartctl.txt");
    expect(await help("help", "provision")).toBe(await help("provision", "--help"));
    expect(await help()).toBe(await help("--help"));
  });

  it("of a subcommand lists what counts everywhere, and not what is its topic's", async () => {
    const shown = await help("setup", "heroku", "scale", "--help");
    expect(shown.match(/--app <name>/g)).toHaveLength(1);
    expect(shown).not.toContain("--addons");
    expect(shown).toContain("--api-url <url>");
  });

  it.each(["setup", "setup heroku", "setup vercel", "tenants connect", "verify"])("%s fits 80 columns", async (command) => {
    expect((await help(...command.split(" "), "--help")).split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("is named by a usage error, of the command that was meant", async () => {
    const { code, stderr } = await home.run("setup", "vercel");
    expect([code, stderr]).toEqual([64, expect.stringContaining("see: chartctl setup vercel --help")]);
  });

  it("needs no home, and --version no more than the package", async () => {
    expect(await help("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

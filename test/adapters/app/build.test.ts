/** What a folder becomes, and what is refused: each refusal names the file and what to do. */
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBuildApp } from "../../../src/adapters/app/build.ts";
import { typeOf } from "../../../src/adapters/app/site.ts";
import { codeKey } from "../../../src/contract/app-manifest.ts";
import type { TestApp } from "../../support/app.ts";
import { handlerOf, newApp } from "../../support/app.ts";

let app: TestApp;
beforeEach(() => {
  app = newApp();
});
afterEach(() => app.remove());

const buildApp = createBuildApp(() => app.folder);
const build = () => buildApp({ folder: app.folder });
const manifestOf = async () => JSON.parse(Buffer.from(unzipSync(await (await build()).code.read())["manifest.json"] ?? []).toString());
const refusal = async () => {
  try {
    await build();
  } catch (error) {
    return error as { code: string; message: string; hint: string; kind: string };
  }
  throw new Error("it was not refused");
};

describe("a build", () => {
  it("gives the same bytes for the same folder, whenever its files were written", async () => {
    const first = await build();
    utimesSync(join(app.folder, "site/index.html"), new Date(0), new Date(0));
    const second = await build();
    expect(second.build).toBe(first.build);
    expect(Buffer.from(await second.code.read()).equals(Buffer.from(await first.code.read()))).toBe(true);
    expect(second.files.map(({ key }) => key)).toEqual(first.files.map(({ key }) => key));
  });

  it("gives other bytes, another build and other keys for a changed file, and leaves the others' alone", async () => {
    const first = await build();
    app.write("site/assets/app.js", "changed");
    const second = await build();
    expect(second.build).not.toBe(first.build);
    expect(second.codeSha256).not.toBe(first.codeSha256);
    const before = new Set(first.files.map(({ key }) => key));
    expect(second.files.filter(({ key }) => !before.has(key))).toHaveLength(1);
  });

  it("names objects and code by their content", async () => {
    const built = await build();
    const zip = await built.code.read();
    expect(built.codeSha256).toBe(createHash("sha256").update(zip).digest("base64"));
    expect(built.code.key).toBe(codeKey(built.codeSha256));
    expect(Object.keys(unzipSync(zip)).sort()).toEqual(["api.mjs", "chartctl-app.mjs", "index.mjs", "manifest.json"]);
  });

  it("puts pages last, so that what they load is there before them", async () => {
    app.write("site/a.html", "<p>a</p>");
    const types = (await build()).files.map(({ type }) => type.startsWith("text/html"));
    expect(types).toEqual([...types].sort());
    expect(types.at(-1)).toBe(true);
  });

  it("compresses text that gets smaller, and nothing else", async () => {
    app.write("site/long.css", "a { color: red }\n".repeat(500));
    app.write("site/photo.jpg", new Uint8Array(5_000));
    const { files } = await manifestOf();
    expect(files["long.css"]).toMatchObject({ gzip: true, type: "text/css; charset=utf-8" });
    const css = (await build()).files.find(({ type }) => type.startsWith("text/css"));
    expect((await css?.read())?.byteLength).toBeLessThan(500);
    expect(files["photo.jpg"]).toMatchObject({ gzip: false, size: 5_000, type: "image/jpeg" });
    expect(files["assets/app.js"].gzip).toBe(false); // too short to gain
  });

  it("lets what carries a hash in its name be kept, and everything else be asked for again", async () => {
    app.write("site/assets/main-4f9a2c81.js", "1");
    app.write("site/assets/main-elephants.js", "2");
    const { files } = await manifestOf();
    expect(files["assets/main-4f9a2c81.js"].cache).toContain("immutable");
    for (const path of ["index.html", "assets/app.js", "assets/main-elephants.js"]) expect(files[path].cache).toContain("must-revalidate");
  });

  it("uploads the same content once", async () => {
    app.write("site/copy one.txt", "same");
    app.write("site/copy two.txt", "same");
    expect((await build()).files.filter(({ key }) => key.endsWith(".txt"))).toHaveLength(1);
    expect(Object.keys((await manifestOf()).files)).toEqual(expect.arrayContaining(["copy one.txt", "copy two.txt"]));
  });

  it("leaves out what systems and editors leave behind", async () => {
    app.write("site/.DS_Store", "x");
    app.write("site/.well-known/security.txt", "Contact: x");
    expect(Object.keys((await manifestOf()).files)).toEqual(expect.not.arrayContaining([".DS_Store"]));
    expect(Object.keys((await manifestOf()).files)).toContain(".well-known/security.txt");
  });

  it("works with a site alone, an API alone, and without a chartctl.json", async () => {
    app.write("chartctl.json", JSON.stringify({ app: { site: "site" } }));
    expect(await build()).toMatchObject({ health: "/api/health" });
    app.write("chartctl.json", JSON.stringify({ app: { api: "api/index.ts", health: "/api/alive" } }));
    expect(await build()).toMatchObject({ health: "/api/alive" });
    app.write("chartctl.json", "{}");
    expect((await build()).files).toHaveLength(4);
  });

  it("takes thousands of files, one by one", async () => {
    for (let at = 0; at < 5_000; at++) app.write(`site/many/${at % 50}/${at}.json`, `{"at":${at}}`);
    const built = await build();
    expect(built.files).toHaveLength(5_004);
    expect(Buffer.from(await (await build()).code.read()).equals(Buffer.from(await built.code.read()))).toBe(true);
  });

  it("sees a file that changes before it is uploaded", async () => {
    const built = await build();
    app.write("site/assets/app.js", "changed meanwhile");
    const reads = await Promise.allSettled(built.files.map(({ read }) => read()));
    expect(reads.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "app.changed", kind: "conflict" } }]);
  });

  it("takes any name that a URL can carry, and gives it back as it was", async () => {
    const names = ["ä b.txt", "100%.txt", "a#b?c.txt", "日本.csv", "emoji 🎉.json", `${"n".repeat(200)}.txt`, "e\u0301.txt"];
    for (const name of names) app.write(`site/odd/${name}`, name);
    const paths = Object.keys((await manifestOf()).files);
    for (const name of names) expect(paths).toContain(`odd/${name}`.normalize("NFC"));
  });
});

describe("refused", () => {
  it.each<[string, () => void, string, RegExp]>([
    ["a link to a file", () => symlinkSync("/etc/passwd", join(app.folder, "site/passwd")), "app.symlink", /passwd/],
    ["a link to a folder", () => symlinkSync("/etc", join(app.folder, "site/etc")), "app.symlink", /etc/],
    ["a site outside", () => app.write("chartctl.json", '{"app":{"site":"../other"}}'), "app.outside", /\.\.\/other/],
    ["an API outside", () => app.write("chartctl.json", '{"app":{"api":"/etc/passwd"}}'), "app.outside", /passwd/],
    ["an import from outside", () => app.write("api/index.ts", `import "../../${"x".repeat(3)}.ts"; ${handlerOf("x")}`), "app.build", /xxx/],
    ["a handler that isn't there", () => app.write("chartctl.json", '{"app":{"api":"api/none.ts"}}'), "app.no-handler", /none/],
    ["a module without a handler", () => app.write("api/index.ts", "export const other = 1;"), "app.no-handler", /exports no handler/],
    ["a handler that can't be built", () => app.write("api/index.ts", "export const handler = ;"), "app.build", /api\/index\.ts:1/],
    ["a missing package", () => app.write("api/index.ts", 'import x from "left-pad"; export const handler = x;'), "app.build", /left-pad/],
    ["an unknown setting", () => app.write("chartctl.json", '{"app":{"sites":"x"}}'), "app.config", /sites/],
    ["a health path without a slash", () => app.write("chartctl.json", '{"app":{"health":"alive"}}'), "app.config", /health/],
    ["an environment file", () => app.write("site/.env", "A=1"), "app.secret", /\.env/],
    ["a private key", () => app.write("site/x.txt", "-----BEGIN RSA PRIVATE KEY-----\nabc"), "app.secret", /x\.txt.*private key/],
    ["an AWS key", () => app.write("site/x.js", `const key = "AKIA${"ABCDEFGHIJKLMNOP"}"`), "app.secret", /AWS access key/],
    ["a token in the handler", () => app.write("api/index.ts", handlerOf(`ghp_${"a1".repeat(18)}`)), "app.secret", /GitHub token/],
    ["a control character", () => app.write("site/a\nb.txt", "x"), "app.name", /control character/],
    ["a backslash", () => app.write("site/a\\b.txt", "x"), "app.name", /backslash/],
    ["a path of 1,000 characters", () => app.write(`site/${`${"d".repeat(199)}/`.repeat(5)}f.txt`, "x"), "app.name", /longer than 900 bytes/],
    ["a huge file", () => app.write("site/huge.bin", new Uint8Array(50_000_001)), "app.too-large", /huge\.bin has 50\.0 MB/],
  ])("%s", async (_, spoil, code, message) => {
    spoil();
    const error = await refusal();
    expect(error).toMatchObject({ kind: "usage", code, hint: expect.stringMatching(/\w/) });
    expect(error.message).toMatch(message);
  });

  it.each(["{", "null", "[]", "5"])("a chartctl.json that is %s", async (text) => {
    app.write("chartctl.json", text);
    expect(await refusal()).toMatchObject({ code: "config.corrupt", message: expect.stringContaining("chartctl.json can't be read") });
  });

  it("an empty folder, no folder, an empty site", async () => {
    await expect(buildApp({ folder: join(app.folder, "none") })).rejects.toMatchObject({ code: "app.no-folder" });
    mkdirSync(join(app.folder, "empty"));
    await expect(buildApp({ folder: join(app.folder, "empty") })).rejects.toMatchObject({ code: "app.empty", hint: expect.stringContaining("chartctl init") });
    mkdirSync(join(app.folder, "empty/site"));
    await expect(buildApp({ folder: join(app.folder, "empty") })).rejects.toMatchObject({ code: "app.empty" });
  });

  it("two names that become one", async () => {
    app.write("site/e\u0301.txt", "1");
    app.write("site/\u00e9.txt", "2");
    expect(await refusal()).toMatchObject({ code: "app.name", message: expect.stringContaining("same name") });
  });

  it("an import of a file outside that is there", async () => {
    writeFileSync(`${app.folder}-outside.ts`, "export const secret = 1;");
    app.write("api/index.ts", `import { secret } from "../../${app.folder.split("/").at(-1)}-outside.ts"; export const handler = () => secret;`);
    expect(await refusal()).toMatchObject({ code: "app.outside", message: expect.stringContaining("-outside.ts") });
  });

  it("a handler that is a link", async () => {
    writeFileSync(`${app.folder}-linked.ts`, handlerOf("x"));
    symlinkSync(`${app.folder}-linked.ts`, join(app.folder, "api/linked.ts"));
    app.write("chartctl.json", '{"app":{"api":"api/linked.ts"}}');
    expect(await refusal()).toMatchObject({ code: "app.symlink" });
  });

  it("not what is meant to be there", async () => {
    app.write("chartctl.json", JSON.stringify({ app: { site: "site", allow: ["site/demo.pem"] } }));
    app.write("site/demo.pem", "-----BEGIN PRIVATE KEY-----");
    await expect(build()).resolves.toBeDefined();
  });
});

it("says what a file is by its name, with its encoding where it is text", () => {
  expect(typeOf("a.svg")).toBe("image/svg+xml; charset=utf-8");
  expect(typeOf("a.woff2")).toBe("font/woff2");
  expect(typeOf("a.unknown-thing")).toBe("application/octet-stream");
  for (const name of ["__proto__", "constructor", "a.toString"]) expect(typeOf(name)).toBe("application/octet-stream");
  fc.assert(fc.property(fc.string(), (name) => /^[\w.+-]+\/[\w.+-]+(; charset=utf-8)?$/.test(typeOf(name))));
});

/**
 * What packages bring along and nothing here uses: an editor prompt's character tables, error texts in forty languages, a check of
 * settings by JSON schema. And one thing that is in the way: `when-exit` raises each signal again, so that Ctrl-C once would be twice.
 */
const unused = [
  { path: /^@inquirer\/external-editor$/, contents: `export const editAsync = () => { throw new Error("no editor prompt is bundled"); };` },
  { path: /^\.\.\/locales\/index\.js$/, importer: /\/zod\/v4\//, contents: "export {};" },
  { path: /^ajv\/dist\/2020\.js$/, importer: /\/conf\//, contents: "export class Ajv2020 {}" },
  { path: /^archiver$/, importer: /\/cdktf\//, contents: `module.exports = () => { throw new Error("no archive of a folder is bundled"); };` },
  { path: /^ajv-formats$/, importer: /\/conf\//, contents: "export default {};" },
  { path: /^when-exit$/, importer: /\/atomically\//, contents: `export default (clean) => void process.once("exit", clean);` },
];

/** An esbuild plugin; each of them becomes a module of one line. */
export const leftOut = {
  name: "left-out",
  setup(build) {
    unused.forEach(({ path, importer, contents }, at) => {
      build.onResolve({ filter: path }, (asked) =>
        importer && !importer.test(asked.importer.replaceAll("\\", "/")) ? undefined : { path: String(at), namespace: "left-out" },
      );
      build.onLoad({ filter: new RegExp(`^${at}$`), namespace: "left-out" }, () => ({ contents }));
    });
  },
};

/** Who may import whom (ARCHITECTURE.md). A folder not named in a rule may be imported by whoever the rules below allow. */
const only = (from, allowed, why) => ({
  name: `${from.replace(/[^a-z]+/g, "-")}-imports`,
  comment: why,
  severity: "error",
  from: { path: from },
  to: { path: "^src/", pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
    only("^src/contract/", [], "the contract stands alone"),
    only("^src/core/", ["^src/contract/", "^src/errors\\.ts$"], "use cases know no SDK, terminal or file system"),
    only("^src/blueprints/", ["^src/contract/", "^src/core/", "^src/errors\\.ts$"], "blueprints are data for Terraform"),
    only("^src/ui/", ["^src/contract/", "^src/core/", "^src/errors\\.ts$"], "views turn results into text"),
    only("^src/commands/", ["^src/core/", "^src/ui/", "^src/contract/", "^src/errors\\.ts$"], "commands reach the outside only through Cli"),
    only(
      "^src/adapters/",
      ["^src/core/", "^src/contract/", "^src/blueprints/", "^src/app-runtime/", "^src/(errors|private-folder)\\.ts$"],
      "an adapter speaks to one outside system",
    ),
    only("^src/app-runtime/", ["^src/contract/app-manifest\\.ts$"], "what runs in a deployed function carries nothing of the command line"),
    only("^src/control/", ["^src/core/", "^src/contract/", "^src/(errors|private-folder)\\.ts$"], "server and command line meet only in core and contract"),
    { name: "errors-stand-alone", severity: "error", from: { path: "^src/errors\\.ts$" }, to: { path: "^src/" } },
    { name: "cdktf-only-in-blueprints", severity: "error", from: { pathNot: "^src/blueprints/" }, to: { path: "node_modules/(cdktf|constructs|@cdktf)/" } },
    {
      name: "sdk-only-in-aws",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(adapters/(aws/|doctor\\.ts)|app-runtime/lambda-app\\.ts)" },
      to: { path: "node_modules/@(aws-sdk|smithy)/" },
    },
    { name: "core-is-pure", severity: "error", from: { path: "^src/(core|contract|ui)/" }, to: { dependencyTypes: ["core"] } },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\?(raw|bundled)$" },
  },
};

/** Results as a JUnit file, which CI servers show as tests. */

interface Case {
  name: string;
  milliseconds: number;
  failure?: string | undefined;
  skipped?: string | undefined;
}

export function junit(suite: string, cases: readonly Case[]): string {
  const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(3);
  const total = cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const count = (of: "failure" | "skipped"): number => cases.filter((one) => one[of] !== undefined).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    xml`<testsuites><testsuite name="${suite}" tests="${String(cases.length)}" failures="${String(count("failure"))}" skipped="${String(count("skipped"))}" errors="0" time="${seconds(total)}">`,
    ...cases.map(({ name, milliseconds, failure, skipped }) => {
      const head = xml`<testcase classname="${suite}" name="${name}" time="${seconds(milliseconds)}"`;
      if (failure !== undefined) return head + xml`><failure message="${failure}">${failure}</failure></testcase>`;
      return skipped === undefined ? `${head}/>` : head + xml`><skipped message="${skipped}"/></testcase>`;
    }),
    "</testsuite></testsuites>",
    "",
  ].join("\n");
}

/** What XML 1.0 has no character for is left out. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is meant
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[<>&"'\n\t\r]/g, (character) => `&#${character.charCodeAt(0)};`);

const xml = (strings: TemplateStringsArray, ...values: string[]): string => String.raw({ raw: strings }, ...values.map(escaped));

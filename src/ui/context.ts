/** Commands in a text, as they must be typed to stay in the context of this call. */

/** Topics that are the same in every context. */
const elsewhere = /^(sandbox|config|completion|help|init|preview)\b/;

/** `chartctl projects` → `chartctl --sandbox projects`, when this call was given `--sandbox` or `--context NAME`. */
export function inContext(text: string, args: readonly string[]): string {
  const end = args.indexOf("--");
  const given = end < 0 ? args : args.slice(0, end);
  const at = given.indexOf("--context");
  const flag = given.includes("--sandbox") ? "--sandbox" : at >= 0 && given[at + 1] ? `--context ${given[at + 1]}` : undefined;
  if (!flag) return text;
  return text.replaceAll(/\bchartctl (?=[a-z-])(\S+)/g, (command, word: string) =>
    elsewhere.test(word) || word === "--sandbox" || word === "--context" ? command : `chartctl ${flag} ${word}`,
  );
}

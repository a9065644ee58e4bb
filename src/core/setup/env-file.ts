/** Environment files as Docker Compose and systemd both read them: `NAME=VALUE`, no quotes, no expansion needed. */
import { ChartctlError } from "../../errors.ts";

/** By hand it may be written more loosely than here: what is there counts as set, or a secret would be made anew. */
const assignment = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(.*)$/;

/** The variables that are set; later lines win. */
export const readEnv = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value = ""] = assignment.exec(line) ?? [];
      return name ? [[name, value]] : [];
    }),
  );

/**
 * Every other line stays as it is, comments too; a variable that isn't there comes at the end. Error `env-file.value` (usage) for
 * a value that would be more than one variable, or be read as something else.
 */
export function withEnv(text: string, changes: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(changes)) refuseUnclear(name, value);
  const left = new Map(Object.entries(changes));
  const lines = text.split("\n").map((line) => {
    const name = assignment.exec(line)?.[1];
    const value = name === undefined ? undefined : left.get(name);
    if (name === undefined || value === undefined) return line;
    left.delete(name);
    return `${name}=${value}`;
  });
  const whole = lines.join("\n");
  const added = [...left].map(([name, value]) => `${name}=${value}\n`).join("");
  return added === "" ? whole : `${whole}${whole === "" || whole.endsWith("\n") ? "" : "\n"}${added}`;
}

/** Compose expands `$` and ends a value at ` #`; systemd and Compose take quotes and backslashes away. */
function refuseUnclear(name: string, value: string): void {
  if (!/[\p{Cc}$"'`\\]|\s#|^#|^\s|\s$/u.test(value)) return;
  throw new ChartctlError({
    kind: "usage",
    code: "env-file.value",
    message: `The value of ${name} can't stand in an environment file: it has a line break, a quote, $, a backslash, or a space at an end or before #`,
    hint: "choose another one, or leave it out, and give it to the processes by other means",
  });
}

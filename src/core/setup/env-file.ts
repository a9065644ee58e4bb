/** Environment files as Docker Compose and systemd both read them: `NAME=VALUE`, no quotes, no expansion needed. */

/** The variables that are set; later lines win. */
export const readEnv = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name ? [[name, value]] : [];
    }),
  );

/** Every other line stays as it is, comments too; a variable that isn't there comes at the end. */
export function withEnv(text: string, changes: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(changes));
  const lines = text.split("\n").map((line) => {
    const name = /^(\w+)=/.exec(line)?.[1];
    const value = name === undefined ? undefined : left.get(name);
    if (name === undefined || value === undefined) return line;
    left.delete(name);
    return `${name}=${value}`;
  });
  const whole = lines.join("\n");
  const added = [...left].map(([name, value]) => `${name}=${value}\n`).join("");
  return added === "" ? whole : `${whole}${whole === "" || whole.endsWith("\n") ? "" : "\n"}${added}`;
}

/** A command as it is typed again, with the same wishes. */

/** As one word of a POSIX shell. */
export const shellWord = (text: string): string => (/^[\w./:=,@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

type Flag = string | boolean | readonly string[] | undefined;

/** Flags by the names that the command line gives them: `publicUrl` is `--public-url`. Those that were not given are left out. */
export function typedCommand(words: readonly string[], flags: Readonly<Record<string, Flag>> = {}): string {
  const given = Object.entries(flags).flatMap(([name, value]) => {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    if (value === true) return [flag];
    return [value].flat().map((one) => `${flag} ${shellWord(one)}`);
  });
  return [...words.map(shellWord), ...given].join(" ");
}

/** The one place that knows about terminals, colour and CI. */

export interface Terminal {
  /** May a person be asked? A terminal on both ends, no CI, no --no-input, no --json. */
  canPrompt: boolean;
  /** Does a person read stdout? */
  reader: boolean;
  /** May lines be redrawn on stderr? */
  live: boolean;
  color: boolean;
  /** May be drawn with characters beyond ASCII? */
  unicode: boolean;
  width: number;
}

export interface TerminalFacts {
  stdinIsTerminal: boolean;
  stdoutIsTerminal: boolean;
  stderrIsTerminal: boolean;
  columns: number | undefined;
  env: NodeJS.ProcessEnv;
  noColor: boolean;
  noInput: boolean;
  json: boolean;
}

/**
 * The first of these that is set names the character set (POSIX, "Environment Variables"). None says nothing: containers have none,
 * and terminals that show UTF-8.
 */
const localeOf = ({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): string | undefined => [LC_ALL, LC_CTYPE, LANG].find(Boolean);

/** NO_COLOR (no-color.org) over FORCE_COLOR over what the terminal is. */
export function terminalOf(facts: TerminalFacts): Terminal {
  const { env } = facts;
  const columns = facts.columns || undefined; // 0: a terminal that nobody gave a size; a spinner would redraw for ever
  const dumb = env.TERM === "dumb";
  const ci = env.CI !== undefined && env.CI !== "" && env.CI !== "false";
  const refused = facts.noColor || (env.NO_COLOR !== undefined && env.NO_COLOR !== "");
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0";
  return {
    canPrompt: facts.stdinIsTerminal && facts.stdoutIsTerminal && facts.stderrIsTerminal && !ci && !facts.noInput && !facts.json,
    reader: facts.stdoutIsTerminal,
    live: facts.stderrIsTerminal && !dumb && !ci && columns !== undefined,
    color: !refused && (forced || (facts.stderrIsTerminal && facts.stdoutIsTerminal && !dumb)),
    unicode: !dumb && /^$|utf-?8/i.test(localeOf(env) ?? ""),
    width: Math.max(20, columns ?? 80),
  };
}

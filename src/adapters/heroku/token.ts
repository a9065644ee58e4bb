/** The operator's Heroku token, where Heroku's own command line keeps it. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ChartctlError } from "../../errors.ts";

/** A kept token is its own host's: `apiHost` is where it will be sent. Error `heroku.token` (usage). */
export function herokuToken(env: NodeJS.ProcessEnv, apiHost = "api.heroku.com"): string {
  const token = env.HEROKU_API_KEY || fromNetrc(join(env.HOME ?? homedir(), process.platform === "win32" ? "_netrc" : ".netrc"), apiHost);
  if (token) return token;
  throw new ChartctlError({
    kind: "usage",
    code: "heroku.token",
    message: `No Heroku token: HEROKU_API_KEY is not set, and heroku login has left none for ${apiHost} in ~/.netrc`,
    hint: "sign in: heroku login; or, without a terminal, make a token: heroku authorizations:create, and set HEROKU_API_KEY",
  });
}

/** Words after words, as netrc(5) has them: `machine NAME login USER password TOKEN`. */
function fromNetrc(file: string, apiHost: string): string | undefined {
  let words: string[];
  try {
    words = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => !line.trimStart().startsWith("#"))
      .join(" ")
      .split(/\s+/);
  } catch {
    return undefined; // there is none
  }
  const at = words.findIndex((word, index) => word === "machine" && words[index + 1] === apiHost);
  if (at < 0) return undefined;
  const next = words.findIndex((word, index) => index > at && (word === "machine" || word === "default"));
  const entry = words.slice(at, next < 0 ? undefined : next);
  const password = entry.indexOf("password");
  return password < 0 ? undefined : entry[password + 1];
}

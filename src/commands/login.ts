/** `chartctl login`: signs in to a hosted control API, and keeps a token for this machine. */
import type { Command } from "commander";
import { Option } from "commander";
import { passwordSchema } from "../contract/access-endpoints.ts";
import type { Proof, SignedIn } from "../core/sign-in.ts";
import { parseInvitation, signIn } from "../core/sign-in.ts";
import { ChartctlError } from "../errors.ts";
import { identityText } from "../ui/account.ts";
import { minuteText } from "../ui/time.ts";
import type { Cli, Settings } from "./cli.ts";

interface Flags {
  passwordStdin?: boolean;
  tokenStdin?: boolean;
  invitation?: string;
  workload?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .addOption(new Option("--password-stdin", "read the password from stdin").conflicts(["tokenStdin", "workload"]))
    .addOption(new Option("--token-stdin", "keep an API token that comes on stdin").conflicts(["invitation", "workload"]))
    .addOption(new Option("--invitation <link>", "set the first password, or a new one, with a one-time link").conflicts(["workload"]))
    .option("--workload", "as a pipeline that an admin trusts (GitHub Actions, GitLab), without a secret")
    .addHelpText(
      "after",
      "\nThe token is kept in the system's keyring, or else in a file for its owner alone\n(CHARTCTL_KEYRING=0: always the file). CHARTCTL_TOKEN wins over it. URL and tenant\nare saved in a context of the API's name, or of --context.\n",
    )
    .action(async (flags: Flags) => login(cli, flags));
}

async function login(cli: Cli, flags: Flags): Promise<void> {
  const settings = await cli.given({ newContext: true });
  if (settings.sandbox) throw builtIn();
  const invitation = flags.invitation === undefined ? undefined : parseInvitation(flags.invitation);
  const url = await apiUrl(cli, settings, invitation?.url);
  const context = await contextFor(cli, url);
  const proof = await proofOf(cli, settings, flags, { url, secret: invitation?.secret });
  const done = await signIn(await cli.connect.signIn(), url, proof);
  const values = { apiUrl: url, tenant: done.me.tenantId };
  await (await cli.connect.contexts()).write(({ contexts }) => ({
    current: context,
    contexts: { ...contexts, [context]: { ...contexts[context], ...values } },
  }));
  if ((await cli.connect.token(url))?.place === "CHARTCTL_TOKEN") cli.io.warn("CHARTCTL_TOKEN is set, and wins over the token that is kept now");
  cli.io.result("Login", { me: done.me, apiUrl: url, context, tokenIn: done.place, expiresAt: done.expiresAt }, () => textOf(done, url, context));
}

/** What is typed now wins over the link, and the link over what was saved. */
async function apiUrl({ io }: Cli, { apiUrl: saved, origins }: Settings, inLink: string | undefined): Promise<string> {
  const known = origins.apiUrl === "flag" ? saved : (inLink ?? saved);
  const url = known ?? (await io.ask({ what: "URL of a control API", flag: "--api-url URL", message: "URL of the control API:", wrong: wrongUrl }));
  const wrong = wrongUrl(url);
  if (wrong)
    throw new ChartctlError({
      kind: "usage",
      code: "api-url.invalid",
      message: `${JSON.stringify(url)}: ${wrong}`,
      hint: "such as: --api-url https://chartctl.example.org",
    });
  const { protocol, hostname } = new URL(url);
  if (protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname))
    io.warn(`${url} isn't reached by HTTPS: the password and the token can be read on the way`);
  return url.replace(/\/+$/, "");
}

const wrongUrl = (text: string): string | undefined =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? undefined : "this is no URL of http or https";

async function proofOf(cli: Cli, settings: Settings, flags: Flags, { url, secret }: { url: string; secret: string | undefined }): Promise<Proof> {
  const { io } = cli;
  if (flags.tokenStdin) return { by: "token", token: await fromStdin(cli, "--token-stdin") };
  const tenant = async (): Promise<string> => settings.tenant ?? (await io.ask({ what: "tenant", flag: "--tenant ID", message: "Tenant:" }));
  if (flags.workload) return { by: "workload", tenant: await tenant() };
  const piped = flags.passwordStdin ? await fromStdin(cli, "--password-stdin") : undefined;
  if (secret !== undefined) return { by: "invitation", secret, password: piped ?? (await newPassword(cli, url)) };
  const named = settings.origins.user === "default" ? undefined : settings.user;
  return {
    by: "password",
    tenant: await tenant(),
    user: named ?? (await io.ask({ what: "user", flag: "--user ID", message: "User:", otherwise: settings.user })),
    password: piped ?? (await io.ask({ what: "password", flag: "--password-stdin", message: `Password at ${url}:`, secret: true })),
  };
}

/** Typed twice: nobody sees it. */
async function newPassword({ io }: Cli, url: string): Promise<string> {
  const wrong = (value: string): string | undefined => {
    const [issue] = passwordSchema.safeParse(value).error?.issues ?? [];
    return issue && `The password ${issue.message}.`;
  };
  const password = await io.ask({ what: "password", flag: "--password-stdin", message: `New password at ${url}:`, secret: true, wrong });
  const again = (value: string): string | undefined => (value === password ? undefined : "The two differ.");
  return await io.ask({ what: "password", flag: "--password-stdin", message: "Once more:", secret: true, wrong: again });
}

async function fromStdin({ io }: Cli, flag: string): Promise<string> {
  const text = (await io.piped())?.replace(/\r?\n$/, "");
  if (text) return text;
  throw new ChartctlError({
    kind: "usage",
    code: "input.missing",
    message: text === undefined ? `${flag} reads what is piped in, and there is a terminal` : `Nothing came on stdin for ${flag}`,
    hint: `such as: chartctl login ${flag} < FILE`,
  });
}

/** The context that is named, or the current one when it is for this API, or one of the API's name. */
async function contextFor(cli: Cli, url: string): Promise<string> {
  const { current, contexts } = (await cli.connect.contexts()).read();
  const here = current !== undefined && contexts[current]?.apiUrl?.replace(/\/+$/, "") === url ? current : undefined;
  const name = cli.contextAsked().context ?? here ?? new URL(url).host;
  if (name === "sandbox") throw builtIn();
  return name;
}

const builtIn = (): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "context.built-in",
    message: "The sandbox context is built in, and nobody signs in to it",
    hint: "name another one: --context NAME",
  });

const textOf = ({ me, place, expiresAt }: SignedIn, url: string, context: string): string =>
  [
    `You are ${identityText(me)} at ${url}.`,
    `The token is kept in ${place}${expiresAt === null ? "" : `, until ${minuteText(expiresAt)}`}. The context ${context} is current.`,
  ].join("\n");

/** Signing in to a hosted control API: from a password, an invitation, a token or a pipeline's proof to a token that is kept. */
import type { Me, Session } from "../contract/access-endpoints.ts";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { ChartctlError, messageOf } from "../errors.ts";

export interface KeptToken {
  token: string;
  /** `login` made it for this machine alone; `given` may be used elsewhere, too; `workload` ends by itself. */
  from: "login" | "given" | "workload";
  expiresAt: string | null;
}

export interface TokenStore {
  /** With the place it was found in, in words. */
  kept(url: string): Promise<(KeptToken & { place: string }) | undefined>;
  /** Where it is now, in words. */
  keep(url: string, token: KeptToken): Promise<string>;
  forget(url: string): Promise<void>;
}

export interface SignInPorts {
  /** The API at a URL, as whoever has the token; without one, nobody. */
  apiAt(url: string, token?: string): CallApi;
  tokens: TokenStore;
  /** The name of this machine, for the list of tokens. */
  machine: string;
  /** A token that the pipeline's own platform signed for this audience. */
  workloadToken(audience: string): Promise<string>;
}

export type Proof =
  | { by: "password"; tenant: string; user: string; password: string }
  | { by: "invitation"; secret: string; password: string }
  | { by: "token"; token: string }
  | { by: "workload"; tenant: string };

export interface SignedIn {
  me: Me;
  /** In words. */
  place: string;
  expiresAt: string | null;
}

const loginDays = 30;

/**
 * Nothing is kept before the API has taken the proof; then the token of an earlier login on this machine is revoked,
 * because nobody can use it any more. Errors: the API's; `token.invalid` (usage).
 */
export async function signIn(ports: SignInPorts, url: string, proof: Proof): Promise<SignedIn> {
  const { me, ...token } = await proven(ports, url, proof);
  const earlier = await ports.tokens.kept(url);
  const place = await ports.tokens.keep(url, token);
  if (earlier?.from === "login" && earlier.token !== token.token) await revoke(ports, url, earlier.token).catch(() => {}); // it ends in 30 days at the latest
  return { me, place, expiresAt: token.expiresAt };
}

async function proven(ports: SignInPorts, url: string, proof: Proof): Promise<KeptToken & { me: Me }> {
  const stranger = ports.apiAt(url);
  switch (proof.by) {
    case "password": {
      const { tenant, user, password } = proof;
      return await loginToken(ports, url, await stranger(endpoints.login, { body: { tenant, user, password } }));
    }
    case "invitation":
      return await loginToken(ports, url, await stranger(endpoints.acceptInvitation, { body: { invitation: proof.secret, password: proof.password } }));
    case "token": {
      if (tokenId(proof.token) === undefined)
        throw new ChartctlError({
          kind: "usage",
          code: "token.invalid",
          message: "What was given is no API token",
          hint: "it begins with cct_; make one: chartctl tokens create",
        });
      return { me: await ports.apiAt(url, proof.token)(endpoints.me, {}), token: proof.token, from: "given", expiresAt: null };
    }
    case "workload": {
      const token = await ports.workloadToken(url.replace(/\/+$/, ""));
      const session = await stranger(endpoints.signInWorkload, { body: { tenant: proof.tenant, token } });
      return { me: session.user, token: session.token, from: "workload", expiresAt: session.expiresAt };
    }
  }
}

/** A session ends within the day; a token with the user's own role lasts, and can be revoked by itself. */
async function loginToken(ports: SignInPorts, url: string, session: Session): Promise<KeptToken & { me: Me }> {
  const { token, expiresAt } = await ports.apiAt(url, session.token)(endpoints.createToken, {
    body: { name: `chartctl login on ${ports.machine}`.slice(0, 100), role: session.user.role, expiresInDays: loginDays },
  });
  return { me: { ...session.user, via: "token" }, token, from: "login", expiresAt };
}

/** The id stands in the token itself: `cct_ID_SECRET`. */
const tokenId = (token: string): string | undefined => /^cct_([0-9a-f]{16})_[\w-]+$/.exec(token)?.[1];

async function revoke({ apiAt }: SignInPorts, url: string, token: string): Promise<void> {
  const id = tokenId(token);
  if (id !== undefined) await apiAt(url, token)(endpoints.revokeToken, { params: { tokenId: id } });
}

export interface SignedOut {
  /** `none`: nothing was kept. `unproven`: forgotten here, and not revoked, because of `why`. `ends`: it has no id to revoke. */
  outcome: "revoked" | "unproven" | "ends" | "none";
  why?: string;
  expiresAt: string | null;
}

/** Forgets the token whatever the API says, and tells what it said. */
export async function signOut(ports: SignInPorts, url: string): Promise<SignedOut> {
  const kept = await ports.tokens.kept(url);
  if (!kept) return { outcome: "none", expiresAt: null };
  const { expiresAt } = kept;
  const failure = await revoke(ports, url, kept.token).then(
    () => undefined,
    (error: unknown) => error,
  );
  await ports.tokens.forget(url);
  if (tokenId(kept.token) === undefined) return { outcome: "ends", expiresAt };
  // What doesn't count any more needs no revoking.
  if (failure === undefined || isOver(failure)) return { outcome: "revoked", expiresAt };
  return { outcome: "unproven", why: messageOf(failure), expiresAt };
}

const isOver = (error: unknown): boolean =>
  error instanceof ChartctlError && ["auth.revoked", "auth.expired", "auth.invalid", "auth.disabled"].includes(error.code);

/** `PUBLIC_URL/invitation#SECRET`, or the secret alone. */
export function parseInvitation(text: string): { url: string | undefined; secret: string } {
  const [, url, secret] = /^(https?:\/\/.+)\/invitation#([\w-]+)$/.exec(text) ?? [];
  if (secret !== undefined) return { url, secret };
  if (/^[\w-]{20,200}$/.test(text)) return { url: undefined, secret: text };
  throw new ChartctlError({
    kind: "usage",
    code: "invitation.invalid",
    message: "What was given is no invitation",
    hint: "quote the whole link: chartctl login --invitation 'https://…/invitation#…'",
  });
}

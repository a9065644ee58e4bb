/** Signing in and out. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { accessEndpoints } from "../../contract/access-endpoints.ts";
import type { ChartctlError } from "../../errors.ts";
import { requestIdOf } from "../bind.ts";
import { answer, toldOf } from "./answer.ts";
import { checked } from "./checked.ts";
import { forgetSession, keepSession, whoAsks } from "./cookie.ts";
import type { Html } from "./html.ts";
import { layout } from "./layout.ts";
import { told } from "./message.ts";
import { ownPathOr } from "./next.ts";
import { fieldsOf, ownForm, smallForm } from "./own-form.ts";
import { paged } from "./paged.ts";
import type { PagePorts } from "./ports.ts";

export const signInPath = "/sign-in";
/** The tenant of the platform's own people. */
const usualTenant = "platform";

export function addSignIn(app: Hono, ports: PagePorts): void {
  app.get(signInPath, async (context) => {
    const { next, out } = context.req.query();
    return await answer(context, signInPage({ tenant: usualTenant, user: "", next: ownPathOr(next), signedOut: out !== undefined }, ports.version));
  });

  app.post(signInPath, ownForm(ports.secure), smallForm, async (context) => {
    const fields = await fieldsOf(context, ["tenant", "user", "password", "next"]);
    const asked = { tenant: fields.tenant.trim(), user: fields.user.trim(), password: fields.password };
    const next = ownPathOr(fields.next);
    try {
      const session = await ports.signIn(checked(accessEndpoints.login.body, asked), askingOf(context, ports));
      keepSession(context, ports, session);
      return context.redirect(next, 303);
    } catch (thrown) {
      const { error, status } = toldOf(context, thrown);
      return await answer(context, signInPage({ tenant: asked.tenant, user: asked.user, next, error }, ports.version), status);
    }
  });

  const signOut = async (context: Context): Promise<Response> => {
    const who = await whoAsks(context, ports);
    if (who) await ports.endSessions(who);
    forgetSession(context, ports);
    return context.redirect(`${signInPath}?out`, 303);
  };
  app.post("/sign-out", ownForm(ports.secure), smallForm, paged(ports, signOut));
}

export const askingOf = (context: Context, ports: PagePorts) => ({ requestId: requestIdOf(context), address: ports.addressOf(context.req.raw) });

interface Shown {
  tenant: string;
  user: string;
  next: string;
  signedOut?: boolean;
  error?: ChartctlError;
}

/** Whoever comes back here has filled in all but the password. */
const signInPage = ({ tenant, user, next, signedOut, error }: Shown, version: string): Html =>
  layout(
    { title: error ? "Error: sign in" : "Sign in", kind: "card", version },
    html`<main>
      <h1>Sign in</h1>
      ${error ? told(error) : null}
      ${signedOut ? html`<p role="status">You are signed out, here and wherever else you were signed in.</p>` : null}
      <form method="post" action="${signInPath}">
        <input type="hidden" name="next" value="${next}">
        <p class="field">
          <label for="tenant">Tenant</label>
          <input id="tenant" name="tenant" value="${tenant}" required autocomplete="organization" autocapitalize="none" spellcheck="false">
        </p>
        <p class="field">
          <label for="user">User</label>
          <input id="user" name="user" value="${user}" required autocomplete="username" autocapitalize="none" spellcheck="false" ${user ? null : html`autofocus`}>
        </p>
        <p class="field">
          <label for="password">Password</label>
          <input id="password" name="password" type="password" required autocomplete="current-password" ${user ? html`autofocus` : null}>
        </p>
        <button>Sign in</button>
      </form>
      <p class="quiet">No password yet, or forgotten? An admin of your tenant sends an invitation: <code>chartctl users invite ID</code></p>
    </main>`,
  );

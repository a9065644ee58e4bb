/** Setting a password with a one-time invitation, whose secret stands after `#`: no server on the way sees it. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { accessEndpoints } from "../../contract/access-endpoints.ts";
import type { ChartctlError } from "../../errors.ts";
import { answer, toldOf } from "./answer.ts";
import { assets } from "./assets.ts";
import { checked } from "./checked.ts";
import { keepSession, whoAsks } from "./cookie.ts";
import type { Html } from "./html.ts";
import { layout } from "./layout.ts";
import { passwordSetPage, told } from "./message.ts";
import { home } from "./next.ts";
import { fieldsOf, originOf, ownForm, smallForm } from "./own-form.ts";
import { paged } from "./paged.ts";
import type { PagePorts } from "./ports.ts";
import { askingOf, signInPath } from "./sign-in.ts";

const path = "/invitation";
const donePath = `${path}/done`;

export function addInvitation(app: Hono, ports: PagePorts): void {
  app.get(path, async (context) => await answer(context, invitationPage({ invitation: "" }, ports.version)));

  app.post(path, ownForm(ports.secure), smallForm, async (context) => {
    const { invitation, password } = await fieldsOf(context, ["invitation", "password"]);
    const asked = { invitation: secretOf(invitation), password };
    try {
      const session = await ports.acceptInvitation(checked(accessEndpoints.acceptInvitation.body, asked), askingOf(context, ports));
      keepSession(context, ports, session);
      return context.redirect(session.user.role === "global_owner" ? home : donePath, 303);
    } catch (thrown) {
      const { error, status } = toldOf(context, thrown);
      // A used or unknown one is no use in the field; after a short password it still is.
      const kept = error.kind === "usage" ? asked.invitation : "";
      return await answer(context, invitationPage({ invitation: kept, error }, ports.version), status);
    }
  });

  const done = async (context: Context): Promise<Response> => {
    const who = await whoAsks(context, ports);
    return who ? await answer(context, passwordSetPage(who, originOf(context, ports.secure), ports.version)) : context.redirect(signInPath, 303);
  };
  app.get(donePath, paged(ports, done));
}

/** People paste the whole link, too. */
const secretOf = (pasted: string): string => pasted.trim().replace(/^.*#/, "");

const invitationPage = ({ invitation, error }: { invitation: string; error?: ChartctlError }, version: string): Html =>
  layout(
    {
      title: error ? "Error: set your password" : "Set your password",
      kind: "card",
      head: html`<script type="module" src="${assets.invitation.path}"></script>`,
      version,
    },
    html`<main>
      <h1>Set your password</h1>
      ${error ? told(error) : null}
      <form method="post" action="${path}">
        <p class="field" id="paste">
          <label for="invitation">Invitation</label>
          <input id="invitation" name="invitation" value="${invitation}" required autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="invitation-help">
          <span class="quiet" id="invitation-help">The link that you were sent, or what stands in it after the #</span>
        </p>
        <p class="field">
          <label for="password">New password</label>
          <input id="password" name="password" type="password" required minlength="12" maxlength="256" autocomplete="new-password" aria-describedby="password-help">
          <span class="quiet" id="password-help">12 characters or more; a few words that have nothing to do with each other are good</span>
        </p>
        <button>Set password</button>
      </form>
      <p class="quiet">An invitation works once. For another one, ask an admin of your tenant: <code>chartctl users invite ID</code></p>
    </main>`,
  );

/** The pages of a hosted control API: the platform at a glance, and the way in and out. */
import type { Hono } from "hono";
import { addAssets } from "./assets.ts";
import { addCosts } from "./costs/route.ts";
import { addInvitation } from "./invitation.ts";
import { home } from "./next.ts";
import type { PagePorts } from "./ports.ts";
import { addSignIn } from "./sign-in.ts";
import { addStats } from "./stats/route.ts";

export function addPages(app: Hono, ports: PagePorts): void {
  app.get("/", (context) => context.redirect(home));
  addStats(app, ports);
  addCosts(app, ports);
  addSignIn(app, ports);
  addInvitation(app, ports);
  addAssets(app);
}

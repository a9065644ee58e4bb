/** What anyone may ask: signing in. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { SignInStore } from "../sign-in.ts";

export function signInRoutes(bind: Bind<SignInStore>): void {
  bind(endpoints.login, ({ store, body }) => store.login(body));
  bind(endpoints.acceptInvitation, ({ store, body }) => store.accept(body));
  bind(endpoints.signInWorkload, ({ store, body }) => store.workload(body));
}

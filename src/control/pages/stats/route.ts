/** The stats page. */
import type { Hono } from "hono";
import { home } from "../next.ts";
import { addOwnersPage } from "../owners-page.ts";
import type { PagePorts } from "../ports.ts";
import { statsPage } from "./page.ts";

export const addStats = (app: Hono, ports: PagePorts): void =>
  addOwnersPage(app, ports, home, async (_, who) => statsPage(await ports.stats(), who, ports.version));

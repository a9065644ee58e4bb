/** The costs page. */
import type { Hono } from "hono";
import { costsPath } from "../next.ts";
import { addOwnersPage } from "../owners-page.ts";
import type { PagePorts } from "../ports.ts";
import { chartDays } from "./days.ts";
import { costsPage } from "./page.ts";

/** `?days=90`; anything else is the shorter time. */
export const addCosts = (app: Hono, ports: PagePorts): void =>
  addOwnersPage(app, ports, costsPath, async (context, who) => {
    const days = chartDays.find((count) => String(count) === context.req.query("days")) ?? chartDays[0];
    return costsPage(await ports.costs(days), days, who, ports.version);
  });

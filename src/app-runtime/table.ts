/** The application's table, as `chartctl/app` promises it to handlers. */
export type { Item, Query, Table } from "../../types/app.d.ts";

export const defaultLimit = 1_000;

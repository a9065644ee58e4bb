/** Markup from hono's `html`, which escapes whatever is put into it. */
import type { html } from "hono/html";

export type Html = ReturnType<typeof html>;
/** What may stand in a place: nothing, text, or markup. */
export type Content = Html | string | number | null | Content[];

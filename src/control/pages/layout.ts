/** The document around every page. */
import { html } from "hono/html";
import { assets } from "./assets.ts";
import type { Html } from "./html.ts";

interface Layout {
  title: string;
  /** `page` is as wide as the window; `card` is one form or one message. */
  kind: "page" | "card";
  /** More of the document's head. */
  head?: Html;
  /** Beside the name of the product. */
  bar?: Html;
  version: string;
}

export const layout = ({ title, kind, head, bar, version }: Layout, main: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${title} · chartctl</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <link rel="icon" href="${assets.icon.path}" type="image/svg+xml">
    <link rel="stylesheet" href="${assets.style.path}">
    ${head}
  </head>
  <body class="${kind}">
    <header class="bar">
      <p class="brand"><img src="${assets.icon.path}" alt="" width="20" height="20">chartctl</p>
      ${bar}
    </header>
    ${main}
    <footer>chartctl ${version}</footer>
  </body>
</html>
`;

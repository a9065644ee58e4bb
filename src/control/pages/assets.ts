/** What pages load beside themselves. A name holds its content's hash, so a browser may keep it for a year. */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import costsScript from "./browser/costs.ts?bundled";
import invitationScript from "./browser/invitation.ts?bundled";
import statsScript from "./browser/stats.ts?bundled";
import icon from "./icon.svg?raw";
import style from "./style.css?bundled";

interface Asset {
  path: string;
  type: string;
  text: string;
}

const asset = (name: string, extension: string, type: string, text: string): Asset => {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return { path: `/assets/${name}-${hash}.${extension}`, type, text };
};

export const assets = {
  style: asset("style", "css", "text/css; charset=utf-8", style),
  icon: asset("icon", "svg", "image/svg+xml", icon),
  stats: asset("stats", "js", "text/javascript; charset=utf-8", statsScript),
  costs: asset("costs", "js", "text/javascript; charset=utf-8", costsScript),
  invitation: asset("invitation", "js", "text/javascript; charset=utf-8", invitationScript),
};

export function addAssets(app: Hono): void {
  for (const { path, type, text } of Object.values(assets)) {
    app.get(path, (context) =>
      context.body(text, 200, {
        "content-type": type,
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        // An icon opened by itself is a document, too.
        "content-security-policy": "default-src 'none'",
      }),
    );
  }
}

/** Opens a URL where the person looks. */
import { spawn } from "node:child_process";

/** The platform's own opener; a machine without a browser simply shows nothing. */
export function openBrowser(url: string): void {
  const [program, ...args] = process.platform === "darwin" ? ["open"] : process.platform === "win32" ? ["explorer.exe"] : ["xdg-open"];
  const child = spawn(program ?? "xdg-open", [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => {}); // the URL is printed, too
  child.unref();
}

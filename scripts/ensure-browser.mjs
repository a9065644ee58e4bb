/** A browser for the tests of pages: Debian's, when there is none and it may be installed; otherwise the command that does it. */
import { aptInstall, has } from "./apt.mjs";

const wanted = ["chromium", "chromium-browser", "google-chrome"];

if (!process.env.CHARTCTL_CHROMIUM && !wanted.some(has)) {
  aptInstall("chromium", "for the tests of pages");
  // Not fatal: the other tests can still say what they found.
  if (!wanted.some(has))
    console.error("There is no browser for the tests of pages. Install one: apt-get install chromium (or name it: CHARTCTL_CHROMIUM=PATH)");
}

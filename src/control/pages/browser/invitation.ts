/** Moves the invitation from the address into the form, and out of the browser's history. */

const field = document.querySelector<HTMLInputElement>("#invitation");
const paste = document.querySelector<HTMLElement>("#paste");

function take(): void {
  if (!field || !paste) return;
  const secret = location.hash.slice(1);
  if (secret !== "") {
    field.value = secret;
    history.replaceState(null, "", location.pathname);
  }
  paste.hidden = field.value !== "";
  if (paste.hidden) document.querySelector<HTMLInputElement>("#password")?.focus();
}

take();
// A second link that is opened in the same tab changes only what stands after the #.
addEventListener("hashchange", take);

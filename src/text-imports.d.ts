/** A file as it is; scripts/text-imports.mjs. */
declare module "*?raw" {
  const text: string;
  export default text;
}
/** A module and all that it imports, as one minified program. */
declare module "*?bundled" {
  const text: string;
  export default text;
}

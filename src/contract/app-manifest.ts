/** What a deployed application's function knows of its own files: written at build time, inside its zip. */

export interface ManifestFile {
  /** Of the object in the site bucket, or beside it in a preview: content decides it, so a release never changes another's. */
  key: string;
  /** `Content-Type`. */
  type: string;
  /** `Cache-Control`. */
  cache: string;
  /** SHA-256 of the file, hex. */
  hash: string;
  /** Bytes of the file itself, before gzip. */
  size: number;
  /** Stored compressed. */
  gzip: boolean;
}

export interface AppManifest {
  /** Names the build in every answer (`x-chartctl-build`), so that a check knows who answered. */
  build: string;
  /** True when the application has a handler for `/api/`. */
  api: boolean;
  /** The path that tells whether it works. */
  health: string;
  /** By path, NFC, without a leading slash. */
  files: Record<string, ManifestFile>;
}

/** The header of every answer that says which build gave it. */
export const buildHeader = "x-chartctl-build";

/** What an application has when its chartctl.json names none. */
export const defaultHealth = "/api/health";

/** Where the application's objects are in the project's bucket. */
export const objectPrefixes = { site: "site/", code: "code/" } as const;

/** The key of a function's zip, by its SHA-256 as Lambda says it (base64). */
export const codeKey = (codeSha256: string): string =>
  `${objectPrefixes.code}${Array.from(atob(codeSha256), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("")}.zip`;

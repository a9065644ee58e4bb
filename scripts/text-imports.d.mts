export declare const bundledOutputs: import("esbuild").Metafile["outputs"][string][];
export declare const textImports: import("esbuild").Plugin;
export declare const viteBundled: import("vite").Plugin;

/** Stands where the control API's random key will; AWS has nothing under it. */
export const previewKey = "xpreviewxx";

/** This machine's own addresses: what is sent there goes over no network. */
const own = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Of a URL's hostname. */
export const isLoopback = (hostname: string): boolean => own.test(hostname);

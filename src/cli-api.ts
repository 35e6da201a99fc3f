/** Calls the API of the platform that is found. */
export type Api = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;

/** How long a request waits in development. Vite itself stops waiting for a module after 60 s. Tests change `ms`. */
export const devWait = { ms: 20_000 }

/** What holds for every peer. Workflows import it too, so it imports nothing. */

export const lines = 60;

/** Dials of one call, the first one included. */
export const maxAttempts = 3;

/** Nobody is rung again sooner. */
export const redialWaitMs = 60_000;

/** The most events per minute that a quota can be: more is no limit to anything that runs here. */
export const quotaMax = 100_000_000;

/**
 * An emitter's own id of an event: 1 to 200 characters that can be seen, or spaces. What can't be
 * seen would make two ids that look the same.
 */
export const ownEventIdPattern = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u;

/** How many events may be published at once: more would hold up those that come one by one. */
export const batchMax = 500;

/** The largest published event in bytes, as JSON. */
export const publishedMax = 1_048_576;

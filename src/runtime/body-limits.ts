/** How deep a body may be, XML or JSON: deeper overflows the stack of whoever walks it; none comes near. */
export const depthMax = 64;

/**
 * How much may be parsed for a stranger: tags and texts of XML, `{`, `[` and `,` of JSON.
 *
 * Honest envelopes of Lark and WeCom have some thousands. 25 MiB hold millions, and parsing those
 * would stop every other request for seconds.
 */
export const tokensMax = 100_000;
